import { randomUUID } from 'node:crypto';
import { eventOf } from '../../services/event-log/decider.ts';
import { type RecordedEvent, workOrderStream } from '../../services/event-log/event.ts';
import { createMemoryEventLog } from '../../services/event-log/memory/memory-event-log.ts';
import { createAddressPolicy } from '../../services/outbound/address-policy.ts';
import { createAtlasClient } from '../../services/outbound/atlas/client.ts';
import { atlasActor, deliverToAtlas, lookAtAtlas } from '../../services/outbound/atlas/connector.ts';
import { createAtlasLinks } from '../../services/outbound/atlas/links.ts';
import { filledIn, loadAtlasMapping } from '../../services/outbound/atlas/mapping.ts';
import { createHttpSender } from '../../services/outbound/send-http.ts';
import { isoTime } from '../../services/runtime/clock.ts';
import { migrate } from '../../services/runtime/migrate.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import { carryOut, type OrderWish } from '../../services/work-orders/carry-out.ts';
import { readOrder } from '../../services/work-orders/order-stream.ts';
import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';
import { type AtlasDouble, atlasKey, startAtlasDouble } from './atlas-double.ts';

const startMs = Date.parse('2026-03-01T08:00:00.000Z');
const clock = { nowMs: startMs, now: () => clock.nowMs };
const never = new AbortController().signal;
const duty = { onDuty: () => 'zhao', nextInTurn: async () => undefined };
const sender = createHttpSender(createAddressPolicy(['127.0.0.0/8']), 1);
let postgres: PostgresForTests;
let pool: ReturnType<typeof openPool>;
let log: ReturnType<typeof createMemoryEventLog>;
let atlas: AtlasDouble;
let told = 0;

beforeAll(async () => {
  postgres = await postgresForTests();
  pool = openPool(await postgres.newDatabase());
  await migrate(transact(pool));
});
afterAll(async () => {
  sender.close();
  await pool?.end();
  await postgres?.stop();
});
beforeEach(async () => {
  log = createMemoryEventLog();
  atlas = await startAtlasDouble();
  told = 0;
  await pool.query('TRUNCATE hub.connector_link, hub.connector_cursor');
});
afterEach(() => atlas.stop());

const partsOf = (apiKey = atlasKey) => ({
  ...{ log, clock, duty, links: createAtlasLinks(pool), mapping: loadAtlasMapping() },
  client: createAtlasClient({ send: sender.send, url: atlas.url, apiKey }),
  placeOf: () => ({ compoundName: '花园', buildingName: '1号楼' }),
});
const raise = async (order: string, more: object = {}): Promise<void> => {
  const data = {
    ...{ compound: 'garden', code: 'offline', lasting: false, title: { zh: '离线', en: 'Offline' }, trade: 'network' },
    ...{
      serviceLevel: 'general-repair',
      priority: 'P1',
      raisedAt: isoTime(startMs),
      late: false,
      deviceName: 'north gate',
    },
    deadlines: { acknowledge: null, onSite: null, resolve: isoTime(startMs + 3_600_000) },
    ...more,
  };
  const event = eventOf(
    randomUUID(),
    { type: 'work-order.raised', data },
    { occurredAt: isoTime(startMs), compound: 'garden' },
  );
  await log.append([{ stream: workOrderStream(order), expectedRevision: 'no-stream', events: [event] }]);
};
const wish = (order: string, command: OrderWish) =>
  carryOut({ log, clock, duty }, order, command, { actor: 'user:mei', person: 'mei' });
/** Brings Atlas what happened since, as its courier would. */
const tellAll = async (parts = partsOf()): Promise<unknown[]> => {
  const events: RecordedEvent[] = (await log.readAll(null, 10_000)).slice(told);
  told += events.length;
  const verdicts: unknown[] = [];
  for (const event of events) verdicts.push(await deliverToAtlas(parts)(event, never));
  return verdicts;
};
const stateOf = async (order: string) => (await readOrder(log, order)).state;
const troubles = async () => (await pool.query('SELECT work_order, trouble FROM hub.connector_link ORDER BY 1')).rows;

test('an order is created there once, with all that its people need, and follows ours to the end', async () => {
  await raise('7fk2-1');
  expect(await tellAll()).toEqual([{ taken: true, said: 'is its work order 100' }]);
  expect(atlas.orders[0]).toMatchObject({
    title: '[7fk2-1] 离线 / Offline',
    description: '花园 1号楼 north gate\nnetwork',
    priority: 'HIGH',
    status: 'OPEN',
    dueDate: '2026-03-01T09:00:00.000Z',
  });
  await wish('7fk2-1', { type: 'dispatch', data: { assignee: 'wang' } });
  await wish('7fk2-1', { type: 'arrive', data: {} });
  await tellAll();
  expect(atlas.orders[0]).toMatchObject({ status: 'IN_PROGRESS' });
  await wish('7fk2-1', { type: 'resolve', data: { note: 'cable replaced' } });
  await tellAll();
  expect(atlas.orders[0]).toMatchObject({ status: 'COMPLETE', feedback: 'cable replaced' });
  await wish('7fk2-1', { type: 'reopen', data: { reason: 'dark again' } });
  await tellAll();
  expect(atlas.orders[0]).toMatchObject({ status: 'IN_PROGRESS', feedback: 'dark again' });
  expect(atlas.orders).toHaveLength(1);
});

test('an order whose creation was never answered is found again and not created twice', async () => {
  await raise('7fk2-1');
  atlas.trouble('forgets');
  const [event] = await log.readAll(null, 1);
  expect(await deliverToAtlas(partsOf())(event!, never)).toMatchObject({ taken: false, fault: 'target' });
  atlas.trouble(undefined);
  expect(await tellAll()).toEqual([{ taken: true, said: 'is its work order 100' }]);
  expect(atlas.orders).toHaveLength(1);
});

test.each<[string, () => Promise<unknown>, object]>([
  [
    'down',
    async () => {
      atlas.trouble('down');
      return (await tellAll())[0];
    },
    { taken: false, fault: 'target' },
  ],
  ['asked with a wrong key', async () => (await tellAll(partsOf('wrong')))[0], { taken: false, fault: 'target' }],
])('Atlas is %s: the order waits', async (_, tell, verdict) => {
  await raise('7fk2-1');
  expect(await tell()).toMatchObject(verdict);
});

test('an order from before the connector, or one that was deleted there, holds up nobody', async () => {
  await raise('old-1');
  told = 1;
  await wish('old-1', { type: 'acknowledge', data: {} });
  expect(await tellAll()).toEqual([{ taken: true, said: 'nothing to tell' }]);
  await raise('new-1');
  await tellAll();
  atlas.orders.splice(0);
  await wish('new-1', { type: 'dispatch', data: { assignee: 'wang' } });
  await wish('new-1', { type: 'arrive', data: {} });
  expect((await tellAll()).at(-1)).toEqual({ taken: true, said: 'its work order was deleted there' });
});

describe('what is done there', () => {
  const linked = async (order = '7fk2-1', more: object = {}) => {
    await lookAtAtlas(partsOf(), never);
    await raise(order, more);
    await tellAll();
    return atlas.orders.at(-1)!;
  };

  test('is done here by the same rules, and not sent back', async () => {
    const remote = await linked();
    remote.primaryUser = { id: 1, firstName: 'Li', lastName: 'Na' };
    atlas.act(remote, 'IN_PROGRESS');
    await lookAtAtlas(partsOf(), never);
    expect(await stateOf('7fk2-1')).toMatchObject({ state: 'accepted', assignee: 'Li Na' });
    atlas.act(remote, 'ON_HOLD');
    await lookAtAtlas(partsOf(), never);
    expect(await stateOf('7fk2-1')).toMatchObject({ state: 'paused' });
    atlas.act(remote, 'COMPLETE', 'switch replaced');
    await lookAtAtlas(partsOf(), never);
    expect(await stateOf('7fk2-1')).toMatchObject({ state: 'resolved' });
    const events = await log.readStream(workOrderStream('7fk2-1'));
    expect(events.slice(1).every(({ meta }) => meta.actor === atlasActor)).toBe(true);
    expect(events.at(-1)?.data).toMatchObject({ note: 'switch replaced' });
    const before = atlas.calls.length;
    for (const verdict of await tellAll()) expect(verdict).toEqual({ taken: true, said: 'came from there' });
    expect(atlas.calls).toHaveLength(before);
    expect(await troubles()).toEqual([{ work_order: '7fk2-1', trouble: null }]);
  });

  test('happens once, however often it is looked at and wherever the hub is killed', async () => {
    const remote = await linked();
    atlas.act(remote, 'IN_PROGRESS');
    await lookAtAtlas(partsOf(), never);
    const { length } = await log.readStream(workOrderStream('7fk2-1'));
    // As it stood before anything of this was noted down.
    await pool.query(`UPDATE hub.connector_link SET remote_status = 'OPEN'`);
    await pool.query(`UPDATE hub.connector_cursor SET cursor = '2026-03-01T08:00:00.000Z'`);
    await lookAtAtlas(partsOf(), never);
    await lookAtAtlas(partsOf(), never);
    expect(await log.readStream(workOrderStream('7fk2-1'))).toHaveLength(length);
  });

  test('and isn’t allowed here stays visible as trouble, until something is', async () => {
    const remote = await linked('p0-1', { priority: 'P0' });
    atlas.act(remote, 'ON_HOLD');
    await lookAtAtlas(partsOf(), never);
    expect(await stateOf('p0-1')).toMatchObject({ state: 'acknowledged' });
    expect((await troubles())[0].trouble).toMatch(/^Atlas CMMS says ON_HOLD\. pause: /);
    atlas.act(remote, 'COMPLETE');
    await lookAtAtlas(partsOf(), never);
    expect(await stateOf('p0-1')).toMatchObject({ state: 'resolved' });
    expect((await troubles())[0].trouble).toBeNull();
  });

  test('keeps who has the order, and leaves orders alone that are none of ours', async () => {
    const remote = await linked();
    await wish('7fk2-1', { type: 'dispatch', data: { assignee: 'wang' } });
    atlas.act(atlas.create({ title: 'water the plants' }), 'COMPLETE');
    atlas.act(remote, 'IN_PROGRESS');
    await lookAtAtlas(partsOf(), never);
    expect(await stateOf('7fk2-1')).toMatchObject({ state: 'accepted', assignee: 'wang' });
  });

  test('is found over many pages', async () => {
    const remote = await linked();
    atlas.act(remote, 'IN_PROGRESS');
    for (let count = 0; count < 120; count += 1) atlas.create({ title: `other ${count}` });
    await lookAtAtlas(partsOf(), never);
    expect(await stateOf('7fk2-1')).toMatchObject({ state: 'accepted' });
  });
});

test.each([
  ['{a} and {b}', 'x and '],
  ['{b|nothing}', 'nothing'],
  ['{a|nothing}', 'x'],
  ['{a|}{b|}', 'x'],
])('a text of the mapping: %s', (text, expected) => {
  expect(filledIn(text, { a: 'x', b: undefined })).toBe(expected);
});
