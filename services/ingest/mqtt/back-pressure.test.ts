import { afterEach, describe, expect, test } from '@jest/globals';
import type { Packet } from 'mqtt-packet';
import { type Harness, pause, type RawClient, startHarness, until } from './mqtt-harness.ts';

let hub: Harness;
afterEach(() => hub.close());

const burst = (client: RawClient, count: number, qos: 0 | 1 | 2 = 1) =>
  client.send(...Array.from({ length: count }, (_, index) => client.publish(index + 1, qos)));

describe('more messages than the log takes', () => {
  test('the socket is not read until there is room, and nothing is lost', async () => {
    hub = await startHarness({ receiveMaximum: 4, unansweredMax: 5 });
    hub.application.holds = true;
    const client = await hub.rawConnected();
    burst(client, 12);
    await pause(60);
    expect(hub.application.texts()).toEqual(['1', '2', '3', '4', '5']);
    for (let answered = 0; answered < 12; answered += 1) {
      await until(() => hub.application.published.length > answered);
      hub.application.published[answered]!.resolve({ outcome: 'recorded', position: '1' });
    }
    await client.heard('puback', 12);
    expect(client.ids('puback')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test('bytes count as well as messages', async () => {
    hub = await startHarness({ packetBytesMax: 200_000, unansweredBytesMax: 250_000 });
    hub.application.holds = true;
    const client = await hub.rawConnected();
    const packet = client.publish(1, 0);
    for (let count = 0; count < 5; count += 1)
      client.send({ ...packet, payload: Buffer.alloc(100_000) } as typeof packet);
    await pause(80);
    expect(hub.application.published).toHaveLength(3);
  });

  test('silence while the endpoint does not read is not held against the client', async () => {
    hub = await startHarness({ receiveMaximum: 1, unansweredMax: 2 });
    hub.application.holds = true;
    const client = await hub.rawConnected({ keepalive: 1 });
    burst(client, 2);
    await pause(1_900);
    expect(hub.server.connectionCount).toBe(1);
    for (const { resolve } of hub.application.published) resolve({ outcome: 'recorded', position: '1' });
    await client.heard('puback', 2);
  });

  test('in MQTT 5 a client that exceeds its receive maximum is disconnected by 0x93', async () => {
    hub = await startHarness({ receiveMaximum: 4, unansweredMax: 10 });
    hub.application.holds = true;
    const client = await hub.rawConnected({ protocolVersion: 5 });
    expect((await client.heard('connack')).properties?.receiveMaximum).toBe(4);
    burst(client, 4);
    await pause(30);
    expect(client.all('disconnect')).toEqual([]);
    client.send(client.publish(5));
    expect((await client.heard('disconnect')).reasonCode).toBe(0x93);
    expect(hub.application.published).toHaveLength(4);
    expect(hub.application.rejections.map(({ code }) => code)).toEqual(['receive-maximum-exceeded']);
  });

  test('QoS 2 counts against the receive maximum until PUBREL', async () => {
    hub = await startHarness({ receiveMaximum: 2, unansweredMax: 10 });
    const client = await hub.rawConnected({ protocolVersion: 5 });
    burst(client, 2, 2);
    await client.heard('pubrec', 2);
    client.send({ cmd: 'pubrel', messageId: 1, reasonCode: 0 }, client.publish(3, 2));
    await client.heard('pubrec', 3);
    client.send(client.publish(4, 2));
    expect((await client.heard('disconnect')).reasonCode).toBe(0x93);
  });

  test('in 3.1.1 ids that wait for PUBREL are bounded too', async () => {
    hub = await startHarness({ receiveMaximum: 2, unansweredMax: 10, awaitingReleaseMax: 3 });
    const client = await hub.rawConnected();
    burst(client, 4, 2);
    await client.ended();
    expect(hub.application.published).toHaveLength(3);
  });
});

describe('more messages over all connections than may wait for the log', () => {
  const answer = (from: number): number => {
    const { published } = hub.application;
    for (const { resolve } of published.slice(from)) resolve({ outcome: 'recorded', position: '1' });
    return published.length;
  };

  test('none is read until there is room, then each client in its turn, and nothing is lost', async () => {
    hub = await startHarness({ receiveMaximum: 3, unansweredMax: 4, unansweredInAllMax: 4 });
    hub.application.holds = true;
    const clients = [];
    for (const name of ['a', 'b', 'c']) {
      const client = await hub.rawConnected({ clientId: name, username: name });
      clients.push(client);
      burst(client, 6);
      await pause(20);
    }
    const bringers = (): string[] => hub.application.published.map(({ principal: { id } }) => id);
    expect(bringers()).toEqual(['a', 'a', 'a', 'a']);
    for (let answered = 0; answered < 18; ) {
      await until(() => hub.application.published.length > answered);
      expect(hub.application.published.length - answered).toBeLessThanOrEqual(4);
      answered = answer(answered);
    }
    // The first comes again after the others.
    expect(bringers().slice(4, 10)).toEqual(['b', 'b', 'b', 'b', 'c', 'c']);
    for (const client of clients) {
      await client.heard('puback', 6);
      expect(client.ids('puback')).toEqual([1, 2, 3, 4, 5, 6]);
    }
  });

  test('bytes count as well, pings and acknowledgements go on', async () => {
    hub = await startHarness({
      ...{ connectPacketBytesMax: 1_000, packetBytesMax: 1_000, unansweredBytesMax: 1_000 },
      unansweredBytesInAllMax: 1_000,
    });
    hub.application.holds = true;
    const talker = await hub.rawConnected();
    talker.send({ ...talker.publish(1), payload: Buffer.alloc(970) } as Packet, talker.publish(2));
    const listener = await hub.rawConnected({ clientId: 'listener', username: 'gate-2' });
    listener.send({ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic: 'told', qos: 1 }] });
    await listener.heard('suback');
    talker.send({ ...talker.publish(3), payload: Buffer.alloc(970) } as Packet);
    await until(() => hub.application.published.length === 3);
    hub.server.deliver('told', 'x', { qos: 1 });
    const { messageId } = await listener.heard('publish');
    listener.send({ cmd: 'puback', messageId: messageId! }, { cmd: 'pingreq' });
    await listener.heard('pingresp');
    listener.send(listener.publish(4), { cmd: 'pingreq' });
    await pause(60);
    expect(hub.application.published).toHaveLength(3);
    answer(0);
    await until(() => hub.application.published.length === 4);
    await listener.heard('pingresp', 2);
  });

  test('a client that goes while it waits is forgotten', async () => {
    hub = await startHarness({ receiveMaximum: 1, unansweredMax: 2, unansweredInAllMax: 2 });
    hub.application.holds = true;
    const [full, gone] = [await hub.rawConnected(), await hub.rawConnected({ clientId: 'gone', username: 'gate-2' })];
    burst(full, 2);
    await until(() => hub.application.published.length === 2);
    burst(gone, 2);
    await pause(30);
    gone.socket.destroy();
    await pause(30);
    answer(0);
    await full.heard('puback', 2);
    burst(full, 2);
    await until(() => hub.application.published.length >= 4);
    answer(2);
    await full.heard('puback', 4);
  });
});

describe('a packet too large', () => {
  test('is refused by its header, without being read, and told with topic and size', async () => {
    hub = await startHarness({ packetBytesMax: 200_000 });
    const client = await hub.rawConnected({ protocolVersion: 5 });
    const payload = Buffer.alloc(5_000_000);
    client.send({ ...client.publish(1), payload } as Parameters<RawClient['send']>[0]);
    expect((await client.heard('disconnect')).reasonCode).toBe(0x95);
    await client.ended();
    expect(hub.application.published).toEqual([]);
    expect(hub.application.rejections).toMatchObject([
      { code: 'packet-too-large', topic: 'xy/v1/c/gate-1/events', principal: { id: 'gate-1' } },
    ]);
    expect(hub.application.rejections[0]!.sizeBytes).toBeGreaterThan(5_000_000);
  });

  test('before the handshake the bound is smaller', async () => {
    hub = await startHarness({ connectPacketBytesMax: 1_000 });
    const client = await hub.raw();
    client.connect({ will: { topic: 't', payload: Buffer.alloc(2_000) } });
    await client.ended();
    expect(hub.application.rejections.map(({ code }) => code)).toEqual(['packet-too-large']);
  });
});
