import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import mqtt from 'mqtt';
import { type Harness, pause, startHarness, until } from './mqtt-harness.ts';

const status = 'xy/v1/c/gate-1/status';
const will = { topic: status, payload: Buffer.from('offline'), qos: 1 as const, retain: true };
let hub: Harness;
beforeEach(async () => {
  hub = await startHarness();
});
afterEach(() => hub.close());

const toldAfterConnect = async (count: number): Promise<string[]> => {
  await until(() => hub.application.told.length > count, `${count} more words after connected`);
  return hub.application.told.slice(1);
};

describe('a will', () => {
  test('is published when MQTT.js is killed, then the departure is told', async () => {
    const client = await mqtt.connectAsync(hub.url, {
      clientId: 'a',
      username: 'gate-1',
      password: 'right',
      reconnectPeriod: 0,
      will,
    });
    client.stream.destroy();
    expect(await toldAfterConnect(2)).toEqual([`publish ${status}`, 'disconnected a will']);
    expect(hub.application.published[0]).toMatchObject({ text: 'offline', message: { qos: 1, retain: true } });
    client.end(true);
  });

  test('is discarded by a DISCONNECT', async () => {
    const client = await hub.rawConnected({ will });
    client.send({ cmd: 'disconnect' });
    expect(await toldAfterConnect(1)).toEqual(['disconnected raw goodbye']);
    await client.ended();
  });

  test('is kept by the DISCONNECT of MQTT 5 that asks for it', async () => {
    const client = await hub.rawConnected({ protocolVersion: 5, will });
    client.send({ cmd: 'disconnect', reasonCode: 0x04 });
    expect(await toldAfterConnect(2)).toEqual([`publish ${status}`, 'disconnected raw will']);
  });

  test('is published after a protocol error of the client', async () => {
    const client = await hub.rawConnected({ will });
    client.send({ cmd: 'pingresp' });
    expect(await toldAfterConnect(2)).toEqual([`publish ${status}`, 'disconnected raw will']);
  });

  test('is not published when the hub itself dropped the connection', async () => {
    hub.application.holds = true;
    const client = await hub.rawConnected({ will });
    client.send(client.publish(1));
    await until(() => hub.application.published.length === 1);
    hub.application.published[0]!.reject(new Error('disk full'));
    expect(await toldAfterConnect(2)).toEqual(['publish xy/v1/c/gate-1/events', 'disconnected raw hub-failed']);
  });

  test('that the log did not take does not hide the departure', async () => {
    hub.application.holds = true;
    const client = await hub.rawConnected({ will });
    client.socket.destroy();
    await until(() => hub.application.published.length === 1);
    hub.application.published[0]!.reject(new Error('disk full'));
    expect(await toldAfterConnect(2)).toEqual([`publish ${status}`, 'disconnected raw will']);
    expect(hub.failures).toEqual(['publishing a will: disk full']);
  });

  test('with a delay waits, and is forgotten when the client is back in time [MQTT-3.1.3-9]', async () => {
    const delayed = { ...will, properties: { willDelayInterval: 1 } };
    const properties = { sessionExpiryInterval: 60 };
    const client = await hub.rawConnected({ protocolVersion: 5, will: delayed, properties });
    client.socket.destroy();
    await until(() => hub.server.connectionCount === 0);
    await pause(100);
    expect(hub.application.told).toEqual(['connected raw']);
    const back = await hub.rawConnected({ protocolVersion: 5, will: delayed, properties });
    expect(await toldAfterConnect(2)).toEqual(['disconnected raw taken-over', 'connected raw']);
    back.socket.destroy();
    await until(() => hub.application.told.length === 5);
    expect(hub.application.told.slice(3)).toEqual([`publish ${status}`, 'disconnected raw will']);
  });
});

describe('a will with a delay', () => {
  test('is due when the session ends, and so at once where none is kept (3.1.3.2.2)', async () => {
    const client = await hub.rawConnected({
      protocolVersion: 5,
      will: { ...will, properties: { willDelayInterval: 60 } },
    });
    client.socket.destroy();
    expect(await toldAfterConnect(2)).toEqual([`publish ${status}`, 'disconnected raw will']);
  });
});

describe('a client without a will', () => {
  test('that is lost is told as lost', async () => {
    const client = await hub.rawConnected();
    client.socket.destroy();
    expect(await toldAfterConnect(1)).toEqual(['disconnected raw connection-lost']);
  });

  test('that falls silent is closed after one and a half times its keepalive', async () => {
    const client = await hub.rawConnected({ protocolVersion: 5, keepalive: 1 });
    await pause(1_200);
    expect(client.closed).toBe(false);
    expect((await client.heard('disconnect')).reasonCode).toBe(0x8d);
    expect(await toldAfterConnect(1)).toEqual(['disconnected raw keepalive']);
  });

  test('that pings stays', async () => {
    const client = await hub.rawConnected({ keepalive: 1 });
    for (let pings = 1; pings <= 4; pings += 1) {
      await pause(600);
      client.send({ cmd: 'pingreq' });
      await client.heard('pingresp', pings);
    }
    expect(hub.server.connectionCount).toBe(1);
  });

  test('that is gone before it was let in is told after it was told as connected', async () => {
    let letIn = (): void => undefined;
    hub.application.beforeConnected = () =>
      new Promise((resolve) => {
        letIn = resolve;
      });
    const client = await hub.raw();
    client.connect();
    await until(() => hub.server.counters.bytesReceived > 0);
    await pause(20);
    client.socket.destroy();
    await pause(50);
    letIn();
    await until(() => hub.application.told.length === 2);
    expect(hub.application.told).toEqual(['connected raw', 'disconnected raw connection-lost']);
  });
});
