import { WriterFenced } from '../../services/event-log/event-log.ts';
import { openEventLog } from '../../services/event-log/open.ts';
import { openPostgresEventLog, type PostgresEventLog } from '../../services/event-log/postgres/postgres-event-log.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { openPool } from '../../services/runtime/postgres.ts';
import { StartRefused } from '../../services/runtime/start-refused.ts';
import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';
import { eventLogSuite, type LogUnderTest, sampleEvent } from './event-log.suite.ts';

let server: PostgresForTests;
beforeAll(async () => {
  server = await postgresForTests();
}, 60_000);
afterAll(async () => {
  await server.stop();
}, 60_000);

const opened: PostgresEventLog[] = [];
afterEach(async () => {
  for (const log of opened.splice(0)) await log.close();
});

const openLog = async (
  url: string,
  options: { lockWaitSeconds?: number; answerSeconds?: number; readOnly?: boolean; writerInThread?: boolean } = {},
): Promise<PostgresEventLog> => {
  const log = await openPostgresEventLog({ url, clock: systemClock, lockWaitSeconds: 2, ...options });
  opened.push(log);
  return log;
};

const underTest = async (url: string, writerInThread = false): Promise<LogUnderTest> => {
  const log = await openLog(url, { writerInThread });
  return {
    log,
    verify: log.verify,
    reopen: async () => {
      await log.close();
      return underTest(url, writerInThread);
    },
    destroy: () => log.close(),
  };
};

eventLogSuite('PostgreSQL', async () => underTest(await server.newDatabase()));
eventLogSuite('PostgreSQL, its writer in a thread', async () => underTest(await server.newDatabase(), true));

const one = (stream = 'device-a') => [
  { stream, expectedRevision: 'any' as const, events: [sampleEvent({ value: 1 })] },
];

/** Runs SQL beside the log, as somebody with the database's password could. */
const withSql = async <T>(
  url: string,
  work: (query: (text: string) => Promise<unknown[]>) => Promise<T>,
): Promise<T> => {
  const pool = openPool(url, { maxConnections: 1 });
  try {
    return await work(async (text) => (await pool.query(text)).rows);
  } finally {
    await pool.end();
  }
};

const cutWriter = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'xingyuan event log writer'`;
const cutEverybody = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()`;

describe('one fenced writer', () => {
  test('a second hub is refused while the first one lives, and reads all the same', async () => {
    const url = await server.newDatabase();
    const first = await openLog(url);
    await first.append(one());
    const refusal = await openLog(url, { lockWaitSeconds: 0 }).catch((error) => error);
    expect(refusal).toBeInstanceOf(StartRefused);
    expect(refusal.message).toMatch('Another hub writes to this database');
    const reader = await openLog(url, { readOnly: true });
    expect(await reader.readAll(null, 10)).toHaveLength(1);
    await expect(reader.append(one())).rejects.toThrow('reading only');
    await reader.close();
    await first.close();
  });

  test('a writer that lost its connection and its place to another is fenced for good', async () => {
    const url = await server.newDatabase();
    const first = await openLog(url);
    await first.append(one());
    await withSql(url, (query) => query(cutWriter));
    const second = await openLog(url);
    await expect(first.append(one())).rejects.toBeInstanceOf(WriterFenced);
    expect((await second.append(one())).stored).toBe(1);
    await second.close();
    await expect(first.append(one())).rejects.toBeInstanceOf(WriterFenced);
    await first.close();
  });

  test('the epoch fences a writer whose lock and connection still stand', async () => {
    const url = await server.newDatabase();
    const log = await openLog(url);
    await log.append(one());
    await withSql(url, (query) => query('UPDATE hub.writer SET epoch = epoch + 1'));
    await expect(log.append(one())).rejects.toBeInstanceOf(WriterFenced);
    expect(await log.readAll(null, 10)).toHaveLength(1);
    await log.close();
  });
});

describe('a broken connection', () => {
  test('a cut connection costs at most the appends under way: the writer comes back and subscriptions go on', async () => {
    const url = await server.newDatabase();
    const log = await openLog(url);
    const stop = new AbortController();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const batch of log.subscribe(null, { signal: stop.signal })) seen.push(...batch.map(({ id }) => id));
    })();
    for (let round = 0; round < 3; round += 1) {
      await log.append(one());
      await withSql(url, (query) => query(cutEverybody));
    }
    const last = one();
    await log.append(last);
    while (!seen.includes(last[0]!.events[0]!.id)) await new Promise((resolve) => setTimeout(resolve, 20));
    stop.abort();
    await reading;
    expect(seen).toEqual((await log.readAll(null, 100)).map(({ id }) => id));
    expect(seen).toHaveLength(4);
    expect(await log.verify()).toMatchObject({ ok: true, events: 4 });
    await log.close();
  });

  test('a server that answers nothing is given up, and every append is stored once', async () => {
    const url = await server.newDatabase();
    const log = await openLog(url, { answerSeconds: 1 });
    await log.append(one());
    const blocker = openPool(url, { maxConnections: 1 });
    const blocking = await blocker.connect();
    await blocking.query('BEGIN; LOCK TABLE hub.event IN ACCESS EXCLUSIVE MODE');
    const stuck = log.append(one()).then(
      () => 'stored',
      () => 'outcome unknown',
    );
    expect(await stuck).toBe('outcome unknown');
    await blocking.query('ROLLBACK');
    blocking.release();
    await blocker.end();
    expect((await log.append(one())).stored).toBe(1);
    expect(await log.verify()).toMatchObject({ ok: true });
  });

  test('an append cut in the middle may be repeated with the same ids', async () => {
    const url = await server.newDatabase();
    const log = await openLog(url);
    const batches = Array.from({ length: 200 }, (_, index) => one(`device-${index % 5}`));
    const sending = batches.map(async (batch) => {
      for (;;) {
        const stored = await log.append(batch).catch(() => undefined);
        if (stored !== undefined) return;
      }
    });
    await withSql(url, (query) => query(cutWriter));
    await Promise.all(sending);
    expect(await log.readAll(null, 1000)).toHaveLength(200);
    expect(await log.verify()).toMatchObject({ ok: true, events: 200 });
    await log.close();
  });

  test('a reader in another process hears of commits', async () => {
    const url = await server.newDatabase();
    const writer = await openLog(url);
    const reader = await openLog(url, { readOnly: true });
    const stop = new AbortController();
    const reading = (async () => {
      for await (const batch of reader.subscribe(null, { signal: stop.signal })) return batch.length;
      return 0;
    })();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await writer.append(one());
    expect(await reading).toBe(1);
    await reader.close();
    await writer.close();
  });
});

describe('tampering with the tables shows', () => {
  const tampered = async (...statements: string[]) => {
    const url = await server.newDatabase();
    const log = await openLog(url);
    // Commits of three, one and three events: positions 1 to 3, 4, 5 to 7.
    for (const count of [3, 1, 3]) {
      await log.append(Array.from({ length: count }, (_, index) => one(`device-${index}`)[0]!));
    }
    const head = await log.head();
    await withSql(url, async (query) => {
      for (const statement of statements) await query(statement);
    });
    const verdicts = { alone: await log.verify(), withHead: await log.verify(head) };
    await log.close();
    return verdicts;
  };

  test('nothing changed: the verdict is good, with the head that was kept too', async () => {
    const { alone, withHead } = await tampered();
    expect(alone).toMatchObject({ ok: true, events: 7 });
    expect(withHead).toEqual(alone);
  });

  test.each([
    ['a changed field', `UPDATE hub.event SET data = replace(data, '1', '2') WHERE position = 4`, '4', 3],
    ['a changed key order', `UPDATE hub.event SET meta = '{"clock":"trusted"}' WHERE position = 6`, '6', 4],
    ['a removed event', 'DELETE FROM hub.event WHERE position = 2', '2', 0],
    ['a removed tail without its seal', 'DELETE FROM hub.event WHERE position = 7', '7', 4],
    ['a removed seal in the middle', 'DELETE FROM hub.seal WHERE last_position = 4', '4', 3],
    ['a removed seal at the end', 'DELETE FROM hub.seal WHERE last_position = 7', '5', 4],
    ['a changed seal', `UPDATE hub.seal SET root = repeat('a', 64) WHERE last_position = 4`, '4', 3],
    [
      'two events changing places',
      `UPDATE hub.event SET position = CASE position WHEN 1 THEN -2 ELSE -1 END WHERE position IN (1, 2);
       UPDATE hub.event SET position = -position WHERE position < 0`,
      '1',
      0,
    ],
    [
      'an event put in',
      `INSERT INTO hub.event VALUES (8, 'device-0', 99, gen_random_uuid(), 'gate.passed', '{}', '{}')`,
      '8',
      7,
    ],
  ])('%s', async (_name, statement, brokenAt, events) => {
    const { alone } = await tampered(statement);
    expect(alone).toMatchObject({ ok: false, brokenAt, events });
    expect(alone.reason).toMatch(brokenAt);
  });

  test('a tail cut off together with its seal shows against the head that was kept, and only there', async () => {
    const { alone, withHead } = await tampered(
      'DELETE FROM hub.event WHERE position > 4',
      'DELETE FROM hub.seal WHERE last_position > 4',
    );
    expect(alone.ok).toBe(true);
    expect(withHead).toMatchObject({ ok: false, brokenAt: '5', events: 4 });
    expect(withHead.reason).toMatch('cut off');
  });
});

describe('opening', () => {
  test('a schema of a newer hub is refused', async () => {
    const url = await server.newDatabase();
    await (await openLog(url)).close();
    await withSql(url, (query) => query(`INSERT INTO hub.migration (number, name) VALUES (9999, '9999-later.sql')`));
    await expect(openLog(url)).rejects.toThrow(/newer than this hub knows/);
  });

  test('the scheme of the URL chooses the backend, another one is refused by name', async () => {
    const parts = { clock: systemClock };
    const stored = await openEventLog(await server.newDatabase(), parts);
    await stored.log.append(one());
    expect(await stored.verify()).toMatchObject({ ok: true, events: 1 });
    await stored.log.close();
    const memory = await openEventLog('memory:', parts);
    expect((await memory.log.append(one())).stored).toBe(1);
    await expect(openEventLog('mysql://host/db', parts)).rejects.toThrow('"mysql:"');
  });
});
