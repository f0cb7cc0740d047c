import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { generate } from 'mqtt-packet';
import { type Harness, pause, startHarness, until } from './mqtt-harness.ts';

let hub: Harness;
beforeEach(async () => {
  hub = await startHarness();
});
afterEach(() => hub.close());

/** The hub still lets a client in and takes its message. */
const stillServes = async (): Promise<void> => {
  const client = await hub.rawConnected({ clientId: 'witness', username: 'witness' });
  client.send(client.publish(1));
  expect((await client.heard('puback')).messageId).toBe(1);
  client.socket.destroy();
};
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

describe('strangers on the port', () => {
  test.each([
    ['HTTP', Buffer.from(`GET / HTTP/1.1\r\nHost: localhost:1883\r\nUser-Agent: ${'x'.repeat(80)}\r\n\r\n`)],
    ['TLS', bytes('16 03 01 02 00 01 00 01 fc 03 03')],
    ['a PUBLISH before CONNECT', bytes('30 04 00 01 61 62')],
    ['another protocol name', bytes('10 0c 00 04 4d 51 54 58 04 02 00 00 00 00')],
  ])('%s is closed as not MQTT', async (_name, said) => {
    const client = await hub.raw();
    client.socket.write(said);
    await client.ended();
    expect(hub.application.rejections.map(({ code }) => code)).toEqual(['not-mqtt']);
    await stillServes();
  });

  test.each([
    ['the reserved connect flag', '10 0d 00 04 4d 51 54 54 04 03 00 00 00 01 61'],
    ['a CONNECT cut short', '10 0a 00 04 4d 51 54 54 04 02 00 00'],
    ['a password without a user name', '10 10 00 04 4d 51 54 54 04 42 00 00 00 01 61 00 01 61'],
    ['a will with wildcards', '10 13 00 04 4d 51 54 54 04 06 00 00 00 01 61 00 01 23 00 01 61'],
    ['a will of QoS 3', '10 13 00 04 4d 51 54 54 04 1e 00 00 00 01 61 00 01 61 00 01 61'],
  ])('%s is closed without a CONNACK in 3.1.1', async (_name, hex) => {
    const client = await hub.raw();
    client.socket.write(bytes(hex));
    await client.ended();
    expect(client.heardPackets).toEqual([]);
    expect(hub.application.rejections).toHaveLength(1);
  });

  test('a malformed CONNECT of MQTT 5 is told so', async () => {
    const client = await hub.raw();
    client.socket.write(bytes('10 0e 00 04 4d 51 54 54 05 03 00 00 00 00 01 61'));
    client.protocolVersion = 5;
    await client.ended();
    expect(hub.application.rejections.map(({ code }) => code)).toEqual(['malformed-packet']);
  });
});

describe('a client that breaks the protocol', () => {
  test.each([
    ['a wildcard in the topic', '32 06 00 01 23 00 01 00', 0x90],
    ['an empty topic', '30 04 00 00 00 61', 0x90],
    ['packet identifier 0', '32 06 00 01 61 00 00 00', 0x82],
    ['QoS 3', '36 06 00 01 61 00 01 00', 0x81],
    ['DUP with QoS 0', '38 04 00 01 61 00', 0x81],
    ['a topic longer than the packet', '30 04 00 ff 61 00', 0x81],
    ['a topic that is no UTF-8', '30 05 00 02 c3 28 00', 0x81],
    ['the topic alias 0 [MQTT-3.3.2-8]', '30 08 00 01 61 03 23 00 00 78', 0x94],
    ['a topic alias above the maximum [MQTT-3.3.2-9]', '30 08 00 01 61 03 23 00 21 78', 0x94],
    ['a topic alias that stands for nothing', '30 07 00 00 03 23 00 01 78', 0x82],
    ['a property cut short', '30 06 00 01 61 02 23 00', 0x81],
    ['a property twice', '30 0c 00 01 61 08 03 00 01 78 03 00 01 78', 0x82],
    ['an unknown property', '30 06 00 01 61 02 7f 00', 0x81],
    ['a remaining length of five bytes', '30 ff ff ff ff 01', 0x81],
    ['wrong flags of SUBSCRIBE', '80 07 00 01 00 00 01 61 00', 0x81],
    ['SUBSCRIBE without a filter', '82 03 00 01 00', 0x82],
    ['SUBSCRIBE of QoS 3', '82 07 00 01 00 00 01 61 03', 0x81],
    ['PUBREL without an identifier', '62 00', 0x81],
    ['AUTH', 'f0 02 00 00', 0x82],
    ['packet type 0', '00 00', 0x81],
  ])('%s is answered by DISCONNECT', async (_name, hex, reasonCode) => {
    const client = await hub.rawConnected({ protocolVersion: 5 });
    client.socket.write(bytes(hex));
    const disconnect = await client.heard('disconnect');
    expect([hex, disconnect.reasonCode]).toEqual([hex, reasonCode]);
    await client.ended();
    expect(hub.application.published).toEqual([]);
    expect(hub.application.rejections).toMatchObject([{ principal: { id: 'gate-1' } }]);
    expect(hub.failures).toEqual([]);
  });

  test('in 3.1.1 is just closed', async () => {
    const client = await hub.rawConnected();
    client.socket.write(bytes('32 05 00 01 23 00 01'));
    await client.ended();
    expect(client.heardPackets.map(({ cmd }) => cmd)).toEqual(['connack']);
  });

  test('what it said before is taken, what it says after is not', async () => {
    const client = await hub.rawConnected();
    const [good, late] = [client.publish(1), client.publish(2)].map((packet) => generate(packet));
    client.socket.write(Buffer.concat([good!, bytes('00 00'), late!]));
    await client.ended();
    expect(hub.application.texts()).toEqual(['1']);
  });
});

describe('noise', () => {
  test('a byte at a time is understood', async () => {
    const client = await hub.rawConnected();
    for (const byte of generate(client.publish(7))) {
      client.socket.write(Buffer.from([byte]));
      await pause(1);
    }
    expect((await client.heard('puback')).messageId).toBe(7);
  });

  test('random and mutilated packets never harm anybody else', async () => {
    const client = await hub.rawConnected();
    const good = generate(
      { ...client.publish(3), properties: { contentType: 'a/b', userProperties: { a: 'b' } } } as Parameters<
        typeof generate
      >[0],
      { protocolVersion: 5 },
    );
    const mutilated = fc
      .tuple(fc.nat(good.length - 1), fc.nat(255))
      .map(([at, value]) => Buffer.from(good.map((byte, index) => (index === at ? value : byte))));
    const random = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((noise) => Buffer.from(noise));
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutilated, random), fc.boolean(), async (noise, letIn) => {
        const sender = letIn
          ? await hub.rawConnected({ protocolVersion: 5, clientId: 'noise', username: 'noise' })
          : await hub.raw();
        sender.socket.end(noise);
        await sender.ended();
      }),
      { numRuns: 150 },
    );
    await until(() => hub.server.connectionCount === 1);
    await stillServes();
    expect(hub.failures).toEqual([]);
  });
});
