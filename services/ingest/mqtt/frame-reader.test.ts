import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { generate, type IPublishPacket } from 'mqtt-packet';
import { FrameReader, FrameRefused } from './frame-reader.ts';

const packetOf = (bytes: number): Buffer => {
  const packet: IPublishPacket = {
    cmd: 'publish',
    topic: 't',
    payload: Buffer.alloc(bytes, 1),
    qos: 0,
    dup: false,
    retain: false,
  };
  return generate(packet);
};
const drain = (reader: FrameReader): Buffer[] => {
  const frames: Buffer[] = [];
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(Buffer.from(frame));
  return frames;
};

describe('the frame reader', () => {
  test('finds the same packets however the stream is cut', () => {
    const sizes = fc.array(fc.oneof(fc.nat(20), fc.integer({ min: 120, max: 140 }), fc.nat(20_000)), { maxLength: 6 });
    fc.assert(
      fc.property(sizes, fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1 }), (payloads, cuts) => {
        const packets = payloads.map(packetOf);
        const stream = Buffer.concat(packets);
        const reader = new FrameReader(1_000_000);
        const found: Buffer[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = cuts[turn % cuts.length]!;
          reader.push(stream.subarray(at, at + size));
          found.push(...drain(reader));
          at += size;
        }
        expect(found).toEqual(packets);
      }),
    );
  });

  test('keeps what is pushed while nobody takes it', () => {
    const packets = [packetOf(10), packetOf(9_000), packetOf(10)];
    const stream = Buffer.concat(packets);
    const reader = new FrameReader(1_000_000);
    reader.push(stream.subarray(0, 100));
    expect(drain(reader)).toEqual([packets[0]]);
    reader.push(stream.subarray(100, 9_010));
    reader.push(stream.subarray(9_010, 9_030));
    reader.push(stream.subarray(9_030));
    expect(drain(reader)).toEqual(packets.slice(1));
  });

  test('refuses by the header alone', () => {
    const reader = new FrameReader(1_000);
    reader.push(packetOf(2_000).subarray(0, 8));
    const refused = (): unknown => reader.next();
    expect(refused).toThrow(FrameRefused);
    expect(refused).toThrow(/at most 1000/);
    try {
      reader.next();
    } catch (error) {
      expect(error).toMatchObject({ code: 'packet-too-large', sizeBytes: 2_006, topic: 't' });
    }
  });

  test('takes memory for what has come, not for what is announced', () => {
    const reader = new FrameReader(300_000_000);
    const before = process.memoryUsage().arrayBuffers;
    reader.push(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1]));
    expect(reader.next()).toBeUndefined();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });
});
