import { describe, expect, test } from '@jest/globals';
import { residentPhoto } from './intake-photo.ts';

const text = (words: string): Buffer => Buffer.from(words, 'latin1');
const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const segment = (marker: number, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0xff, marker]), u16(data.length + 2), data]);

/** A TIFF block with the way up and a maker's words. */
const tiff = (orientation: number, order: 'II' | 'MM' = 'II'): Buffer => {
  const block = Buffer.alloc(60);
  const put16 = (value: number, at: number) =>
    order === 'II' ? block.writeUInt16LE(value, at) : block.writeUInt16BE(value, at);
  const put32 = (value: number, at: number) =>
    order === 'II' ? block.writeUInt32LE(value, at) : block.writeUInt32BE(value, at);
  block.write(order, 'latin1');
  put16(42, 2);
  put32(8, 4);
  put16(1, 8);
  put16(0x0112, 10);
  put16(3, 12);
  put32(1, 14);
  put16(orientation, 18);
  block.write('GPS 37.5 122.1', 30, 'latin1');
  return block;
};

const scan = Buffer.concat([segment(0xda, Buffer.alloc(10)), Buffer.from([1, 2, 0xff, 0, 3, 0xff, 0xd0, 4])]);
const jpeg = (...segments: Buffer[]): Buffer =>
  Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, text('JFIF\0\x01\x01')),
    ...segments,
    segment(0xdb, Buffer.alloc(65)),
    scan,
    Buffer.from([0xff, 0xd9]),
  ]);
const exif = (orientation: number, order?: 'II' | 'MM'): Buffer =>
  segment(0xe1, Buffer.concat([text('Exif\0\0'), tiff(orientation, order)]));

describe('a JPEG', () => {
  test('loses what it tells beside the picture', () => {
    const told = jpeg(exif(1), segment(0xe1, text('http://ns.adobe.com/xap/1.0/ Wang')), segment(0xfe, text('Wang')));
    expect(residentPhoto(told).bytes).toEqual(jpeg());
  });

  test.each(['II', 'MM'] as const)('keeps its way up (%s) and nothing else', (order) => {
    const { bytes } = residentPhoto(jpeg(exif(6, order)));
    expect(bytes.includes('GPS')).toBe(false);
    expect(bytes.subarray(2, 4)).toEqual(Buffer.from([0xff, 0xe1]));
    // Read as it was written: stripping once more changes nothing.
    expect(residentPhoto(bytes).bytes).toEqual(bytes);
    expect(bytes.length).toBe(jpeg().length + 36);
  });

  test('ends with its image: the film behind it goes', () => {
    expect(residentPhoto(Buffer.concat([jpeg(), text('ftypmp42 film')])).bytes).toEqual(jpeg());
  });

  test('with a comment between its scans loses that too', () => {
    const twice = (between: Buffer): Buffer =>
      Buffer.concat([jpeg().subarray(0, -2), between, scan, Buffer.from([0xff, 0xd9])]);
    expect(residentPhoto(twice(segment(0xfe, text('Wang')))).bytes).toEqual(twice(Buffer.alloc(0)));
  });

  test.each([
    ['cut off in its scan', jpeg().subarray(0, -3)],
    ['cut off in its head', jpeg(exif(6)).subarray(0, 40)],
    [
      'a segment that is too long',
      Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff]), Buffer.alloc(20)]),
    ],
    ['text', text('<svg onload="alert(1)"></svg>')],
  ])('%s is refused', (_, bytes) => {
    expect(() => residentPhoto(bytes)).toThrow(expect.objectContaining({ code: 'work-order.not-a-photo' }));
  });
});

test('a PNG loses its texts, its Exif and what hangs behind it', () => {
  const chunk = (type: string, data: Buffer): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(data.length);
    return Buffer.concat([head, text(type), data, Buffer.alloc(4)]);
  };
  const png = (...chunks: Buffer[]): Buffer =>
    Buffer.concat([
      text('\x89PNG\r\n\x1a\n'),
      chunk('IHDR', Buffer.alloc(13)),
      ...chunks,
      chunk('IDAT', Buffer.from([1, 2, 3])),
      chunk('IEND', Buffer.alloc(0)),
    ]);
  const told = png(chunk('tEXt', text('Author\0Wang')), chunk('eXIf', tiff(1)), chunk('gAMA', Buffer.alloc(4)));
  expect(residentPhoto(Buffer.concat([told, text('more')])).bytes).toEqual(png(chunk('gAMA', Buffer.alloc(4))));
  expect(() => residentPhoto(png().subarray(0, -3))).toThrow('damaged');
});

test('a WebP loses Exif and XMP, and the flags that announce them', () => {
  const chunk = (type: string, data: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.write(type, 'latin1');
    head.writeUInt32LE(data.length, 4);
    return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
  };
  const webp = (...chunks: Buffer[]): Buffer => {
    const body = Buffer.concat(chunks);
    const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
    head.writeUInt32LE(body.length + 4, 4);
    return Buffer.concat([head, body]);
  };
  const extended = (flags: number): Buffer => chunk('VP8X', Buffer.from([flags, 0, 0, 0, 1, 0, 0, 1, 0, 0]));
  const picture = chunk('VP8 ', Buffer.from([1, 2, 3]));
  const told = webp(extended(0b0001_1100), picture, chunk('EXIF', tiff(1)), chunk('XMP ', text('Wang')));
  expect(residentPhoto(told).bytes).toEqual(webp(extended(0b0001_0000), picture));
});
