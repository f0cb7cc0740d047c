import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Harness, pause, type RawClient, startHarness, until } from './mqtt-harness.ts';

let hub: Harness;
beforeEach(async () => {
  hub = await startHarness();
});
afterEach(() => hub.close());

const again = (client: RawClient, messageId: number) => ({ ...client.publish(messageId, 2), dup: true });

describe('QoS 2', () => {
  test('a message sent again before its PUBREL is taken once', async () => {
    const client = await hub.rawConnected();
    client.send(client.publish(5, 2));
    await client.heard('pubrec');
    client.send(again(client, 5));
    await client.heard('pubrec', 2);
    client.send({ cmd: 'pubrel', messageId: 5 });
    await client.heard('pubcomp');
    expect(hub.application.texts()).toEqual(['5']);
  });

  test('sent again while it is being committed it is taken once and answered once', async () => {
    hub.application.holds = true;
    const client = await hub.rawConnected();
    client.send(client.publish(5, 2), again(client, 5));
    await until(() => hub.application.published.length === 1);
    hub.application.published[0]!.resolve({ outcome: 'recorded', position: '1' });
    await client.heard('pubrec');
    await pause(30);
    expect(client.ids('pubrec')).toEqual([5]);
    expect(hub.application.published).toHaveLength(1);
  });

  test('after PUBCOMP the packet id is free for another message', async () => {
    const client = await hub.rawConnected();
    for (const round of [1, 2]) {
      client.send(client.publish(5, 2));
      await client.heard('pubrec', round);
      client.send({ cmd: 'pubrel', messageId: 5 });
      await client.heard('pubcomp', round);
    }
    expect(hub.application.texts()).toEqual(['5', '5']);
  });

  test('a refusal in MQTT 5 ends the exchange, so the same id is a new message', async () => {
    hub.application.outcome = () => ({ outcome: 'refused', code: 'broken-json', reason: 'no JSON', reasonCode: 0x99 });
    const client = await hub.rawConnected({ protocolVersion: 5 });
    client.send(client.publish(5, 2));
    expect((await client.heard('pubrec')).reasonCode).toBe(0x99);
    client.send(client.publish(5, 2));
    await client.heard('pubrec', 2);
    expect(hub.application.texts()).toEqual(['5', '5']);
  });

  test('PUBREL of an unknown id is completed, in MQTT 5 with its reason', async () => {
    const old = await hub.rawConnected();
    old.send({ cmd: 'pubrel', messageId: 9 });
    expect((await old.heard('pubcomp')).messageId).toBe(9);
    const client = await hub.rawConnected({ protocolVersion: 5, clientId: 'five' });
    client.send({ cmd: 'pubrel', messageId: 9, reasonCode: 0 });
    expect((await client.heard('pubcomp')).reasonCode).toBe(0x92);
  });
});

describe('QoS 2 over connections', () => {
  const keeping = { protocolVersion: 5, clean: false, properties: { sessionExpiryInterval: 60 } } as const;
  const lose = async (client: RawClient) => {
    client.socket.destroy();
    await until(() => hub.server.connectionCount === 0);
  };

  test('a message whose PUBREC was lost is taken once [MQTT-4.3.3-10]', async () => {
    const first = await hub.rawConnected(keeping);
    first.send(first.publish(5, 2));
    await first.heard('pubrec');
    await lose(first);
    const second = await hub.rawConnected(keeping);
    second.send(again(second, 5));
    expect((await second.heard('pubrec')).messageId).toBe(5);
    second.send({ cmd: 'pubrel', messageId: 5, reasonCode: 0 });
    expect((await second.heard('pubcomp')).reasonCode).toBe(0);
    expect(hub.application.texts()).toEqual(['5']);
  });

  test('a message that was being committed when the connection was lost is taken once, and answered once it is', async () => {
    hub.application.holds = true;
    const first = await hub.rawConnected(keeping);
    first.send(first.publish(5, 2));
    await until(() => hub.application.published.length === 1);
    await lose(first);
    const second = await hub.rawConnected(keeping);
    second.send(again(second, 5));
    await pause(30);
    expect(second.all('pubrec')).toEqual([]);
    hub.application.published[0]!.resolve({ outcome: 'recorded', position: '7' });
    expect((await second.heard('pubrec')).messageId).toBe(5);
    expect(hub.application.published).toHaveLength(1);
  });

  test('one that was committed while nobody was connected is known too', async () => {
    hub.application.holds = true;
    const first = await hub.rawConnected(keeping);
    first.send(first.publish(5, 2));
    await until(() => hub.application.published.length === 1);
    await lose(first);
    hub.application.published[0]!.resolve({ outcome: 'recorded', position: '7' });
    await pause(10);
    const second = await hub.rawConnected(keeping);
    second.send(again(second, 5));
    await second.heard('pubrec');
    expect(hub.application.published).toHaveLength(1);
  });

  test('one that the log could not take is taken when it is said again', async () => {
    hub.application.holds = true;
    const first = await hub.rawConnected(keeping);
    first.send(first.publish(5, 2));
    await until(() => hub.application.published.length === 1);
    hub.application.published[0]!.reject(new Error('disk full'));
    await first.ended();
    hub.application.holds = false;
    const second = await hub.rawConnected(keeping);
    second.send(again(second, 5));
    await second.heard('pubrec');
    expect(hub.application.published).toHaveLength(2);
  });

  test('a PUBREL of the connection before is completed, and its id is free', async () => {
    const first = await hub.rawConnected(keeping);
    first.send(first.publish(5, 2));
    await first.heard('pubrec');
    await lose(first);
    const second = await hub.rawConnected(keeping);
    second.send({ cmd: 'pubrel', messageId: 5, reasonCode: 0 });
    expect((await second.heard('pubcomp')).reasonCode).toBe(0);
    second.send(second.publish(5, 2));
    await second.heard('pubrec');
    expect(hub.application.texts()).toEqual(['5', '5']);
  });

  test('said again together with its PUBREL, the id is free afterwards', async () => {
    const client = await hub.rawConnected(keeping);
    client.send(client.publish(5, 2));
    await client.heard('pubrec');
    client.send(again(client, 5), { cmd: 'pubrel', messageId: 5, reasonCode: 0 });
    await client.heard('pubcomp');
    client.send(client.publish(5, 2));
    await client.heard('pubrec', 3);
    expect(hub.application.texts()).toEqual(['5', '5']);
  });

  test('without a session the same id is another message', async () => {
    const first = await hub.rawConnected({ protocolVersion: 5 });
    first.send(first.publish(5, 2));
    await first.heard('pubrec');
    await lose(first);
    const second = await hub.rawConnected({ protocolVersion: 5 });
    second.send(again(second, 5));
    await second.heard('pubrec');
    expect(hub.application.texts()).toEqual(['5', '5']);
  });
});
