import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import mqtt, { type MqttClient } from 'mqtt';
import type { MqttOutcome } from './application.ts';
import { type Harness, pause, startHarness, until } from './mqtt-harness.ts';

const topic = 'xy/v1/c/gate-1/events';
const refused: MqttOutcome = {
  outcome: 'refused',
  code: 'broken-json',
  reason: '第 3 行不是 JSON',
  reasonCode: 0x99,
  deadLetter: '42',
};
let hub: Harness;
const clients: MqttClient[] = [];
beforeEach(async () => {
  hub = await startHarness();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true);
  await hub.close();
});

const connectClient = async (protocolVersion: 4 | 5): Promise<MqttClient> => {
  const client = await mqtt.connectAsync(hub.url, {
    protocolVersion,
    username: 'gate-1',
    password: 'right',
    reconnectPeriod: 0,
  });
  clients.push(client);
  return client;
};

describe('MQTT.js publishes', () => {
  test.each([4, 5] as const)('with each QoS over protocol level %d', async (version) => {
    const client = await connectClient(version);
    await Promise.all([0, 1, 2].map((qos) => client.publishAsync(topic, `q${qos}`, { qos: qos as 0 | 1 | 2 })));
    await until(() => hub.application.published.length === 3);
    expect(hub.application.published.map(({ message, text }) => [message.topic, message.qos, text])).toEqual([
      [topic, 0, 'q0'],
      [topic, 1, 'q1'],
      [topic, 2, 'q2'],
    ]);
  });

  test('properties, retain flag and time arrive', async () => {
    const client = await connectClient(5);
    const properties = { contentType: 'application/json', userProperties: { type: 'gate.passed', id: ['1', '2'] } };
    await client.publishAsync(topic, '{}', { qos: 1, retain: true, properties });
    const { message } = hub.application.published[0]!;
    expect({ ...message.userProperties }).toEqual(properties.userProperties);
    expect(message).toMatchObject({ contentType: 'application/json', retain: true, duplicate: false });
    expect(message.receivedAtMs).toBeGreaterThan(1_700_000_000_000);
  });

  test('a large message that spans many reads', async () => {
    const client = await connectClient(4);
    await client.publishAsync(topic, 'x'.repeat(3_000_000), { qos: 1 });
    expect(hub.application.published[0]!.text).toHaveLength(3_000_000);
  });

  test('five thousand messages at once, each answered', async () => {
    const client = await connectClient(4);
    await Promise.all(Array.from({ length: 5_000 }, (_, n) => client.publishAsync(topic, String(n), { qos: 1 })));
    expect(hub.application.texts()).toEqual(Array.from({ length: 5_000 }, (_, n) => String(n)));
  });
});

describe('the answer', () => {
  const answerOf = async (
    outcome: MqttOutcome,
    properties: { requestProblemInformation?: boolean; maximumPacketSize?: number } = {},
  ) => {
    hub.application.outcome = () => outcome;
    const client = await hub.rawConnected({ protocolVersion: 5, properties });
    client.send(client.publish(1));
    const { reasonCode, properties: answered, length } = await client.heard('puback');
    return { reasonCode, user: { ...answered?.userProperties }, text: answered?.reasonString, length };
  };

  test.each<[MqttOutcome, Record<string, string>]>([
    [
      { outcome: 'recorded', position: '99' },
      { outcome: 'recorded', receipt: '99' },
    ],
    [
      { outcome: 'recorded', position: '9', duplicate: true },
      { outcome: 'duplicate', receipt: '9' },
    ],
    [
      { outcome: 'no-op', reason: 'unchanged-state' },
      { outcome: 'no-op', reason: 'unchanged-state' },
    ],
  ])('to %j carries the receipt', async (outcome, user) => {
    expect(await answerOf(outcome)).toMatchObject({ reasonCode: 0, user, text: undefined });
  });

  test('to a refusal says why, and the connection stays open', async () => {
    const answer = await answerOf(refused);
    const user = { code: 'broken-json', 'dead-letter': '42' };
    expect(answer).toMatchObject({ reasonCode: 0x99, user, text: '第 3 行不是 JSON' });
    await pause(30);
    expect(hub.server.connectionCount).toBe(1);
  });

  test('has no words for a client that wants none [MQTT-3.1.2-29]', async () => {
    const answer = await answerOf(refused, { requestProblemInformation: false });
    expect(answer).toMatchObject({ reasonCode: 0x99, user: {}, text: undefined });
  });

  test('leaves out what the client’s maximum packet size has no room for', async () => {
    const whole = await answerOf(refused);
    const bytes = whole.length! + 2;
    const { text, user } = await answerOf(refused, { maximumPacketSize: bytes - 1 });
    expect({ text, user }).toEqual({ text: undefined, user: { code: 'broken-json', 'dead-letter': '42' } });
    const bare = await answerOf(refused, { maximumPacketSize: 10 });
    expect(bare).toMatchObject({ reasonCode: 0x99, text: undefined, user: {} });
  });

  test('in 3.1.1 is an acknowledgement like any other', async () => {
    hub.application.outcome = () => refused;
    const client = await connectClient(4);
    await client.publishAsync(topic, 'nonsense', { qos: 2 });
    expect(hub.server.counters.publishesRefused).toBe(1);
  });

  test('a reason code that MQTT does not allow there becomes 0x83', async () => {
    expect((await answerOf({ ...refused, reasonCode: 0x9f })).reasonCode).toBe(0x83);
  });

  test('to a topic with too many levels is a refusal, told to the application, and the next message is taken', async () => {
    const client = await hub.rawConnected({ protocolVersion: 5 });
    client.send(client.publish(1, 1, 'a/'.repeat(40)), client.publish(2));
    await client.heard('puback', 2);
    expect(client.all('puback').map(({ reasonCode }) => reasonCode)).toEqual([0x90, 0]);
    expect(hub.application.rejections).toMatchObject([{ code: 'topic-invalid', principal: { id: 'gate-1' } }]);
    expect(hub.application.texts()).toEqual(['2']);
  });
});
