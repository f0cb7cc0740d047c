import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { MqttQuota } from './application.ts';
import { type Harness, pause, startHarness, until } from './mqtt-harness.ts';

let hub: Harness;
let left: number;
let answers: string[];
/** Takes as many messages as `left` says. */
const quota: MqttQuota = {
  take: () => (left > 0 ? 0 * left-- : 1_000),
  exceeded: (_nowMs, answer) => {
    answers.push(answer);
    return 'too many, send it again later';
  },
};
beforeEach(async () => {
  hub = await startHarness({ throttledMax: 5 });
  hub.application.quota = () => quota;
  left = 2;
  answers = [];
});
afterEach(() => hub.close());

describe('over quota', () => {
  test.each([1, 2] as const)(
    'in MQTT 5 QoS %d is refused by 0x97 with its reason, and the connection stays',
    async (qos) => {
      const client = await hub.rawConnected({ protocolVersion: 5 });
      client.send(...[1, 2, 3].map((id) => client.publish(id, qos)));
      const cmd = qos === 1 ? 'puback' : 'pubrec';
      const refused = await client.heard(cmd, 3);
      expect(client.all(cmd).map(({ messageId, reasonCode }) => [messageId, reasonCode])).toEqual([
        [1, 0],
        [2, 0],
        [3, 0x97],
      ]);
      expect(refused.properties?.reasonString).toMatch(/send it again later/);
      expect(refused.properties?.userProperties).toEqual({ code: 'over-quota' });
      expect(hub.application.texts()).toEqual(['1', '2']);
      left = 1;
      client.send(client.publish(3, qos));
      await client.heard(cmd, 4);
      expect(hub.application.texts()).toEqual(['1', '2', '3']);
      expect(answers).toEqual(['refused']);
    },
  );

  test('in 3.1.1 the PUBACK waits, the order stays, nothing is lost', async () => {
    const client = await hub.rawConnected();
    client.send(client.publish(1), client.publish(2), client.publish(3), client.publish(4, 2), client.publish(5, 0));
    await client.heard('puback', 2);
    await pause(300);
    expect(client.ids('puback')).toEqual([1, 2]);
    left = 1;
    await client.heard('puback', 3);
    expect(client.all('pubrec')).toEqual([]);
    left = 10;
    await client.heard('pubrec');
    await until(() => hub.application.published.length === 5);
    expect(hub.application.texts()).toEqual(['1', '2', '3', '4', '5']);
    expect(answers).toEqual(['delayed', 'delayed', 'delayed']);
  });

  test('QoS 0 waits in MQTT 5 too, since nobody could be told', async () => {
    const client = await hub.rawConnected({ protocolVersion: 5 });
    client.send(...['1', '2', '3'].map((payload) => ({ ...client.publish(0, 0), payload }) as never));
    await pause(50);
    expect(hub.application.published).toHaveLength(2);
    left = 1;
    await until(() => hub.application.published.length === 3);
  });

  test('a client that goes on is read no further than the bound, and its pings are answered until then', async () => {
    left = 0;
    const client = await hub.rawConnected({ keepalive: 1 });
    client.send(client.publish(1), client.publish(2), { cmd: 'pingreq' });
    await client.heard('pingresp');
    for (let id = 3; id <= 20; id += 1) client.send(client.publish(id));
    await pause(2_200);
    expect(client.closed).toBe(false);
    left = 100;
    await client.heard('puback', 20);
    expect(client.ids('puback')).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  test('a QoS 2 message that waited when the connection was lost is taken when it is said again', async () => {
    left = 0;
    const first = await hub.rawConnected({ clean: false });
    first.send(first.publish(5, 2));
    await until(() => answers.length === 1);
    first.socket.destroy();
    await until(() => hub.server.connectionCount === 0);
    left = 5;
    const second = await hub.rawConnected({ clean: false });
    second.send({ ...second.publish(5, 2), dup: true } as never);
    await second.heard('pubrec');
    expect(hub.application.texts()).toEqual(['5']);
  });

  test('over all connections so much may wait, and more of those that have a part in it is not read', async () => {
    await hub.close();
    hub = await startHarness({ throttledMax: 5, throttledInAllMax: 5 });
    hub.application.quota = ({ id }) => (id === 'calm' ? undefined : quota);
    left = 0;
    const noisy = [];
    for (const username of ['first', 'second']) {
      const client = await hub.rawConnected({ username, clientId: username });
      for (let id = 1; id <= 4; id += 1) client.send(client.publish(id));
      await pause(30);
      noisy.push(client);
    }
    expect(answers).toHaveLength(5);
    const calm = await hub.rawConnected({ username: 'calm', clientId: 'calm' });
    calm.send(calm.publish(1));
    await calm.heard('puback');
    left = 100;
    for (const client of noisy) {
      await client.heard('puback', 4);
      expect(client.ids('puback')).toEqual([1, 2, 3, 4]);
    }
  });

  test('what waits of a client that has gone makes room', async () => {
    await hub.close();
    hub = await startHarness({ throttledMax: 2, throttledInAllMax: 2 });
    hub.application.quota = () => quota;
    left = 0;
    const gone = await hub.rawConnected({ clientId: 'gone' });
    gone.send(gone.publish(1), gone.publish(2));
    await until(() => answers.length === 2);
    gone.socket.destroy();
    await until(() => hub.server.connectionCount === 0);
    const client = await hub.rawConnected({ clientId: 'here' });
    client.send(client.publish(1), client.publish(2), client.publish(3));
    await until(() => answers.length === 4);
  });

  test('what waits for the quota does not go on while the log has no room', async () => {
    await hub.close();
    hub = await startHarness({ receiveMaximum: 1, unansweredMax: 2, unansweredInAllMax: 2 });
    hub.application.quota = () => quota;
    hub.application.holds = true;
    left = 0;
    const client = await hub.rawConnected();
    for (let id = 1; id <= 4; id += 1) client.send(client.publish(id));
    await until(() => answers.length === 4);
    left = 100;
    await until(() => hub.application.published.length === 2);
    await pause(600);
    expect(hub.application.published).toHaveLength(2);
    for (const { resolve } of hub.application.published) resolve({ outcome: 'recorded', position: '1' });
    await until(() => hub.application.published.length === 4);
  });

  test('one client’s quota holds up no other', async () => {
    left = 0;
    hub.application.quota = ({ id }) => (id === 'noisy' ? quota : undefined);
    const noisy = await hub.rawConnected({ username: 'noisy', clientId: 'noisy' });
    for (let id = 1; id <= 50; id += 1) noisy.send(noisy.publish(id));
    const calm = await hub.rawConnected({ clientId: 'calm' });
    calm.send(calm.publish(1));
    await calm.heard('puback');
    expect(noisy.all('puback')).toEqual([]);
  });
});

test('a credential has a bounded number of connections, and the one too many is told so', async () => {
  await hub.close();
  hub = await startHarness({ connectionsPerPrincipalMax: 2 });
  await hub.rawConnected({ clientId: 'a' });
  await hub.rawConnected({ clientId: 'b' });
  const third = await hub.raw();
  third.connect({ clientId: 'c', protocolVersion: 5 });
  expect((await third.heard('connack')).reasonCode).toBe(0x97);
  await hub.rawConnected({ clientId: 'b' });
  await hub.rawConnected({ clientId: 'c', username: 'gate-2' });
});
