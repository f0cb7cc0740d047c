import { type IPublishPacket, parser } from 'mqtt-packet';
import { createLatencyHistogram } from './latency-histogram.ts';
import { createPacketReader } from './packet-reader.ts';
import { connectPacket, countMark, publishTemplate, setTime, timeMark, writePublish } from './packet-writer.ts';

const parsed = (bytes: Buffer, protocolVersion: 4 | 5): object[] => {
  const packets: object[] = [];
  const reader = parser({ protocolVersion });
  reader.on('packet', (packet) => packets.push(packet));
  reader.parse(bytes);
  return packets;
};

describe.each([4, 5] as const)('version %i', (mqttVersion) => {
  test('messages are what a parser reads, each with its own id, number and time', () => {
    const payload = JSON.stringify({ time: timeMark, id: `g-${countMark}`, text: '.'.repeat(200) });
    const template = publishTemplate({ topic: 'xy/v1/yuan/gate/events', payload }, mqttVersion);
    setTime(template, '2026-03-01T08:00:00.123Z');
    const bytes = Buffer.alloc(template.bytes.length * 2);
    expect(writePublish(template, bytes, writePublish(template, bytes, 0, 7, 41), 300, 123_456)).toBe(bytes.length);
    const packets = parsed(bytes, mqttVersion) as IPublishPacket[];
    expect(packets).toMatchObject(
      [7, 300].map((messageId) => ({ messageId, qos: 1, topic: 'xy/v1/yuan/gate/events' })),
    );
    expect(packets.map((packet) => JSON.parse(String(packet.payload)) as unknown)).toMatchObject([
      { id: 'g-000000041', time: '2026-03-01T08:00:00.123Z' },
      { id: 'g-000123456', time: '2026-03-01T08:00:00.123Z' },
    ]);
  });

  test('the CONNECT asks for a clean session', () => {
    const options = { clientId: 'gate', username: 'gate', password: 'secret', mqttVersion, keepaliveSeconds: 60 };
    expect(parsed(connectPacket(options), mqttVersion)).toMatchObject([
      { cmd: 'connect', clientId: 'gate', username: 'gate', keepalive: 60, clean: true, protocolVersion: mqttVersion },
    ]);
  });
});

test('acknowledgements are read however the bytes are cut, with the reason code where there is one', () => {
  const longProperties = Buffer.concat([Buffer.from([0x40, 0x84, 0x01, 0, 3, 0x97, 0x80, 0x01]), Buffer.alloc(127)]);
  const bytes = Buffer.concat([
    Buffer.from([0x20, 3, 0, 0, 0]),
    Buffer.from([0x40, 2, 0, 1]),
    Buffer.from([0x40, 4, 1, 2, 0x10, 0]),
    longProperties.subarray(0, 3 + 132),
    Buffer.from([0xd0, 0]),
    Buffer.from([0x40, 3, 0, 4, 0x87]),
  ]);
  for (let size = 1; size <= bytes.length; size += 1) {
    const heard: unknown[] = [];
    const read = createPacketReader({
      connected: (code) => void heard.push(['connected', code]),
      acknowledged: (packetId, code) => void heard.push([packetId, code]),
    });
    for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
    expect(heard).toEqual([
      ['connected', 0],
      [1, 0],
      [258, 0x10],
      [3, 0x97],
      [4, 0x87],
    ]);
  }
});

test('quantiles are of what was added, and the longest is told as it is', () => {
  const histogram = createLatencyHistogram();
  for (let ms = 1; ms <= 100; ms += 1) histogram.add(ms);
  histogram.add(20_000);
  const { p50Ms, p99Ms, maxMs, count } = histogram.summary();
  expect([Math.round(p50Ms), Math.round(p99Ms), maxMs, count]).toEqual([51, 100, 20_000, 101]);
});
