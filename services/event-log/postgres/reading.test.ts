import { randomBytes } from 'node:crypto';
import { sampleEvent } from '../../../test/contract/event-log.suite.ts';
import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import { systemClock } from '../../runtime/clock.ts';
import { openPool } from '../../runtime/postgres.ts';
import { eventId } from '../event-id.ts';
import { CorruptEvent } from '../stored-event.ts';
import { openPostgresEventLog, type PostgresEventLog } from './postgres-event-log.ts';

let server: PostgresForTests;
let url: string;
let pool: ReturnType<typeof openPool>;
const opened: PostgresEventLog[] = [];
const openLog = async (readOnly: boolean, clock = systemClock): Promise<PostgresEventLog> => {
  const log = await openPostgresEventLog({ url, clock, readOnly });
  opened.push(log);
  return log;
};
const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what}: not within 15 s`);
};

beforeAll(async () => {
  server = await postgresForTests();
}, 60_000);
afterAll(async () => {
  await server.stop();
}, 60_000);
beforeEach(async () => {
  url = await server.newDatabase();
  pool = openPool(url, { maxConnections: 2 });
});
afterEach(async () => {
  for (const log of opened.splice(0)) await log.close();
  await pool.end();
});

describe('a row that is not what was stored', () => {
  const append = async (): Promise<void> => {
    const log = await openLog(false);
    for (const value of [1, 2, 3])
      await log.append([{ stream: 'device-a', expectedRevision: 'any', events: [sampleEvent({ value })] }]);
    await log.close();
  };

  test.each([
    ['data', `UPDATE hub.event SET data = '{"value":7}' WHERE position = 2`],
    ['revision', 'UPDATE hub.event SET revision = 9 WHERE position = 2'],
    ['type', `UPDATE hub.event SET type = 'gate.passed' WHERE position = 2`],
    ['text that is no JSON any more', `UPDATE hub.event SET data = '{"val' WHERE position = 2`],
  ])('is never served: %s', async (_name, statement) => {
    await append();
    await pool.query(statement);
    const log = await openLog(true);
    for (const reading of [log.readAll(null, 10), log.readStream('device-a'), log.readAll('1', 1)]) {
      const error = await reading.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(CorruptEvent);
      expect(error).toMatchObject({ position: '2', code: 'event-log.corrupt-event' });
      expect((error as Error).message).toMatch(/position 2 .*npm run log -- restore/);
    }
    expect(await log.readAll('2', 10)).toHaveLength(1);
    expect(await log.readAll(null, 1)).toHaveLength(1);
  });

  test('one from before there were checksums is served', async () => {
    await append();
    await pool.query('UPDATE hub.event SET checksum = NULL');
    expect(await (await openLog(true)).readAll(null, 10)).toHaveLength(3);
  });

  test('ends a subscription, which does not go past it', async () => {
    await append();
    await pool.query(`UPDATE hub.event SET data = '{"value":7}' WHERE position = 2`);
    const log = await openLog(true);
    const seen: string[] = [];
    const following = (async () => {
      for await (const batch of log.subscribe(null, { signal: new AbortController().signal, maxCount: 1 }))
        seen.push(...batch.map(({ position }) => position));
    })();
    await expect(following).rejects.toBeInstanceOf(CorruptEvent);
    expect(seen).toEqual(['1']);
  });
});

describe('a page', () => {
  const append = async (): Promise<PostgresEventLog> => {
    const log = await openLog(false);
    for (const type of ['gate.passed', 'device.seen', 'sensor.measured', 'gate.passed']) {
      const event = { ...sampleEvent({ note: 'a\\b\n\t门' }), type };
      await log.append([{ stream: 'device-a', expectedRevision: 'any', events: [event] }]);
    }
    await log.close();
    return openLog(true);
  };

  test('holds what is wanted as far as it is, and the newest event, which says how far it reaches', async () => {
    const log = await append();
    const all = await log.readAll(null, 10);
    expect(all.map(({ data }) => data)).toEqual(Array.from({ length: 4 }, () => ({ note: 'a\\b\n\t门' })));
    const wants = (type: string) => (type === 'sensor.measured' ? 'envelope' : type === 'device.seen');
    const [seen, measured, newest] = await log.readAll(null, 10, wants);
    expect(seen).toEqual(all[1]);
    expect(measured).toEqual({ ...all[2], data: undefined });
    expect(newest!.position).toBe('4');
    expect((await log.readAll(null, 1, wants)).map(({ position }) => position)).toEqual(['1']);
  });

  test('begins behind what has gone from the log', async () => {
    const log = await append();
    await pool.query('DELETE FROM hub.event WHERE position <= 3');
    expect((await log.readAll(null, 2)).map(({ position }) => position)).toEqual(['4']);
    expect(await log.readAll('4', 2)).toEqual([]);
  });
});

describe('thirty months of telemetry', () => {
  const months = 30;
  const perMonth = 400;
  const clock = { ms: 0, now: () => clock.ms };
  const monthMs = (month: number): number => Date.UTC(2024, month, 15);
  const reading = (month: number, index: number) => ({
    stream: index % 10 === 0 ? `device-${index}` : `telemetry-${index}`,
    expectedRevision: 'any' as const,
    events: [
      {
        ...sampleEvent({ note: randomBytes(1_000).toString('base64') }),
        id: eventId({ occurredAtMs: monthMs(month) + index, device: 'sensor-1', source: 'a' }),
      },
    ],
  });
  const month = (number: number) => Array.from({ length: perMonth }, (_, index) => reading(number, index));

  /** How often each table was read through its indexes, and how often from end to end. */
  const scans = async () => {
    const { rows } = await pool.query<{ relname: string; seq: string; idx: string }>(
      `SELECT relname, seq_scan AS seq, coalesce(idx_scan, 0) AS idx FROM pg_stat_user_tables
       WHERE schemaname = 'hub' AND relname LIKE 'event\\_%'`,
    );
    return new Map(rows.map(({ relname, seq, idx }) => [relname, { seq: Number(seq), idx: Number(idx) }]));
  };

  /** A connection's numbers have come at the latest when it has gone. */
  const whenCounted = (): Promise<void> =>
    until('the connections are gone', async () => {
      const { rowCount } = await pool.query(
        'SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      return rowCount === 0;
    });

  test('are read by index, and an id is looked for only where it can stand', async () => {
    for (let number = 0; number < months; number += 1) {
      clock.ms = monthMs(number);
      const log = opened.at(-1) ?? (await openLog(false, clock));
      await log.append(month(number));
    }
    await opened.splice(0)[0]!.close();
    await pool.query('ANALYZE hub.event');
    await whenCounted();
    const before = await scans();
    expect(before.size).toBe(months + 1);

    const reader = await openLog(true, clock);
    expect(await reader.readAll('0', 50)).toHaveLength(50);
    expect(await reader.readAll(String(months * perMonth - 20), 50)).toHaveLength(20);
    expect(await reader.readStream('telemetry-1')).toHaveLength(months);
    expect(await reader.readStream('device-10', { backwards: true, maxCount: 3 })).toHaveLength(3);
    await reader.close();
    await whenCounted();
    const between = await scans();

    const writer = await openLog(false, clock);
    expect((await writer.append(month(months - 1).slice(0, 20))).stored).toBe(0);
    await writer.close();
    await whenCounted();
    const after = await scans();
    for (const [table, { seq }] of after) expect([table, seq]).toEqual([table, before.get(table)!.seq]);
    const scansOf = (table: string) => after.get(table)!.idx - between.get(table)!.idx;
    // Both were asked for the newest revisions, one of them for the ids too.
    expect(scansOf('event_2026_06')).toBe(scansOf('event_2024_01') + 1);
  }, 60_000);
});
