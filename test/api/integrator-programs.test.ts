import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { MqttClient } from 'mqtt';
import { type CommandOptions, commandOptions } from '../../services/client/command.ts';
import { addDevice } from '../../services/client/device-add.ts';
import { listen } from '../../services/client/listen.ts';
import { publish } from '../../services/client/publish.ts';
import { verifyDevice } from '../../services/client/verify-device.ts';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { adminPassword, startTestHub, type TestHub, until } from '../running-hub.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const example = (name: string): string => `${root}devices/examples/${name}`;

let hub: TestHub;
const clients: MqttClient[] = [];
beforeAll(async () => {
  hub = await startTestHub();
  const compound = { id: 'harbour-view', name: 'Harbour View', profile: 'retrofit', households: 300 };
  await hub.call('POST', '/api/compounds', { body: compound });
});
afterAll(async () => {
  for (const client of clients) await client.endAsync(true);
  await hub.stop();
});

const optionsWith = (more: Partial<CommandOptions>): CommandOptions => {
  const defaults = Object.entries(commandOptions({})).flatMap(([name, option]) =>
    'default' in option ? [[name, option.default]] : [],
  );
  return { ...Object.fromEntries(defaults), hub: hub.url(), mqtt: hub.mqttUrl(), password: adminPassword, ...more };
};
const register = async (id: string): Promise<string> => {
  const body = { id, compound: 'harbour-view', kind: 'sensor', name: id };
  const { body: registered } = await hub.call('POST', '/api/devices', { body });
  return (registered as { credential: { password: string } }).credential.password;
};
const typesOf = async (device: string): Promise<string[]> => {
  const { items } = await hub.get<{ items: { type: string }[] }>(`/api/devices/${device}/events`);
  return items.map(({ type }) => type);
};

describe('npx xingyuan', () => {
  test('registers a device, publishes as it, and tells what would become of a payload', async () => {
    const said: string[] = [];
    const say = (line: string): void => void said.push(line);
    const options = optionsWith({ compound: 'harbour-view', kind: 'sensor' });
    expect(await addDevice(['tank-1'], options, say)).toBe(0);
    const secret = said.join('\n').match(/Password {3}(\S+)/)![1]!;
    const as = optionsWith({ username: 'tank-1', secret });
    const topic = 'xy/v1/harbour-view/tank-1/telemetry';
    expect(await publish([topic, '{"values":{"temperatureC":21}}'], as, say)).toBe(0);
    expect(said.at(-1)).toMatch(/^outcome: recorded/);
    expect(await publish([topic, '{"values":{"temperatureC":"warm"}}'], as, say)).toBe(1);
    const trying = optionsWith({ try: true });
    expect(await publish([topic, '{"values":{"temperatureC":"warm"}}'], trying, say)).toBe(1);
    expect(said.at(-1)).toContain('values.temperatureC');
    await expect(publish([topic, '{}'], optionsWith({}), say)).rejects.toThrow('--username');
  });

  test('listens to a device, and verifies it', async () => {
    const secret = await register('tank-2');
    const client = await hub.connect({ username: 'tank-2', password: secret });
    clients.push(client);
    let seq = 0;
    const speaking = setInterval(() => {
      seq += seq % 5 === 0 ? 3 : 1;
      const event = {
        type: 'sensor.measured',
        time: isoTime(systemClock.now()),
        seq,
        data: { values: { batteryPercent: 0.9 } },
      };
      client.publish('xy/v1/harbour-view/tank-2/events', JSON.stringify(event), { qos: 1 });
    }, 50);
    const [heard, report]: string[][] = [[], []];
    try {
      const ends = await Promise.all([
        listen(['tank-2'], optionsWith({ seconds: '2' }), (line) => heard!.push(line)),
        verifyDevice(['tank-2'], optionsWith({ seconds: '2' }), (line) => report!.push(line)),
      ]);
      expect(ends).toEqual([0, 1]);
    } finally {
      clearInterval(speaking);
    }
    expect(heard!.some((line) => line.includes('→ sensor.measured {"values":{"batteryPercent":0.9}}'))).toBe(true);
    const verdictOf = (check: string) => report!.find((line) => line.includes(` ${check} `))?.split(' ')[0];
    expect(['messages', 'refusals', 'time', 'units', 'gaps', 'will'].map(verdictOf)).toEqual([
      ...['pass', 'pass', 'pass', 'warn', 'fail', 'unseen'],
    ]);
  });

  test('is a program that tells how it is used', async () => {
    const { stdout } = await run(process.execPath, [`${root}services/client/xingyuan.js`, '--help']);
    expect(stdout).toContain('verify-device <device>');
    await expect(
      run(process.execPath, [`${root}services/client/xingyuan.js`, 'device', 'remove']),
    ).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no command "device remove".'),
    });
  });
});

describe('an example program', () => {
  const environment = (device: string, secret: string) => {
    const HUB_MQTT_PORT = new URL(hub.mqttUrl()).port;
    const of = { HUB_HOST: '127.0.0.1', HUB_MQTT_PORT, COMPOUND: 'harbour-view', DEVICE: device, SECRET: secret };
    return { cwd: root, env: { ...process.env, ...of } };
  };

  test('with MQTT.js is told what became of each reading', async () => {
    const secret = await register('node-1');
    const { stdout } = await run(process.execPath, [example('node-sensor.js')], environment('node-1', secret));
    expect(stdout).toBe(`no-op\n${'recorded\n'.repeat(3)}`);
  });
  test('with mosquitto_pub raises a fault and mends it', async () => {
    const secret = await register('shell-1');
    await run('sh', [example('mosquitto-pub.sh')], environment('shell-1', secret));
    await until('its events', async () => {
      const types = await typesOf('shell-1');
      return ['sensor.measured', 'device.fault-raised', 'device.fault-cleared'].every((type) => types.includes(type));
    });
  });
  test('with Python’s paho is acknowledged', async () => {
    const secret = await register('paho-1');
    const { stdout } = await run('/usr/bin/python3', [example('paho-sensor.py')], environment('paho-1', secret));
    expect(stdout).toBe('1 acknowledged\n2 acknowledged\n3 acknowledged\n');
    expect(await typesOf('paho-1')).toContain('sensor.measured');
  });
});
