import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { startTestHub, type TestHub, until } from '../running-hub.ts';

interface Credential {
  username: string;
  password: string;
}

const compound = 'session-garden';
let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
  await hub.call('POST', '/api/compounds', { body: { id: compound, name: 'G', profile: 'new', households: 1 } });
});
afterAll(() => hub.stop());

const register = async (id: string): Promise<Credential> => {
  const device = { id, compound, kind: 'access-gate', dialect: 'canonical', name: id };
  const { body } = await hub.call('POST', '/api/devices', { body: device });
  return (body as { credential: Credential }).credential;
};
const connect = (credential: Credential, more: IClientOptions = {}): Promise<MqttClient> =>
  mqtt.connectAsync(hub.mqttUrl(), { ...credential, protocolVersion: 5, reconnectPeriod: 0, ...more });
/** Why the hub ends the client's connection. */
const dismissal = (client: MqttClient): Promise<{ code: unknown; text: unknown }> =>
  new Promise((resolve) => {
    client.on('disconnect', ({ reasonCode, properties }) =>
      resolve({ code: reasonCode, text: properties?.reasonString }),
    );
  });
const closed = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => {
    client.on('close', () => resolve());
  });
const typesOf = async (device: string): Promise<string[]> => {
  const { items } = await hub.get<{ items: { type: string }[] }>(`/api/devices/${device}/events?limit=50`);
  return items.map(({ type }) => type);
};

describe('a credential that counts no longer', () => {
  test('a new password ends the open connections, in words, and only the new one comes back', async () => {
    const old = await register('gate-1');
    const client = await connect(old);
    const plain = await connect(old, { protocolVersion: 4, clientId: 'plain' });
    const [told, left] = [dismissal(client), closed(plain)];
    const { body } = await hub.call('POST', '/api/devices/gate-1/credential');
    expect(await told).toEqual({ code: 0x87, text: 'gate-1 has a new password: connect with that one' });
    await left;
    await expect(connect(old)).rejects.toThrow(/Bad User Name or Password/i);
    const again = await connect(body as Credential);
    await again.publishAsync(`xy/v1/${compound}/gate-1/events`, '{"type":"gate.passed"}', { qos: 1 });
    await again.endAsync();
  });

  test('retirement ends them too, and the will of the device raises nothing', async () => {
    const will = {
      topic: `xy/v1/${compound}/gate-2/status`,
      payload: Buffer.from('offline'),
      qos: 1 as const,
      retain: true,
    };
    const client = await connect(await register('gate-2'), { will });
    const told = dismissal(client);
    await hub.call('DELETE', '/api/devices/gate-2');
    expect(await told).toEqual({ code: 0x98, text: 'gate-2 was retired: register it anew' });
    expect(await typesOf('gate-2')).not.toContain('device.disconnected');
  });
});

describe('whether devices are there', () => {
  const statusOf = (device: string) => `xy/v1/${compound}/${device}/status`;
  const password = 'a property password';
  const listen = async (filter: string) => {
    const client = await connect({ username: 'property', password }, { clientId: `property-${filter}` });
    const heard: [string, string, boolean][] = [];
    client.on('message', (topic, payload, { retain }) => heard.push([topic, payload.toString(), retain]));
    await client.subscribeAsync(filter, { qos: 1 });
    return { client, heard };
  };

  test('a person who subscribes hears it at once, and then what changes', async () => {
    await hub.call('POST', '/api/accounts', { body: { user: 'property', role: 'viewer', password } });
    const credential = await register('gate-3');
    const gate = await connect(credential);
    await register('gate-4');
    const { client, heard } = await listen(`xy/v1/${compound}/+/status`);
    await until('a word', async () => heard.length > 0);
    expect(heard).toContainEqual([statusOf('gate-3'), 'online', true]);
    gate.stream.destroy();
    await until('the gate to be offline', async () =>
      heard.some(([topic, payload, retain]) => topic === statusOf('gate-3') && payload === 'offline' && !retain),
    );
    expect(heard.filter(([topic]) => topic === statusOf('gate-4'))).toEqual([]);
    await client.endAsync();
    gate.end(true);
  });

  test('a device hears its own status, and no other’s', async () => {
    const client = await connect(await register('gate-5'));
    await expect(client.subscribeAsync(statusOf('gate-3'))).rejects.toThrow(/not authorized/i);
    const heard = new Promise((resolve) => {
      client.on('message', (topic) => resolve(topic));
    });
    await client.subscribeAsync(statusOf('gate-5'), { qos: 1 });
    expect(await heard).toBe(statusOf('gate-5'));
    await client.endAsync();
  });
});
