import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { IConnectPacket } from 'mqtt-packet';
import { type Harness, pause, type RawClient, startHarness, until } from './mqtt-harness.ts';

/**
 * The cases of the Eclipse Paho interoperability suite for MQTT 3.1.1 (client_test.py), by their names. There one client
 * hears another; here no client hears another, so the hub speaks where the suite's publisher does, and what a client
 * publishes reaches the application alone.
 */
const [topicA, topicB, topicC, topicD] = ['TopicA', 'TopicA/B', 'Topic/C', 'TopicA/C'];
let hub: Harness;
beforeEach(async () => {
  hub = await startHarness();
});
afterEach(() => hub.close());

const client = (clientId: 'a' | 'b', options: Partial<IConnectPacket> = {}) =>
  hub.rawConnected({ clientId, ...options });
const subscribe = async (subscriber: RawClient, ...topics: string[]) => {
  const { length } = subscriber.all('suback');
  subscriber.send({
    cmd: 'subscribe',
    messageId: length + 1,
    subscriptions: topics.map((topic) => ({ topic, qos: 2 as const })),
  });
  return (await subscriber.heard('suback', length + 1)).granted;
};
const heard = (subscriber: RawClient) => subscriber.all('publish').map(({ payload }) => payload.toString());
const leave = async (leaving: RawClient) => {
  leaving.send({ cmd: 'disconnect' });
  await leaving.ended();
};
const bySuite = (qos: 0 | 1 | 2, topic: string) => ({
  ...{ cmd: 'publish' as const, topic, payload: `qos ${qos}`, qos, dup: false, retain: false },
  ...(qos === 0 ? {} : { messageId: qos }),
});

describe('Paho, MQTT 3.1.1', () => {
  test('testBasic: connect, publish with every QoS, disconnect [MQTT-3.1.0-2] [MQTT-3.1.2-1]', async () => {
    await leave(await client('a'));
    const again = await client('a');
    expect((await again.heard('connack')).sessionPresent).toBe(false);
    expect(await subscribe(again, topicA!)).toEqual([1]);
    again.send(bySuite(0, topicA!), bySuite(1, topicA!), bySuite(2, topicA!));
    await again.heard('puback');
    await again.heard('pubrec');
    again.send({ cmd: 'pubrel', messageId: 2 });
    await again.heard('pubcomp');
    expect(hub.application.texts()).toEqual(['qos 0', 'qos 1', 'qos 2']);
    expect(heard(again)).toEqual([]);
    again.connect({ clientId: 'a' });
    await again.ended();
    const stranger = await hub.raw();
    stranger.socket.write(Buffer.from([0x10, 0x0b, 0, 2, 0x68, 0x6a, 4, 2, 0, 0, 0, 1, 0x61]));
    await stranger.ended();
  });

  test('test_retained_messages: what the hub keeps comes to a new subscriber, what is cleared does not', async () => {
    hub.application.keeps = [topicB, topicC, topicD].map((topic) => ({ topic: topic!, payload: topic! }));
    const first = await client('a');
    await subscribe(first, '+/+');
    await first.heard('publish', 3);
    expect(first.all('publish').map(({ retain }) => retain)).toEqual([true, true, true]);
    await leave(first);
    hub.application.keeps = [];
    const second = await client('a');
    await subscribe(second, '+/+');
    await pause(30);
    expect(heard(second)).toEqual([]);
  });

  test('will_message_test: the will of a client that vanishes reaches the hub', async () => {
    const will = { topic: topicC!, payload: Buffer.from('client not disconnected'), qos: 0 as const, retain: false };
    const vanishing = await client('a', { will, keepalive: 2 });
    vanishing.socket.destroy();
    await until(() => hub.application.published.length === 1);
    expect(hub.application.published[0]).toMatchObject({
      text: 'client not disconnected',
      message: { topic: topicC },
    });
  });

  test('test_zero_length_clientid: refused with a kept session, given one without [MQTT-3.1.3-8] [MQTT-3.1.3-6]', async () => {
    const refused = await hub.raw();
    refused.socket.write(Buffer.from([0x10, 0x0c, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0, 0, 0, 0, 0]));
    expect((await refused.heard('connack')).returnCode).toBe(2);
    await refused.ended();
    const taken = await hub.rawConnected({ clientId: '', clean: true });
    expect((await taken.heard('connack')).returnCode).toBe(0);
  });

  test('test_offline_message_queueing: QoS 1 waits for a client that is away [MQTT-3.1.2-5]', async () => {
    const first = await client('a', { clean: false });
    await subscribe(first, '+/+');
    await leave(first);
    for (const [qos, topic] of [
      [0, topicB],
      [1, topicC],
      [1, topicD],
    ] as const)
      hub.server.deliver(topic!, topic!, { qos });
    const again = await client('a', { clean: false });
    expect((await again.heard('connack')).sessionPresent).toBe(true);
    await again.heard('publish', 2);
    await pause(20);
    expect(heard(again)).toEqual([topicC, topicD]);
  });

  test('test_overlapping_subscriptions: one message, at the best QoS of them [MQTT-3.3.5-1]', async () => {
    const subscriber = await client('a');
    await subscribe(subscriber, 'TopicA/#', 'TopicA/+');
    hub.server.deliver(topicD!, 'overlapping topic filters', { qos: 1 });
    expect((await subscriber.heard('publish')).qos).toBe(1);
    await pause(20);
    expect(heard(subscriber)).toHaveLength(1);
  });

  test('test_keepalive: a silent client is put out, and its will reaches the hub [MQTT-3.1.2-24]', async () => {
    const will = { topic: '/TopicA', payload: Buffer.from('keepalive expiry'), qos: 0 as const, retain: false };
    const silent = await client('a', { keepalive: 1, will });
    const steady = await client('b', { keepalive: 0 });
    await silent.ended();
    await until(() => hub.application.texts().includes('keepalive expiry'));
    expect(steady.closed).toBe(false);
  });

  test('test_redelivery_on_reconnect: what was not acknowledged comes again, marked [MQTT-4.4.0-1]', async () => {
    const deaf = await client('b', { clean: false });
    await subscribe(deaf, 'TopicA/#');
    hub.server.deliver(topicB!, 'one', { qos: 1 });
    hub.server.deliver(topicD!, 'two', { qos: 1 });
    await deaf.heard('publish', 2);
    await leave(deaf);
    const again = await client('b', { clean: false });
    await again.heard('publish', 2);
    expect(again.all('publish').map(({ payload, dup }) => [payload.toString(), dup])).toEqual([
      ['one', true],
      ['two', true],
    ]);
  });

  test('test_subscribe_failure: a filter that is not allowed is answered by 0x80 [MQTT-3.9.3-2]', async () => {
    hub.application.allowed = (filter) => filter !== 'test/nosubscribe';
    expect(await subscribe(await client('a'), 'test/nosubscribe')).toEqual([0x80]);
  });

  test('test_dollar_topics: a wildcard in front matches no topic that begins with $ [MQTT-4.7.2-1]', async () => {
    const subscriber = await client('b');
    await subscribe(subscriber, '+/+', '#');
    expect(hub.server.deliver(`$${topicB}`, 'hidden', { qos: 1 })).toBe(0);
    subscriber.send(bySuite(1, `$${topicB}`));
    await subscriber.heard('puback');
    expect(heard(subscriber)).toEqual([]);
  });

  test('test_unsubscribe: what is given up is not heard, the rest is [MQTT-3.10.4-1] [MQTT-3.10.4-4]', async () => {
    const subscriber = await client('b');
    for (const topic of [topicA, topicB, topicC]) await subscribe(subscriber, topic!);
    subscriber.send({ cmd: 'unsubscribe', messageId: 9, unsubscriptions: [topicA!] });
    expect((await subscriber.heard('unsuback')).messageId).toBe(9);
    expect([topicA, topicB, topicC].map((topic) => hub.server.deliver(topic!, topic!, { qos: 1 }))).toEqual([0, 1, 1]);
    await subscriber.heard('publish', 2);
    expect(heard(subscriber)).toEqual([topicB, topicC]);
  });
});
