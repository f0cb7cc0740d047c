import 'reflect-metadata';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import mqtt from 'mqtt';
import { systemClock } from '../../runtime/clock.ts';
import { MqttEndpoint } from './mqtt-endpoint.ts';
import { type Harness, pause, ScriptedApplication, startHarness, until } from './mqtt-harness.ts';

let hub: Harness | undefined;
afterEach(async () => {
  await hub?.close();
  hub = undefined;
});

@Module({})
class EmptyModule {}

const endpoint = (port = 0): MqttEndpoint =>
  new MqttEndpoint({
    application: new ScriptedApplication(),
    clock: systemClock,
    failed: () => undefined,
    limits: { lingerTimeoutMs: 200, shutdownTimeoutMs: 500 },
    port,
    host: '127.0.0.1',
  });

describe('the endpoint as a transport of Nest', () => {
  test('is started, served and stopped by it', async () => {
    const strategy = endpoint();
    const nest = await NestFactory.createMicroservice(EmptyModule, { strategy, logger: false });
    await nest.listen();
    const { port } = strategy.address()!;
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
      username: 'gate-1',
      password: 'right',
      reconnectPeriod: 0,
    });
    await client.publishAsync('a', 'b', { qos: 1 });
    expect(strategy.connectionCount).toBe(1);
    expect(strategy.counters.publishesAnswered).toBe(1);
    const closed = new Promise((resolve) => {
      client.once('close', () => resolve(true));
    });
    await nest.close();
    expect(await closed).toBe(true);
    expect(strategy.connectionCount).toBe(0);
    client.end(true);
  });

  test('a port that is taken is told with its remedy', async () => {
    hub = await startHarness();
    const strategy = endpoint(hub.port);
    const error = await new Promise((resolve) => {
      strategy.listen(resolve);
    });
    expect(error).toMatchObject({ code: 'start-refused' });
    expect(String(error)).toMatch(new RegExp(`${hub.port}.*HUB_MQTT_PORT`));
    await strategy.close();
  });
});

describe('shutting down', () => {
  test('answers what was read, says so in MQTT 5, and tells of no departure', async () => {
    hub = await startHarness();
    hub.application.holds = true;
    const will = { topic: 'xy/v1/c/gate-1/status', payload: Buffer.from('offline') };
    const client = await hub.rawConnected({ protocolVersion: 5, will });
    client.send(client.publish(1));
    await until(() => hub!.application.published.length === 1);
    const closed = hub.server.close();
    await pause(50);
    expect(client.closed).toBe(false);
    hub.application.published[0]!.resolve({ outcome: 'recorded', position: '1' });
    await closed;
    await client.ended();
    expect(client.heardPackets.map(({ cmd }) => cmd)).toEqual(['connack', 'puback', 'disconnect']);
    expect((await client.heard('disconnect')).reasonCode).toBe(0x8b);
    expect(hub.application.told).toEqual(['connected raw', 'publish xy/v1/c/gate-1/events']);
  });

  test('does not wait for a log that answers no more, nor for a client that does not leave', async () => {
    hub = await startHarness();
    hub.application.holds = true;
    const client = await hub.rawConnected();
    client.socket.pause();
    client.send(client.publish(1));
    await until(() => hub!.application.published.length === 1);
    const begun = performance.now();
    await hub.server.close();
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(hub.server.connectionCount).toBe(0);
  });

  test('forgets wills that wait for their delay', async () => {
    hub = await startHarness();
    const will = { topic: 't', payload: Buffer.from('x'), properties: { willDelayInterval: 1 } };
    const client = await hub.rawConnected({ protocolVersion: 5, will, properties: { sessionExpiryInterval: 9 } });
    client.socket.destroy();
    await until(() => hub!.server.connectionCount === 0);
    await hub.server.close();
    await pause(1_100);
    expect(hub.application.told).toEqual(['connected raw']);
  });

  test('more connections than the limit are not taken', async () => {
    hub = await startHarness({ connectionsMax: 1 });
    await hub.rawConnected();
    const second = await hub.raw();
    await second.ended();
    expect(hub.server.counters.connectionsRefused).toBe(1);
  });
});
