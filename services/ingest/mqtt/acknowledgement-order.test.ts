import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { MqttOutcome } from './application.ts';
import { type Harness, pause, startHarness, until } from './mqtt-harness.ts';

const recorded = (position: string): MqttOutcome => ({ outcome: 'recorded', position });
let hub: Harness;
beforeEach(async () => {
  hub = await startHarness();
  hub.application.holds = true;
});
afterEach(() => hub.close());

describe('acknowledgements', () => {
  test('messages are handed on without waiting, and acknowledged in receive order though their commits come in reverse', async () => {
    const client = await hub.rawConnected();
    client.send(client.publish(11), client.publish(12), client.publish(13));
    await until(() => hub.application.published.length === 3);
    expect(hub.application.texts()).toEqual(['11', '12', '13']);
    const [first, second, third] = hub.application.published;
    third!.resolve(recorded('3'));
    second!.resolve(recorded('2'));
    await pause(50);
    expect(client.ids('puback')).toEqual([]);
    first!.resolve(recorded('1'));
    await client.heard('puback', 3);
    expect(client.ids('puback')).toEqual([11, 12, 13]);
  });

  test('what is committed goes out although later messages are not', async () => {
    const client = await hub.rawConnected();
    client.send(client.publish(1), client.publish(2));
    await until(() => hub.application.published.length === 2);
    hub.application.published[0]!.resolve(recorded('1'));
    await client.heard('puback');
    await pause(30);
    expect(client.ids('puback')).toEqual([1]);
  });

  test('QoS 1 and QoS 2 share the order', async () => {
    const client = await hub.rawConnected();
    client.send(client.publish(1, 2), client.publish(2, 1));
    await until(() => hub.application.published.length === 2);
    hub.application.published[1]!.resolve(recorded('2'));
    await pause(30);
    expect(client.heardPackets.map(({ cmd }) => cmd)).toEqual(['connack']);
    hub.application.published[0]!.resolve(recorded('1'));
    await client.heard('puback');
    expect(client.heardPackets.map(({ cmd }) => cmd)).toEqual(['connack', 'pubrec', 'puback']);
  });

  test('a message that the log did not take drops the connection without its acknowledgement', async () => {
    const client = await hub.rawConnected();
    client.send(client.publish(1), client.publish(2), client.publish(3));
    await until(() => hub.application.published.length === 3);
    hub.application.published[0]!.resolve(recorded('1'));
    await client.heard('puback');
    hub.application.published[1]!.reject(new Error('disk full'));
    hub.application.published[2]!.resolve(recorded('3'));
    await client.ended();
    expect(client.ids('puback')).toEqual([1]);
    expect(hub.failures).toEqual(['publishing: disk full']);
    expect(hub.application.told.at(-1)).toBe('disconnected raw hub-failed');
    expect(hub.server.counters.acknowledgementsDropped).toBe(2);
  });

  test('QoS 0 is answered by nothing, and dropped connections tell of its loss too', async () => {
    const client = await hub.rawConnected();
    client.send(client.publish(1, 0));
    await until(() => hub.application.published.length === 1);
    hub.application.published[0]!.reject(new Error('disk full'));
    await client.ended();
    expect(client.heardPackets.map(({ cmd }) => cmd)).toEqual(['connack']);
  });

  test('in MQTT 5 the drop says why', async () => {
    const client = await hub.rawConnected({ protocolVersion: 5 });
    client.send(client.publish(1));
    await until(() => hub.application.published.length === 1);
    hub.application.published[0]!.reject(new Error('disk full'));
    const { reasonCode, properties } = await client.heard('disconnect');
    expect(reasonCode).toBe(0x89);
    expect(properties?.reasonString).toMatch(/send what was not acknowledged/);
  });

  test('an acknowledgement that comes due after the connection is gone goes nowhere', async () => {
    const client = await hub.rawConnected();
    client.send(client.publish(1));
    await until(() => hub.application.published.length === 1);
    client.socket.destroy();
    await until(() => hub.application.told.includes('disconnected raw connection-lost'));
    hub.application.published[0]!.resolve(recorded('1'));
    await pause(20);
    expect(hub.failures).toEqual([]);
    expect(hub.server.counters).toMatchObject({ acknowledgementsDropped: 1, publishesAnswered: 1 });
  });
});
