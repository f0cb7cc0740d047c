import sparkplug from 'sparkplug-payload';
import { createIngestHarness, deviceFor, startMs } from './ingest-harness.ts';

const { encodePayload } = sparkplug.get('spBv1.0')!;
type Said = Parameters<typeof encodePayload>[0];

const group = 'spBv1.0/plum-court';
const birthNumber = (value: number) => ({ name: 'bdSeq', type: 'Int64' as const, value });
const temperature = (value: number) => ({
  ...{ name: 'Temperature', alias: 7, type: 'Float' as const, value, timestamp: startMs },
});
const byNumber = (value: number) => ({ alias: 7, type: 'Float' as const, value });
const rebirth = { topic: `${group}/NCMD/edge` };

/** A node behind a gateway's credential, as a bridge or a site's broker brings it. */
const createNode = () => {
  const hub = createIngestHarness({ devices: [deviceFor('site', { kind: 'gateway', dialect: 'sparkplug-b' })] });
  return {
    hub,
    say: (word: string, said: Said) =>
      hub.send('site', `${group}/${word}`, encodePayload({ timestamp: hub.clock.nowMs, ...said })),
    async born(number = 0) {
      await this.say('NBIRTH/edge', { seq: 0, metrics: [birthNumber(number)] });
      return this.say('DBIRTH/edge/pump', { seq: 1, metrics: [temperature(20)] });
    },
    readings: async () => (await hub.events()).flatMap(({ type, data }) => (type === 'sensor.measured' ? [data] : [])),
  };
};

test('a birth names what later comes by number', async () => {
  const node = createNode();
  await node.born();
  const outcome = await node.say('DDATA/edge/pump', { seq: 2, metrics: [byNumber(21.5)] });
  expect(outcome).toMatchObject({ outcome: 'recorded' });
  expect(outcome).not.toHaveProperty('answers');
  expect(await node.readings()).toEqual([{ values: { temperatureC: 20 } }, { values: { temperatureC: 21.5 } }]);
});

test('a message that is missing is asked for once, by a rebirth', async () => {
  const node = createNode();
  await node.born();
  expect(await node.say('DDATA/edge/pump', { seq: 4, metrics: [byNumber(21)] })).toMatchObject({ answers: [rebirth] });
  expect(await node.say('DDATA/edge/pump', { seq: 5, metrics: [byNumber(22)] })).not.toHaveProperty('answers');
});

test('a number that no birth has named is refused, asked for, and understood after the rebirth', async () => {
  const node = createNode();
  expect(await node.say('DDATA/edge/pump', { seq: 9, metrics: [byNumber(21)] })).toMatchObject({
    ...{ outcome: 'refused', code: 'no-codec', answers: [rebirth] },
  });
  await node.born();
  expect(await node.say('DDATA/edge/pump', { seq: 2, metrics: [byNumber(21)] })).toMatchObject({ outcome: 'recorded' });
});

test('with the node its devices are gone, and what it told of their numbers', async () => {
  const node = createNode();
  await node.born(3);
  await node.say('NDEATH/edge', { metrics: [birthNumber(2)] });
  expect(await node.hub.types()).not.toContain('device.disconnected');
  await node.say('NDEATH/edge', { metrics: [birthNumber(3)] });
  expect((await node.hub.types()).filter((type) => type === 'device.disconnected')).toHaveLength(2);
  expect([...node.hub.stored.keys()]).toEqual([]);
  expect(await node.say('DDATA/edge/pump', { seq: 2, metrics: [byNumber(21)] })).toMatchObject({ answers: [rebirth] });
});

test('a second birth says nothing twice', async () => {
  const node = createNode();
  await node.born(0);
  node.hub.clock.nowMs += 1_000;
  await node.born(1);
  expect(await node.hub.types()).toEqual([
    ...['device.registered', 'device.connected', 'device.registered', 'device.connected', 'sensor.measured'],
  ]);
});
