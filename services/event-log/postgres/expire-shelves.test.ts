import { sampleEvent } from '../../../test/contract/event-log.suite.ts';
import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import { openPool } from '../../runtime/postgres.ts';
import type { NewEvent } from '../event.ts';
import { eventId } from '../event-id.ts';
import { openPostgresEventLog, type PostgresEventLog } from './postgres-event-log.ts';

let server: PostgresForTests;
let url: string;
let pool: ReturnType<typeof openPool>;
let log: PostgresEventLog;
const clock = { ms: 0, now: () => clock.ms };
const openLog = async (): Promise<PostgresEventLog> =>
  openPostgresEventLog({ url, clock, lockWaitSeconds: 2, retentionDays: 60 });

const reading = (instant: string, source: string, device = 'sensor-1'): NewEvent => ({
  ...sampleEvent({ source }),
  id: eventId({ occurredAtMs: Date.parse(instant), device, source }),
});
const inStream = (stream: string, ...events: NewEvent[]) => ({ stream, expectedRevision: 'any' as const, events });
const tables = async (): Promise<string[]> => {
  const { rows } = await pool.query<{ relname: string }>(
    `SELECT relname FROM pg_class WHERE relname LIKE 'event\\_%' AND relkind = 'r' ORDER BY 1`,
  );
  return rows.map(({ relname }) => relname);
};

beforeAll(async () => {
  server = await postgresForTests();
}, 60_000);
afterAll(async () => {
  await server.stop();
}, 60_000);
/** Positions 1 to 3 of one commit, 4 and 5 of others; the months are January and March. */
beforeEach(async () => {
  url = await server.newDatabase();
  pool = openPool(url, { maxConnections: 2 });
  clock.ms = Date.parse('2026-01-20T00:00:00Z');
  log = await openLog();
  await log.append([
    inStream('telemetry-a', reading('2026-01-20T00:00:00Z', '1')),
    inStream('device-a', sampleEvent({ fault: 'door' }, 'device.fault-raised')),
    inStream('telemetry-b', reading('2026-01-20T00:00:00Z', '2', 'sensor-2')),
  ]);
  await log.append([inStream('telemetry-a', reading('2026-01-21T00:00:00Z', '3'))]);
  clock.ms = Date.parse('2026-03-20T00:00:00Z');
  await log.append([inStream('telemetry-a', reading('2026-03-20T00:00:00Z', '4'))]);
});
afterEach(async () => {
  await log.close();
  await pool.end();
});

const january = { month: '2026-01', events: 3, firstPosition: 1, lastPosition: 4 };
const later = (): void => {
  clock.ms = Date.parse('2026-04-20T00:00:00Z');
};

test('a month goes when all of it is older than the retention, on record, and what remains verifies', async () => {
  expect(await log.expire()).toEqual([]);
  later();
  expect(await log.expire()).toEqual(['2026-01']);
  expect(await tables()).toEqual(['event_2026_03', 'event_kept']);
  await log.close();
  log = await openLog();
  expect((await log.readAll(null, 10)).map(({ position }) => position)).toEqual(['2', '5', '6']);
  expect(await log.readStream('log')).toMatchObject([{ type: 'log.shelf-expired', data: january }]);
  expect(await log.verify(await log.head())).toMatchObject({ ok: true, events: 3, expired: 3 });
  expect(await log.expire()).toEqual([]);
});

test('orders, registers, ratings and faults of the same month stay', async () => {
  const streams = ['work-order-1', 'compound-haiyu', 'device-a', 'log'];
  // With ids of January, as whatever a device says has.
  await log.append(streams.map((stream) => inStream(stream, reading('2026-01-25T00:00:00Z', stream))));
  await log.append([inStream('telemetry-a', reading('2026-01-25T00:00:00Z', 'late'))]);
  later();
  expect(await log.expire()).toEqual(['2026-01']);
  await log.close();
  log = await openLog();
  const left = (await log.readAll(null, 100)).map(({ stream }) => stream);
  expect(left).toEqual(['device-a', 'telemetry-a', ...streams, 'log']);
  expect(await log.verify()).toMatchObject({ ok: true, events: 7, expired: 4 });
});

test('a stream goes on where it stood, also when nothing of it is left', async () => {
  later();
  await log.expire();
  await log.close();
  log = await openLog();
  await log.append([inStream('telemetry-b', reading('2026-04-20T00:00:00Z', '5', 'sensor-2'))]);
  await log.append([inStream('telemetry-a', reading('2026-04-20T00:00:00Z', '6'))]);
  expect((await log.readStream('telemetry-b')).map(({ revision }) => revision)).toEqual([1]);
  expect((await log.readStream('telemetry-a')).map(({ revision }) => revision)).toEqual([2, 3]);
});

describe('what a crash leaves is made good by the next call', () => {
  const good = async (): Promise<void> => {
    expect(await log.verify()).toMatchObject({ ok: true });
    expect(await log.expire()).toEqual(['2026-01']);
    expect(await log.readStream('log')).toHaveLength(1);
    expect(await tables()).toEqual(['event_2026_03', 'event_kept']);
    expect(await log.verify()).toMatchObject({ ok: true, expired: 3 });
  };

  test('on record, not taken out yet', async () => {
    later();
    const reader = await pool.connect();
    await reader.query('BEGIN; LOCK TABLE hub.event IN SHARE UPDATE EXCLUSIVE MODE');
    await expect(log.expire()).rejects.toThrow('timeout');
    await reader.query('ROLLBACK');
    reader.release();
    await good();
  });

  test('half taken out', async () => {
    later();
    const reader = await pool.connect();
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM hub.event LIMIT 1');
    await expect(log.expire()).rejects.toThrow('timeout');
    await reader.query('ROLLBACK');
    reader.release();
    await good();
  });

  test('taken out, not dropped', async () => {
    later();
    await pool.query('CREATE TABLE hub.spare AS SELECT * FROM hub.event_2026_01');
    await log.expire();
    await pool.query('ALTER TABLE hub.spare RENAME TO event_2026_01');
    await good();
  });
});

describe('what went without a record, or should have stayed, is missed', () => {
  test.each([
    ['a kept event beside those that went', 'DELETE FROM hub.event WHERE position = 2', '2', 'missing'],
    ['telemetry of a month that is still kept', 'DELETE FROM hub.event WHERE position = 5', '5', 'missing'],
    ['a kept event put onto another shelf', `UPDATE hub.event SET position = 1 WHERE position = 2`, '2', 'missing'],
    ['a changed event', `UPDATE hub.event SET data = '{}' WHERE position = 2`, '2', 'changed'],
    ['the record itself', 'DELETE FROM hub.event WHERE position = 6', '1', 'missing'],
    [
      'what the seal says of its parts',
      `UPDATE hub.seal SET parts = jsonb_set(parts, '{0,shelf}', '"2026-02"') WHERE first_position = 1`,
      '1',
      'seal',
    ],
    [
      'a kept event called telemetry in its seal',
      `UPDATE hub.seal SET parts = jsonb_set(parts, '{1,shelf}', '"2026-01"') WHERE first_position = 1;
       DELETE FROM hub.event WHERE position = 2`,
      '1',
      'seal',
    ],
  ])('%s', async (_name, statement, brokenAt, reason) => {
    later();
    await log.expire();
    await pool.query(statement);
    const verdict = await log.verify();
    expect(verdict).toMatchObject({ ok: false, brokenAt });
    expect(verdict.reason).toMatch(reason);
  });

  test('a month dropped by hand', async () => {
    await pool.query('DROP TABLE hub.event_2026_01');
    expect(await log.verify()).toMatchObject({ ok: false, brokenAt: '1' });
  });

  test('one event of a month that is on record and still there', async () => {
    await log.append([inStream('log', { ...sampleEvent(january, 'log.shelf-expired') })]);
    await pool.query('DELETE FROM hub.event WHERE position = 3');
    expect(await log.verify()).toMatchObject({ ok: false, brokenAt: '3' });
  });
});
