import type { IPublishPacket, MqttClient } from 'mqtt';
import { until } from '../mqtt/mqtt-harness.ts';
import { connectDiverted } from './broker-client.ts';
import { type BrokerDouble, startBrokerDouble } from './broker-double.ts';
import { type HeldAcknowledgements, holdAcknowledgements } from './held-acknowledgements.ts';

interface Taken {
  text: string;
  resolve(): void;
  reject(error: Error): void;
}

let broker: BrokerDouble;
let client: MqttClient;
let held: HeldAcknowledgements;
let taken: Taken[];
let dropped: Pick<IPublishPacket, 'topic' | 'qos'>[];

const start = async (protocolVersion: 4 | 5, unansweredMax = 100): Promise<void> => {
  broker = await startBrokerDouble(protocolVersion);
  taken = [];
  dropped = [];
  held = holdAcknowledgements({
    limits: { unansweredMax, unansweredBytesMax: 1_000 },
    take: ({ payload }) =>
      new Promise((resolve, reject) => {
        taken.push({ text: payload.toString(), resolve, reject });
      }),
    dropped: (_error, packet) => void dropped.push(packet),
  });
  const options = { protocolVersion, clientId: 'hub', clean: false, reconnectPeriod: 50, resubscribe: false };
  client = connectDiverted(broker.url, options, held.begin);
  client.on('close', held.end);
  await until(() => client.connected, 'the first connection');
  broker.cut();
  await until(() => broker.connections() === 2 && client.connected, 'the second connection');
};
const texts = (): string[] => taken.map(({ text }) => text);
const settle = (...ids: number[]): void => {
  for (const { text, resolve } of taken) if (ids.includes(Number(text))) resolve();
};

afterEach(async () => {
  await client.endAsync(true);
  await broker.close();
});

describe.each([4, 5] as const)('MQTT.js with protocol version %i', (protocolVersion) => {
  test('sends no PUBACK of its own, and hands on what follows', async () => {
    await start(protocolVersion);
    broker.publish([1, 2, 3]);
    await until(() => taken.length === 3, 'three messages');
    client.sendPing();
    await until(() => broker.heard.some(({ cmd }) => cmd === 'pingreq'), 'a ping');
    expect(broker.acknowledged()).toEqual([]);
    settle(3, 2);
    client.sendPing();
    await until(() => broker.heard.filter(({ cmd }) => cmd === 'pingreq').length === 2, 'a second ping');
    expect(broker.acknowledged()).toEqual([]);
    settle(1);
    await until(() => broker.acknowledged().length === 3, 'three PUBACKs');
    expect(broker.acknowledged()).toEqual([1, 2, 3]);
  });

  test('drops the connection when a message could not be taken, and acknowledges nothing of it any more', async () => {
    await start(protocolVersion);
    broker.publish([1, 2, 3]);
    await until(() => taken.length === 3, 'three messages');
    settle(1);
    await until(() => broker.acknowledged().length === 1, 'the first PUBACK');
    taken[1]!.reject(new Error('the log is away'));
    settle(3);
    await until(() => broker.connections() === 3 && client.connected, 'the next connection');
    expect(broker.acknowledged()).toEqual([1]);
    expect(dropped).toEqual([{ topic: 'xy/v1/harbour-view/gate-1/events', qos: 1 }]);
    broker.publish([2, 3], { dup: true });
    await until(() => taken.length === 5, 'the messages again');
    for (const { resolve } of taken) resolve();
    await until(() => broker.acknowledged().length === 3, 'the PUBACKs');
    expect(broker.acknowledged()).toEqual([1, 2, 3]);
  });

  test('packet ids belong to the connection: what commits after it is gone is not acknowledged on the next', async () => {
    await start(protocolVersion);
    broker.publish([1]);
    await until(() => taken.length === 1, 'the message');
    broker.cut();
    await until(() => broker.connections() === 3 && client.connected, 'the next connection');
    settle(1);
    broker.publish([9]);
    await until(() => taken.length === 2, 'the next message');
    taken[1]!.resolve();
    await until(() => broker.acknowledged().length > 0, 'its PUBACK');
    expect(broker.acknowledged()).toEqual([9]);
  });

  test('takes what a broker sends right behind the CONNACK', async () => {
    await start(protocolVersion);
    const write = broker.answers;
    write.connack = { sessionPresent: true };
    broker.cut();
    await until(() => broker.connections() === 3, 'the CONNECT');
    broker.publish([5]);
    await until(() => texts().includes('5'), 'the message');
    settle(5);
    await until(() => broker.acknowledged().length === 1, 'its PUBACK');
  });
});

test('reads no further while so much is under way, and goes on afterwards', async () => {
  await start(5, 4);
  broker.publish(Array.from({ length: 20 }, (_, index) => index + 1));
  await until(() => taken.length === 4, 'four messages');
  await new Promise((resolve) => {
    setTimeout(resolve, 100);
  });
  expect([taken.length, held.unanswered()]).toEqual([4, 4]);
  for (let count = 0; count < 20; count += 1) {
    await until(() => taken.length > count, `message ${count + 1}`);
    expect(held.unanswered()).toBeLessThanOrEqual(4);
    taken[count]!.resolve();
  }
  await until(() => broker.acknowledged().length === 20, 'twenty PUBACKs');
  expect(texts()).toEqual(Array.from({ length: 20 }, (_, index) => String(index + 1)));
});

test('bytes count as messages do', async () => {
  await start(5);
  broker.publish([1, 2, 3], { payload: Buffer.alloc(600) });
  await until(() => taken.length === 2, 'two messages');
  await new Promise((resolve) => {
    setTimeout(resolve, 50);
  });
  expect(taken).toHaveLength(2);
  taken[0]!.resolve();
  await until(() => taken.length === 3, 'the third');
  for (const { resolve } of taken) resolve();
});

test('QoS 0 is taken and never acknowledged', async () => {
  await start(5);
  broker.publish([0], { qos: 0 });
  await until(() => taken.length === 1, 'the message');
  taken[0]!.resolve();
  broker.publish([2]);
  await until(() => taken.length === 2, 'the next');
  taken[1]!.resolve();
  await until(() => broker.acknowledged().length > 0, 'a PUBACK');
  expect(broker.acknowledged()).toEqual([2]);
});

test('stopping begins nothing new and waits for what is under way', async () => {
  await start(5);
  broker.publish([1]);
  await until(() => taken.length === 1, 'the message');
  const stopped = held.stop();
  broker.publish([2]);
  client.sendPing();
  await until(() => broker.heard.some(({ cmd }) => cmd === 'pingreq'), 'a ping');
  taken[0]!.resolve();
  await stopped;
  await until(() => broker.acknowledged().length > 0, 'the PUBACK');
  expect([texts(), broker.acknowledged()]).toEqual([['1'], [1]]);
});
