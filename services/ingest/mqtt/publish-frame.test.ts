import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { generate, type IPublishPacket, type Packet, parser } from 'mqtt-packet';
import { readPlainPublish } from './publish-frame.ts';

const parsed = (frame: Buffer, protocolVersion: number): Packet | undefined => {
  const found: Packet[] = [];
  const reader = parser({ protocolVersion });
  reader.on('packet', (packet) => found.push(packet));
  reader.on('error', () => undefined);
  reader.parse(frame);
  return found[0];
};
const plain = (packet: Packet | undefined) => {
  const { topic, payload, qos, dup, retain, messageId } = packet as IPublishPacket;
  return { topic, payload: payload.toString('hex'), qos, dup, retain, messageId };
};

const publish = fc.record({
  topic: fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
  payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  dup: fc.boolean(),
  retain: fc.boolean(),
  messageId: fc.integer({ min: 1, max: 65_535 }),
});

describe('the fast reader of PUBLISH', () => {
  test.each([4, 5])('reads what mqtt-packet reads, protocol level %d', (protocolVersion) => {
    fc.assert(
      fc.property(publish, (fields) => {
        const frame = generate({ cmd: 'publish', ...fields }, { protocolVersion });
        expect(plain(readPlainPublish(frame, protocolVersion))).toEqual(plain(parsed(frame, protocolVersion)));
      }),
    );
  });

  test('leaves properties, other packets and what is cut short to mqtt-packet', () => {
    const properties = { contentType: 'text/plain' };
    const fields = {
      cmd: 'publish',
      topic: 't',
      payload: 'p',
      qos: 1,
      messageId: 1,
      dup: false,
      retain: false,
    } as const;
    expect(readPlainPublish(generate({ ...fields, properties }, { protocolVersion: 5 }), 5)).toBeUndefined();
    expect(readPlainPublish(generate({ cmd: 'pingreq' }), 4)).toBeUndefined();
    for (const short of [
      [0x30, 0],
      [0x30, 1, 0],
      [0x30, 3, 0, 9, 1],
      [0x32, 4, 0, 1, 97, 0],
      [0x36, 5, 0, 1, 97, 0, 1],
    ]) {
      expect(readPlainPublish(Buffer.from(short), 4)).toBeUndefined();
    }
    expect(readPlainPublish(Buffer.from([0x30, 3, 0, 1, 97]), 5)).toBeUndefined();
  });
});
