import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Harness, pause, type RawClient, startHarness, until } from './mqtt-harness.ts';

const status = (device: string) => `xy/v1/c/${device}/status`;
const everybody = 'xy/v1/c/+/status';
let hub: Harness;
beforeEach(async () => {
  hub = await startHarness();
  hub.application.keeps = ['a', 'b', 'c'].map((device) => ({ topic: status(device), payload: `${device} online` }));
});
afterEach(() => hub.close());

type Options = { qos?: 0 | 1 | 2; rh?: 0 | 1 | 2; rap?: boolean; subscriptionIdentifier?: number };
const subscribe = async (client: RawClient, topic: string, options: Options = {}) => {
  const { qos = 1, rh = 0, rap = false, subscriptionIdentifier } = options;
  const { length } = client.all('suback');
  client.send({
    cmd: 'subscribe',
    messageId: length + 1,
    subscriptions: [{ topic, qos, rh, rap }],
    ...(subscriptionIdentifier === undefined ? {} : { properties: { subscriptionIdentifier } }),
  });
  await client.heard('suback', length + 1);
};
const said = (client: RawClient) => client.all('publish').map(({ payload, retain }) => [payload.toString(), retain]);
const allThree = [
  ['a online', true],
  ['b online', true],
  ['c online', true],
];

describe('a new subscription', () => {
  test('finds what its filter keeps, marked as retained [MQTT-3.3.1-8] [MQTT-3.3.1-9]', async () => {
    const client = await hub.rawConnected({ protocolVersion: 5 });
    await subscribe(client, everybody);
    await client.heard('publish', 3);
    expect(said(client)).toEqual(allThree);
  });

  test('in 3.1.1 too [MQTT-3.3.1-6] of 3.1.1', async () => {
    const client = await hub.rawConnected();
    await subscribe(client, status('b'));
    await client.heard('publish');
    expect(said(client)).toEqual([['b online', true]]);
  });

  test('finds it again at each SUBSCRIBE [MQTT-3.8.4-3]', async () => {
    const client = await hub.rawConnected({ protocolVersion: 5 });
    await subscribe(client, status('a'));
    await subscribe(client, status('a'));
    await client.heard('publish', 2);
  });

  test('with Retain Handling 1 only when it is new [MQTT-3.3.1-10]', async () => {
    const client = await hub.rawConnected({ protocolVersion: 5 });
    await subscribe(client, status('a'), { rh: 1 });
    await client.heard('publish');
    await subscribe(client, status('a'), { rh: 1 });
    await pause(30);
    expect(said(client)).toHaveLength(1);
  });

  test('with Retain Handling 2 never [MQTT-3.3.1-11]', async () => {
    const client = await hub.rawConnected({ protocolVersion: 5 });
    await subscribe(client, status('a'), { rh: 2 });
    await pause(30);
    expect(said(client)).toEqual([]);
  });

  test('carries its identifier [MQTT-3.3.4-3]', async () => {
    const client = await hub.rawConnected({ protocolVersion: 5 });
    await subscribe(client, status('a'), { subscriptionIdentifier: 456_789 });
    expect((await client.heard('publish')).properties?.subscriptionIdentifier).toBe(456_789);
  });

  test.each([0, 1] as const)('of thousands reads them as fast as the client takes them, QoS %d', async (qos) => {
    const count = 5_000;
    hub.application.keeps = Array.from({ length: count }, (_, n) => ({ topic: status(`d${n}`), payload: 'online' }));
    const client = await hub.rawConnected({ protocolVersion: 5, properties: { receiveMaximum: 10 } });
    client.socket.on('data', () => {
      const due = client.all('publish').filter(({ qos: sent }) => sent === 1);
      for (const { messageId } of due.splice(acknowledged)) client.send({ cmd: 'puback', messageId, reasonCode: 0 });
      acknowledged = client.all('publish').length;
    });
    let acknowledged = 0;
    await subscribe(client, everybody, { qos });
    await until(() => client.all('publish').length === count, 'all of them');
    expect(hub.application.rejections).toEqual([]);
  });
});

describe('what changes later', () => {
  test('comes unmarked, or marked with Retain As Published [MQTT-3.3.1-12] [MQTT-3.3.1-13]', async () => {
    hub.application.keeps = [];
    const plain = await hub.rawConnected({ protocolVersion: 5 });
    await subscribe(plain, status('a'));
    const faithful = await hub.rawConnected({ protocolVersion: 5, clientId: 'faithful' });
    await subscribe(faithful, status('a'), { rap: true });
    hub.server.deliver(status('a'), 'offline', { qos: 1, retain: true });
    await plain.heard('publish');
    await faithful.heard('publish');
    expect([said(plain), said(faithful)]).toEqual([[['offline', false]], [['offline', true]]]);
  });
});

describe('a subscription identifier', () => {
  test('of every filter that matches comes with the one message [MQTT-3.3.4-4]', async () => {
    hub.application.keeps = [];
    const client = await hub.rawConnected({ protocolVersion: 5 });
    await subscribe(client, status('a'), { subscriptionIdentifier: 2 });
    await subscribe(client, everybody, { subscriptionIdentifier: 3 });
    hub.server.deliver(status('a'), 'online', { qos: 1 });
    const { properties } = await client.heard('publish');
    expect(properties?.subscriptionIdentifier).toEqual([2, 3]);
    await pause(20);
    expect(client.all('publish')).toHaveLength(1);
  });

  test('is replaced by the next SUBSCRIBE of the same filter', async () => {
    hub.application.keeps = [];
    const client = await hub.rawConnected({ protocolVersion: 5 });
    await subscribe(client, status('a'), { subscriptionIdentifier: 2 });
    await subscribe(client, status('a'));
    hub.server.deliver(status('a'), 'online', { qos: 1 });
    expect((await client.heard('publish')).properties?.subscriptionIdentifier).toBeUndefined();
  });
});
