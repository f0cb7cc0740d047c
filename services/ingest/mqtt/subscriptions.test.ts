import { afterEach, describe, expect, test } from '@jest/globals';
import mqtt from 'mqtt';
import { type Harness, pause, type RawClient, startHarness, until } from './mqtt-harness.ts';

const commands = 'xy/v1/c/gate-1/commands';
let hub: Harness;
afterEach(() => hub.close());

const subscribe = async (client: RawClient, ...filters: string[]) => {
  const { length } = client.all('suback');
  client.send({
    cmd: 'subscribe',
    messageId: length + 1,
    subscriptions: filters.map((topic) => ({ topic, qos: 2 })),
  });
  return (await client.heard('suback', length + 1)).granted;
};
const payloads = (client: RawClient) => client.all('publish').map(({ payload }) => payload.toString());

describe('SUBSCRIBE', () => {
  test('MQTT.js hears what the hub says on its topic, and nothing else', async () => {
    hub = await startHarness();
    const client = await mqtt.connectAsync(hub.url, { username: 'gate-1', password: 'right', reconnectPeriod: 0 });
    const heard: string[] = [];
    client.on('message', (topic, payload) => heard.push(`${topic} ${payload.toString()}`));
    expect(await client.subscribeAsync(commands, { qos: 1 })).toMatchObject([{ topic: commands, qos: 1 }]);
    expect(hub.server.deliver(commands, 'open', { qos: 1 })).toBe(1);
    expect(hub.server.deliver('xy/v1/c/gate-2/commands', 'open', { qos: 1 })).toBe(0);
    await until(() => heard.length === 1);
    expect(heard).toEqual([`${commands} open`]);
    await client.unsubscribeAsync(commands);
    expect(hub.server.deliver(commands, 'open', { qos: 1 })).toBe(0);
    await client.endAsync();
  });

  test('is answered filter by filter', async () => {
    hub = await startHarness({ subscriptionsMax: 2 });
    hub.application.allowed = (filter) => filter !== 'secret';
    const filters = [commands, 'secret', 'a/#/b', '$share/g/a', 'a/+', 'b'];
    const five = await hub.rawConnected({ protocolVersion: 5 });
    expect(await subscribe(five, ...filters)).toEqual([1, 0x87, 0x8f, 0x9e, 1, 0x97]);
    expect((await five.heard('suback')).properties?.reasonString).toMatch(/secret/);
    const old = await hub.rawConnected({ clientId: 'old' });
    expect(await subscribe(old, ...filters)).toEqual([1, 0x80, 0x80, 0x80, 1, 0x80]);
  });

  test('a client’s own publish reaches no subscriber: this is no broker', async () => {
    hub = await startHarness();
    const client = await hub.rawConnected();
    await subscribe(client, '#');
    client.send(client.publish(1));
    await client.heard('puback');
    await pause(30);
    expect(client.all('publish')).toEqual([]);
  });

  test('overlapping filters bring a message once, wildcards match, and the end of a connection ends them', async () => {
    hub = await startHarness();
    const client = await hub.rawConnected();
    await subscribe(client, commands, 'xy/v1/+/gate-1/#', '#');
    expect(hub.server.deliver(commands, 'one', { qos: 0 })).toBe(1);
    expect(hub.server.deliver('other', 'two', { qos: 0, to: 'gate-1' })).toBe(1);
    expect(hub.server.deliver('other', 'three', { qos: 0, to: 'gate-2' })).toBe(0);
    await client.heard('publish', 2);
    expect(payloads(client)).toEqual(['one', 'two']);
    client.socket.destroy();
    await until(() => hub.server.connectionCount === 0);
    expect(hub.server.deliver(commands, 'four', { qos: 0 })).toBe(0);
  });

  test('what is too large for the client is left out of SUBACK and UNSUBACK, or they are not sent [MQTT-3.1.2-24]', async () => {
    hub = await startHarness();
    hub.application.allowed = () => false;
    const client = await hub.rawConnected({ protocolVersion: 5, properties: { maximumPacketSize: 9 } });
    expect(await subscribe(client, 'a/long/filter')).toEqual([0x87]);
    expect((await client.heard('suback')).properties?.reasonString).toBeUndefined();
    const filters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    client.send({ cmd: 'unsubscribe', messageId: 8, unsubscriptions: filters });
    client.send({ cmd: 'unsubscribe', messageId: 9, unsubscriptions: ['a'] });
    expect((await client.heard('unsuback')).messageId).toBe(9);
    expect(hub.failures).toEqual([]);
  });

  test('one wildcard given up leaves the other', async () => {
    hub = await startHarness();
    const client = await hub.rawConnected();
    await subscribe(client, 'a/+', 'b/+');
    client.send({ cmd: 'unsubscribe', messageId: 9, unsubscriptions: ['a/+', 'never'] });
    await client.heard('unsuback');
    expect([hub.server.deliver('a/1', '', { qos: 0 }), hub.server.deliver('b/1', '', { qos: 0 })]).toEqual([0, 1]);
  });
});

describe('delivery', () => {
  test('keeps to what the client takes in flight, in order', async () => {
    hub = await startHarness();
    const client = await hub.rawConnected({ protocolVersion: 5, properties: { receiveMaximum: 2 } });
    await subscribe(client, commands);
    for (const text of ['1', '2', '3', '4']) hub.server.deliver(commands, text, { qos: 1 });
    await client.heard('publish', 2);
    await pause(30);
    expect(payloads(client)).toEqual(['1', '2']);
    for (const count of [1, 2, 3, 4]) {
      const { messageId } = await client.heard('publish', count);
      client.send({ cmd: 'puback', messageId, reasonCode: 0 });
    }
    expect(payloads(client)).toEqual(['1', '2', '3', '4']);
  });

  test('a subscriber that does not acknowledge is disconnected when its queue is full', async () => {
    hub = await startHarness({ outboundInflightMax: 1, outboundQueueMax: 2 });
    const client = await hub.rawConnected({ protocolVersion: 5 });
    await subscribe(client, commands);
    for (let count = 0; count < 4; count += 1) hub.server.deliver(commands, 'x', { qos: 1 });
    expect((await client.heard('disconnect')).reasonCode).toBe(0x97);
    expect(hub.application.rejections.map(({ code }) => code)).toEqual(['slow-subscriber']);
    expect(hub.server.counters).toMatchObject({ messagesDelivered: 1, messagesUndelivered: 3 });
  });

  test('a subscriber that does not read is disconnected when its bytes pile up', async () => {
    hub = await startHarness({ outboundBufferBytesMax: 100_000 });
    const client = await hub.rawConnected();
    await subscribe(client, commands);
    client.socket.pause();
    for (let count = 0; count < 200 && hub.server.connectionCount === 1; count += 1) {
      hub.server.deliver(commands, Buffer.alloc(50_000), { qos: 0 });
      await pause(1);
    }
    expect(hub.server.connectionCount).toBe(0);
    expect(hub.application.rejections.map(({ code }) => code)).toEqual(['slow-subscriber']);
  });

  test('a message larger than the client takes is not sent [MQTT-3.1.2-25]', async () => {
    hub = await startHarness();
    const client = await hub.rawConnected({ protocolVersion: 5, properties: { maximumPacketSize: 100 } });
    await subscribe(client, commands);
    hub.server.deliver(commands, 'x'.repeat(200), { qos: 1 });
    hub.server.deliver(commands, 'short', { qos: 1, contentType: 'text/plain', userProperties: { id: '1' } });
    const { payload, properties } = await client.heard('publish');
    expect(payload.toString()).toBe('short');
    expect(properties?.contentType).toBe('text/plain');
  });
});
