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
