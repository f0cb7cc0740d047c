import { afterEach, describe, expect, test } from '@jest/globals';
import { type Harness, pause, type RawClient, startHarness, until } from './mqtt-harness.ts';

const commands = 'xy/v1/c/gate-1/commands';
let hub: Harness;
afterEach(() => hub.close());

const keeping = { protocolVersion: 5, clean: false, properties: { sessionExpiryInterval: 60 } } as const;
const subscribe = async (client: RawClient, ...filters: string[]) => {
  const { length } = client.all('suback');
  const subscriptions = filters.map((topic) => ({ topic, qos: 1 as const }));
  client.send({ cmd: 'subscribe', messageId: length + 1, subscriptions });
  await client.heard('suback', length + 1);
};
const payloads = (client: RawClient) => client.all('publish').map(({ payload }) => payload.toString());
const present = async (client: RawClient) => (await client.heard('connack')).sessionPresent;
const lose = async (client: RawClient) => {
  client.socket.destroy();
  await until(() => hub.server.connectionCount === 0);
};
const disconnect = async (client: RawClient, sessionExpiryInterval?: number) => {
  const properties = sessionExpiryInterval === undefined ? {} : { properties: { sessionExpiryInterval } };
  client.send({ cmd: 'disconnect', reasonCode: 0, ...properties });
  await client.ended();
};

describe('a session', () => {
  test('keeps subscriptions and QoS 1 for a client that is away [MQTT-3.1.2-5] [MQTT-3.1.2-23]', async () => {
    hub = await startHarness();
    const first = await hub.rawConnected(keeping);
    expect(await present(first)).toBe(false);
    await subscribe(first, commands, 'a/+');
    await lose(first);
    expect(hub.server.deliver(commands, 'one', { qos: 1 })).toBe(1);
    expect(hub.server.deliver('a/b', 'two', { qos: 1, userProperties: { id: '2' } })).toBe(1);
    hub.server.deliver(commands, 'not kept', { qos: 0 });
    const again = await hub.rawConnected(keeping);
    expect(await present(again)).toBe(true);
    await again.heard('publish', 2);
    hub.server.deliver(commands, 'three', { qos: 1 });
    await again.heard('publish', 3);
    expect(payloads(again)).toEqual(['one', 'two', 'three']);
    expect(again.all('publish')[1]!.properties?.userProperties).toEqual({ id: '2' });
  });

  test('in 3.1.1 is kept without the clean flag, and its CONNACK says so [MQTT-3.2.2-2] of 3.1.1', async () => {
    hub = await startHarness();
    const first = await hub.rawConnected({ clean: false });
    expect(await present(first)).toBe(false);
    await subscribe(first, commands);
    await disconnect(first);
    hub.server.deliver(commands, 'one', { qos: 1 });
    const again = await hub.rawConnected({ clean: false });
    expect(await present(again)).toBe(true);
    await again.heard('publish');
    expect(payloads(again)).toEqual(['one']);
  });

  test('is discarded by a clean start [MQTT-3.1.2-4] [MQTT-3.2.2-2]', async () => {
    hub = await startHarness();
    const first = await hub.rawConnected(keeping);
    await subscribe(first, commands);
    await lose(first);
    const clean = await hub.rawConnected({ ...keeping, clean: true });
    expect(await present(clean)).toBe(false);
    expect(hub.server.deliver(commands, 'one', { qos: 1 })).toBe(0);
  });

  test('ends with the connection where nothing else was asked for [MQTT-4.1.0-2]', async () => {
    hub = await startHarness();
    const first = await hub.rawConnected({ protocolVersion: 5, clean: false });
    await subscribe(first, commands);
    await lose(first);
    expect(hub.server.keptSessionCount).toBe(0);
    expect(await present(await hub.rawConnected(keeping))).toBe(false);
  });

  test('ends after its expiry', async () => {
    hub = await startHarness();
    const first = await hub.rawConnected({ ...keeping, properties: { sessionExpiryInterval: 1 } });
    await subscribe(first, commands);
    await lose(first);
    expect(hub.server.keptSessionCount).toBe(1);
    await until(() => hub.server.keptSessionCount === 0);
    expect(hub.server.deliver(commands, 'one', { qos: 1 })).toBe(0);
    expect(await present(await hub.rawConnected(keeping))).toBe(false);
  });

  test('gets the expiry that the hub keeps, told where it is shorter (3.2.2.3.2)', async () => {
    hub = await startHarness({ sessionExpirySecondsMax: 100 });
    const forever = { ...keeping, properties: { sessionExpiryInterval: 0xffffffff } };
    const client = await hub.rawConnected(forever);
    expect((await client.heard('connack')).properties?.sessionExpiryInterval).toBe(100);
    const modest = await hub.rawConnected({ ...keeping, clientId: 'modest' });
    expect((await modest.heard('connack')).properties?.sessionExpiryInterval).toBeUndefined();
  });

  test('DISCONNECT may change the expiry, but not make a session of none [MQTT-3.14.2-2]', async () => {
    hub = await startHarness();
    const first = await hub.rawConnected(keeping);
    await disconnect(first, 0);
    expect(hub.server.keptSessionCount).toBe(0);
    const none = await hub.rawConnected({ protocolVersion: 5 });
    none.send({ cmd: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 10 } });
    expect((await none.heard('disconnect')).reasonCode).toBe(0x82);
  });

  test('passes to the connection that takes over, with what was in flight', async () => {
    hub = await startHarness();
    const older = await hub.rawConnected(keeping);
    await subscribe(older, commands);
    hub.server.deliver(commands, 'one', { qos: 1 });
    await older.heard('publish');
    const newer = await hub.rawConnected(keeping);
    expect((await older.heard('disconnect')).reasonCode).toBe(0x8e);
    expect(await present(newer)).toBe(true);
    expect(await newer.heard('publish')).toMatchObject({ dup: true, messageId: 1 });
  });

  test('is nobody else’s: another credential with the same client identifier finds none', async () => {
    hub = await startHarness();
    const first = await hub.rawConnected(keeping);
    await subscribe(first, commands);
    await lose(first);
    expect(await present(await hub.rawConnected({ ...keeping, username: 'gate-2' }))).toBe(false);
  });

  test('loses the subscriptions that are allowed no longer', async () => {
    hub = await startHarness();
    const first = await hub.rawConnected(keeping);
    await subscribe(first, commands, 'other');
    await lose(first);
    hub.application.allowed = (filter) => filter !== 'other';
    await hub.rawConnected(keeping);
    expect([hub.server.deliver(commands, '', { qos: 1 }), hub.server.deliver('other', '', { qos: 1 })]).toEqual([1, 0]);
  });
});

describe('redelivery', () => {
  test('what was not acknowledged is sent again in order, marked, under its number [MQTT-4.4.0-1] [MQTT-3.3.1-1]', async () => {
    hub = await startHarness();
    const first = await hub.rawConnected({ ...keeping, properties: { sessionExpiryInterval: 60, receiveMaximum: 3 } });
    await subscribe(first, commands);
    for (const text of ['1', '2', '3', '4']) hub.server.deliver(commands, text, { qos: 1 });
    await first.heard('publish', 3);
    first.send({ cmd: 'puback', messageId: 2, reasonCode: 0 });
    await first.heard('publish', 4);
    await lose(first);
    const again = await hub.rawConnected(keeping);
    await again.heard('publish', 3);
    hub.server.deliver(commands, '5', { qos: 1 });
    await again.heard('publish', 4);
    expect(again.all('publish').map(({ payload, messageId, dup }) => [payload.toString(), messageId, dup])).toEqual([
      ['1', 1, true],
      ['3', 3, true],
      ['4', 4, true],
      ['5', 5, false],
    ]);
  });

  test('never more at once than the client now takes [MQTT-3.3.4-9]', async () => {
    hub = await startHarness();
    const first = await hub.rawConnected(keeping);
    await subscribe(first, commands);
    for (const text of ['1', '2', '3']) hub.server.deliver(commands, text, { qos: 1 });
    await first.heard('publish', 3);
    await lose(first);
    const narrow = { ...keeping, properties: { sessionExpiryInterval: 60, receiveMaximum: 1 } };
    const again = await hub.rawConnected(narrow);
    for (const [count, expected] of [
      [1, ['1']],
      [2, ['1', '2']],
      [3, ['1', '2', '3']],
    ] as const) {
      const { messageId } = await again.heard('publish', count);
      await pause(20);
      expect(payloads(again)).toEqual(expected);
      again.send({ cmd: 'puback', messageId, reasonCode: 0 });
    }
  });

  test('a message that expired meanwhile is not sent, another with what is left [MQTT-3.3.2-5] [MQTT-3.3.2-6]', async () => {
    hub = await startHarness();
    const first = await hub.rawConnected(keeping);
    await subscribe(first, commands);
    await lose(first);
    hub.server.deliver(commands, 'short', { qos: 1, expirySeconds: 1 });
    hub.server.deliver(commands, 'long', { qos: 1, expirySeconds: 60 });
    await pause(1_100);
    const again = await hub.rawConnected(keeping);
    const { payload, properties } = await again.heard('publish');
    expect(payload.toString()).toBe('long');
    expect(properties?.messageExpiryInterval).toBeLessThan(60);
    expect(properties?.messageExpiryInterval).toBeGreaterThan(50);
  });
});

describe('what is kept for clients that are away is bounded', () => {
  const away = async (limits: Parameters<typeof startHarness>[0]): Promise<void> => {
    hub = await startHarness(limits);
    const client = await hub.rawConnected(keeping);
    await subscribe(client, commands);
    await lose(client);
  };

  test('a queue that is full ends the session, so that the client learns of the gap', async () => {
    await away({ outboundQueueMax: 2 });
    for (let count = 0; count < 3; count += 1) hub.server.deliver(commands, 'x', { qos: 1 });
    expect(hub.server.keptSessionCount).toBe(0);
    expect(hub.server.counters.messagesUndelivered).toBe(3);
    const again = await hub.rawConnected(keeping);
    expect(await present(again)).toBe(false);
  });

  test('bytes are counted over all sessions', async () => {
    await away({ heldBytesMax: 1_000 });
    hub.server.deliver(commands, 'x'.repeat(2_000), { qos: 1 });
    expect(hub.server.keptSessionCount).toBe(1);
    hub.server.deliver(commands, 'y', { qos: 1 });
    expect(hub.server.keptSessionCount).toBe(0);
    const other = await hub.rawConnected({ ...keeping, clientId: 'other' });
    await subscribe(other, commands);
    await lose(other);
    hub.server.deliver(commands, 'z', { qos: 1 });
    expect(hub.server.keptSessionCount).toBe(1);
  });

  test('the oldest session goes first, of all and of one credential', async () => {
    hub = await startHarness({ sessionsKeptMax: 3, sessionsPerPrincipalMax: 2 });
    for (const clientId of ['a', 'b', 'c']) await lose(await hub.rawConnected({ ...keeping, clientId }));
    expect(hub.server.keptSessionCount).toBe(2);
    for (const username of ['gate-2', 'gate-3']) await lose(await hub.rawConnected({ ...keeping, username }));
    expect(hub.server.keptSessionCount).toBe(3);
    expect(await present(await hub.rawConnected({ ...keeping, clientId: 'c' }))).toBe(true);
    expect(await present(await hub.rawConnected({ ...keeping, clientId: 'b' }))).toBe(false);
  });

  test('a shutdown ends them all', async () => {
    await away({});
    await hub.server.close();
    expect(hub.server.keptSessionCount).toBe(0);
  });
});
