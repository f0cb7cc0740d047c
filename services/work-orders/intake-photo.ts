import { Refusal } from '../event-log/decider.ts';
import { type Photo, photoOf } from './photos.ts';

/** A phone's photo tells where and with which phone it was taken; of all that only the way up is kept. */

const broken = (): never => {
  throw new Refusal('work-order.not-a-photo', 'the photo is damaged', { field: 'photo' });
};

const orientationTag = 0x0112;

/** Which way up, from a TIFF block (Exif 2.32, 4.6.4 A); 1, upright, where it can't be told. */
const orientationIn = (tiff: Buffer): number => {
  if (tiff.length < 14) return 1;
  const order = tiff.toString('latin1', 0, 2);
  if (order !== 'II' && order !== 'MM') return 1;
  const u16 = (at: number): number => (order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = order === 'II' ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (directory + 2 > tiff.length) return 1;
  const entries = u16(directory);
  for (let at = directory + 2; at < directory + 2 + entries * 12 && at + 12 <= tiff.length; at += 12) {
    if (u16(at) !== orientationTag) continue;
    const way = u16(at + 8);
    return way >= 1 && way <= 8 ? way : 1;
  }
  return 1;
};

/** A TIFF block that says which way up and nothing else. */
const tiffWith = (orientation: number): Buffer => {
  const tiff = Buffer.alloc(26);
  tiff.write('MM\0*', 'latin1');
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(1, 8);
  tiff.writeUInt16BE(orientationTag, 10);
  tiff.writeUInt16BE(3, 12);
  tiff.writeUInt32BE(1, 14);
  tiff.writeUInt16BE(orientation, 18);
  return tiff;
};

const exifMark = 'Exif\0\0';
/** JFIF, and Adobe's, without which a decoder guesses the colours (ITU-T T.81, B.2.4.6; T.872, 6.5.3). */
const keptApplication: readonly number[] = [0xe0, 0xee];
const startOfScan = 0xda;
const endOfImage = 0xd9;

interface Segment {
  marker: number;
  from: number;
  to: number;
}

/** The segments before the first scan; the last one is the start of scan. */
function* headerSegments(bytes: Buffer): Generator<Segment> {
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) broken();
    const marker = bytes[at + 1]!;
    // Fill bytes (T.81, B.1.1.2).
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const to = at + 2 + bytes.readUInt16BE(at + 2);
    if (to > bytes.length || to < at + 4) broken();
    yield { marker, from: at, to };
    if (marker === startOfScan) return;
    at = to;
  }
  broken();
}

/** Up to the end of the image: some phones hang a film behind it. Tables and comments stand between scans too. */
const scansFrom = (bytes: Buffer, start: number): Buffer[] => {
  const kept: Buffer[] = [];
  let at = start;
  while (at + 1 < bytes.length) {
    const mark = bytes.indexOf(0xff, at);
    if (mark < 0 || mark + 1 >= bytes.length) break;
    const marker = bytes[mark + 1]!;
    if (marker === endOfImage) return [...kept, bytes.subarray(at, mark + 2)];
    const isEntropyCoded = marker === 0 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd7);
    if (isEntropyCoded) {
      kept.push(bytes.subarray(at, mark + (marker === 0xff ? 1 : 2)));
      at = mark + (marker === 0xff ? 1 : 2);
      continue;
    }
    kept.push(bytes.subarray(at, mark));
    if (mark + 4 > bytes.length) break;
    const to = mark + 2 + bytes.readUInt16BE(mark + 2);
    if (to > bytes.length) break;
    const isWords = marker === 0xfe || (marker >= 0xe0 && marker <= 0xef);
    if (!isWords) kept.push(bytes.subarray(mark, to));
    at = to;
  }
  return broken();
};

const strippedJpeg = (bytes: Buffer): Buffer => {
  let orientation = 1;
  const kept: Buffer[] = [];
  let scanAt = 0;
  for (const { marker, from, to } of headerSegments(bytes)) {
    if (marker === 0xe1 && bytes.toString('latin1', from + 4, from + 10) === exifMark) {
      orientation = orientationIn(bytes.subarray(from + 10, to));
    }
    const isWords = marker === 0xfe || (marker >= 0xe0 && marker <= 0xef && !keptApplication.includes(marker));
    if (!isWords) kept.push(bytes.subarray(from, to));
    scanAt = to;
  }
  const head = [bytes.subarray(0, 2)];
  if (orientation !== 1) {
    const data = Buffer.concat([Buffer.from(exifMark, 'latin1'), tiffWith(orientation)]);
    const segment = Buffer.from([0xff, 0xe1, 0, 0]);
    segment.writeUInt16BE(data.length + 2, 2);
    head.push(segment, data);
  }
  return Buffer.concat([...head, ...kept, ...scansFrom(bytes, scanAt)]);
};

/** Critical chunks, and those that change how the picture looks (W3C PNG, 11). */
const keptChunks: readonly string[] = ['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'sBIT', 'bKGD'];

const strippedPng = (bytes: Buffer): Buffer => {
  const kept = [bytes.subarray(0, 8)];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const to = at + 12 + bytes.readUInt32BE(at);
    if (to > bytes.length) break;
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (keptChunks.includes(type)) kept.push(bytes.subarray(at, to));
    if (type === 'IEND') return Buffer.concat(kept);
    at = to;
  }
  return broken();
};

const webpWords: readonly string[] = ['EXIF', 'XMP '];
/** The flags of Exif and XMP in a VP8X chunk (WebP container, extended file format). */
const webpWordFlags = 0b0000_1100;

const strippedWebp = (bytes: Buffer): Buffer => {
  const end = Math.min(bytes.length, 8 + bytes.readUInt32LE(4));
  const kept: Buffer[] = [];
  for (let at = 12; at + 8 <= end; ) {
    const sizeBytes = bytes.readUInt32LE(at + 4);
    const to = at + 8 + sizeBytes + (sizeBytes % 2);
    if (at + 8 + sizeBytes > end) broken();
    const type = bytes.toString('latin1', at, at + 4);
    const chunk = Buffer.from(bytes.subarray(at, Math.min(to, end)));
    if (type === 'VP8X' && sizeBytes > 0) chunk[8]! &= ~webpWordFlags;
    if (!webpWords.includes(type)) kept.push(chunk);
    at = to;
  }
  if (kept.length === 0) broken();
  const body = Buffer.concat(kept);
  const head = Buffer.from(bytes.subarray(0, 12));
  head.writeUInt32LE(body.length + 4, 4);
  return Buffer.concat([head, body]);
};

const strip = { 'image/jpeg': strippedJpeg, 'image/png': strippedPng, 'image/webp': strippedWebp };

/** A resident's photo without what it tells beside the picture. Throws a `Refusal` for what is no photo. */
export const residentPhoto = (bytes: Buffer): Photo => {
  const { mediaType } = photoOf(bytes);
  return photoOf(strip[mediaType](bytes));
};
