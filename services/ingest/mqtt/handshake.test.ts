import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import mqtt from 'mqtt';
import { type Harness, pause, startHarness, until } from './mqtt-harness.ts';

let hub: Harness;
beforeEach(async () => {
  hub = await startHarness({ connectTimeoutMs: 400 });
});
afterEach(() => hub.close());

const options = (protocolVersion: 4 | 5) => ({
  protocolVersion,
  username: 'gate-1',
  password: 'right',
  reconnectPeriod: 0,
});

describe('CONNECT', () => {
  test.each([4, 5] as const)('MQTT.js connects with protocol level %d', async (version) => {
    const client = await mqtt.connectAsync(hub.url, { ...options(version), clientId: 'a' });
    expect(hub.server.connectionCount).toBe(1);
    await client.endAsync();
    await until(() => hub.application.told.length === 2);
    expect(hub.application.told).toEqual(['connected a', 'disconnected a goodbye']);
    await until(() => hub.server.connectionCount === 0);
  });

  test('MQTT 3.1 connects too', async () => {
    const client = await hub.rawConnected({ protocolId: 'MQIsdp', protocolVersion: 3 });
    client.send(client.publish(1));
    expect((await client.heard('puback')).messageId).toBe(1);
  });

  test('in MQTT 5 the CONNACK says what the endpoint takes', async () => {
    const client = await hub.rawConnected({ protocolVersion: 5, clientId: '' });
    const connack = await client.heard('connack');
    expect(connack.sessionPresent).toBe(false);
    expect(connack.properties).toMatchObject({
      receiveMaximum: 1_000,
      maximumPacketSize: 8_388_608,
      topicAliasMaximum: 32,
      retainAvailable: true,
      wildcardSubscriptionAvailable: true,
      sharedSubscriptionAvailable: false,
      subscriptionIdentifiersAvailable: true,
      serverKeepAlive: 1_200,
    });
    expect(connack.properties?.assignedClientIdentifier).toMatch(/^hub-/);
    expect(connack.properties?.maximumQoS).toBeUndefined();
  });

  test('a keepalive within bounds stays the client’s', async () => {
    const client = await hub.rawConnected({ protocolVersion: 5, keepalive: 60 });
    expect((await client.heard('connack')).properties?.serverKeepAlive).toBeUndefined();
  });

  test.each([
    ['a wrong password', { password: Buffer.from('wrong') }, 4, 0x86],
    ['no user name', { username: undefined, password: undefined }, 5, 0x87],
    ['a registry that does not answer', { username: 'unlucky' }, 3, 0x88],
    ['a client identifier too long', { clientId: 'x'.repeat(300) }, 2, 0x85],
  ])('%s is refused by a code of either version, then closed', async (_name, wrong, returned, reason) => {
    const old = await hub.raw();
    old.connect(wrong);
    expect((await old.heard('connack')).returnCode).toBe(returned);
    await old.ended();
    const client = await hub.raw();
    client.connect({ ...wrong, protocolVersion: 5 });
    const connack = await client.heard('connack');
    expect(connack.reasonCode).toBe(reason);
    expect(connack.properties?.reasonString).toMatch(/\w+ \w+/);
    await client.ended();
    expect(hub.application.told).toEqual([]);
  });

  test('an empty client identifier needs a clean session in 3.1.1', async () => {
    const refused = await hub.raw();
    // `mqtt-packet` does not write such a packet, so the bytes are spelled out.
    refused.socket.write(Buffer.from([0x10, 0x0c, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0, 0, 0, 0, 0]));
    expect((await refused.heard('connack')).returnCode).toBe(2);
    const taken = await hub.rawConnected({ clientId: '' });
    expect((await taken.heard('connack')).returnCode).toBe(0);
  });

  test('enhanced authentication is refused', async () => {
    const client = await hub.raw();
    client.connect({ protocolVersion: 5, properties: { authenticationMethod: 'SCRAM-SHA-1' } });
    expect((await client.heard('connack')).reasonCode).toBe(0x8c);
  });

  test.each([
    [2, Buffer.from([0x20, 2, 0, 1])],
    [6, 0x84],
  ])('protocol level %d is refused in words that its client may know', async (level, expected) => {
    const client = await hub.raw();
    const heard: Buffer[] = [];
    client.socket.on('data', (chunk: Buffer) => heard.push(chunk));
    client.socket.write(Buffer.from([0x10, 0x0d, 0, 4, 0x4d, 0x51, 0x54, 0x54, level, 2, 0, 0, 0, 1, 0x61]));
    await client.ended();
    const bytes = Buffer.concat(heard);
    if (typeof expected === 'number') expect(bytes[3]).toBe(expected);
    else expect(bytes).toEqual(expected);
    expect(hub.application.rejections[0]?.code).toBe('unsupported-version');
  });

  test('a second CONNECT closes', async () => {
    const client = await hub.rawConnected({ protocolVersion: 5 });
    client.connect({ protocolVersion: 5 });
    expect((await client.heard('disconnect')).reasonCode).toBe(0x82);
    await client.ended();
  });

  test('who says nothing is closed after the time limit', async () => {
    const client = await hub.raw();
    await client.ended();
    expect(hub.application.rejections.map(({ code }) => code)).toEqual(['connect-timeout']);
  });

  test('a hub too slow to let a client in asks it to come back, and blames nobody', async () => {
    await hub.close();
    hub = await startHarness({ connectTimeoutMs: 400, letInTimeoutMs: 400 });
    let letIn = (): void => undefined;
    hub.application.beforeConnected = () =>
      new Promise((resolve) => {
        letIn = resolve;
      });
    const client = await hub.raw();
    client.connect();
    expect((await client.heard('connack')).returnCode).toBe(3);
    await client.ended();
    letIn();
    await until(() => hub.application.told.length === 2);
    expect(hub.application.told).toEqual(['connected raw', 'disconnected raw hub-failed']);
    expect(hub.application.rejections).toEqual([]);
  });

  test('a storm that takes longer than a CONNECT may: all who stay are let in, the oldest first, and nobody who has left', async () => {
    let begin = (): void => {};
    let turn = new Promise<void>((resolve) => {
      begin = resolve;
    });
    let asked = 0;
    const { authenticate } = hub.application;
    hub.application.authenticate = async (...connect) => {
      asked += 1;
      turn = turn.then(() => pause(8));
      await turn;
      return authenticate(...connect);
    };
    const clients = await Promise.all(Array.from({ length: 100 }, () => hub.raw()));
    for (const [nth, client] of clients.entries()) client.connect({ clientId: `raw-${nth}` });
    await until(() => asked === clients.length);
    const left = clients.filter((_, nth) => nth > 20 && nth % 10 === 0);
    for (const client of left) client.socket.destroy();
    // Not earlier, or who is to leave before its turn may have had it.
    begin();
    const stay = clients.filter((client) => !left.includes(client));
    for (const client of stay) expect((await client.heard('connack')).returnCode).toBe(0);
    const order = hub.application.told.map((told) => Number(/^connected raw-(\d+)$/.exec(told)?.[1]));
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(order).toHaveLength(stay.length);
  });

  test('what is sent before the CONNACK is taken after it', async () => {
    const client = await hub.raw();
    let letIn = (): void => undefined;
    hub.application.beforeConnected = () =>
      new Promise((resolve) => {
        letIn = resolve;
      });
    client.connect();
    client.send(client.publish(1));
    await until(() => hub.server.counters.bytesReceived > 0);
    await pause(30);
    expect(client.heardPackets).toEqual([]);
    letIn();
    await client.heard('puback');
    expect(client.heardPackets.map(({ cmd }) => cmd)).toEqual(['connack', 'puback']);
    expect(hub.application.told).toEqual(['connected raw', 'publish xy/v1/c/gate-1/events']);
  });
});

describe('the same client again', () => {
  test('takes over: the older connection is closed, which is no loss of the device', async () => {
    const will = { topic: 'xy/v1/c/gate-1/status', payload: Buffer.from('offline') };
    const older = await hub.rawConnected({ protocolVersion: 5, will });
    await hub.rawConnected({ protocolVersion: 5 });
    expect((await older.heard('disconnect')).reasonCode).toBe(0x8e);
    await older.ended();
    expect(hub.application.told).toEqual(['connected raw', 'disconnected raw taken-over', 'connected raw']);
    expect(hub.server.connectionCount).toBe(1);
  });

  test('a stranger with the same client identifier takes nothing over', async () => {
    const first = await hub.rawConnected({ username: 'gate-1' });
    await hub.rawConnected({ username: 'gate-2' });
    first.send({ cmd: 'pingreq' });
    await first.heard('pingresp');
    expect(hub.server.connectionCount).toBe(2);
  });
});
