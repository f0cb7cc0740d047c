import type { RecordedEvent } from '../services/event-log/event.ts';
import type { EventLog } from '../services/event-log/event-log.ts';
import { createMemoryEventLog } from '../services/event-log/memory/memory-event-log.ts';
import { type Projection, wantsOf } from '../services/event-log/projection.ts';
import { applyBatch, catchUp, prepareProjection, resetProjection } from '../services/projections/runner.ts';
import type { Sql, Transact } from '../services/runtime/sql.ts';
import { eventHistory } from './event-history.ts';

export interface TestDatabase {
  sql: Sql;
  transact: Transact;
}

export interface LawOptions {
  /** Columns that tell of the making of the tables, not of the log: times of writing, counters of batches. */
  ignoredColumns?: readonly string[];
}

/** Fixed, so that a build says the same twice; another seed looks elsewhere. */
const seed = Number(process.env.LAWS_SEED ?? 20_260_301);

type Tables = Record<string, string[]>;

/** Every row of every table of a projection, in an order that doesn't depend on how they were written. */
export const tablesOf = async (
  sql: Sql,
  { tables }: Pick<Projection, 'tables'>,
  ignoredColumns: readonly string[] = [],
): Promise<Tables> => {
  const contents: Tables = {};
  for (const table of tables) {
    const { rows } = await sql.query<{ row: unknown }>(`SELECT to_jsonb(t) - $1::text[] AS row FROM ${table} AS t`, [
      ignoredColumns,
    ]);
    contents[table] = rows.map(({ row }) => JSON.stringify(row)).sort();
  }
  return contents;
};

const recordedHistory = async (seed: number): Promise<{ log: EventLog; events: RecordedEvent[] }> => {
  const log = createMemoryEventLog();
  for (const batch of eventHistory(seed)) await log.append([batch]);
  return { log, events: await log.readAll(null, Number.MAX_SAFE_INTEGER) };
};

/** As a log may hand them over that takes the projection at its word: without the data that it doesn't open. */
const asWanted = (projection: Projection, events: readonly RecordedEvent[]): RecordedEvent[] => {
  const wants = wantsOf(projection);
  return events.map((event) => (wants(event.type) === true ? event : { ...event, data: undefined }));
};

/** Hands the events over in batches of that size, with the checkpoint put back to the first one's predecessor. */
const deliver = async (
  { sql, transact }: TestDatabase,
  projection: Projection,
  events: readonly RecordedEvent[],
  batchSize: number,
): Promise<void> => {
  const first = Number(events[0]!.position) - 1;
  let position = first === 0 ? null : String(first);
  await sql.query('UPDATE hub.projection_checkpoint SET position = $2 WHERE projection = $1', [
    projection.name,
    position,
  ]);
  for (let start = 0; start < events.length; start += batchSize) {
    position = await applyBatch(
      transact,
      projection,
      position,
      asWanted(projection, events.slice(start, start + batchSize)),
    );
  }
};

/**
 * What holds for every read model, tried on one rich history: however the events are cut into batches, however often
 * they come, and when the tables are thrown away and filled again, the tables are the same.
 */
export const describeProjectionLaws = (
  projection: Projection,
  database: () => TestDatabase,
  { ignoredColumns = [] }: LawOptions = {},
): void => {
  describe(`read model ${projection.name}`, () => {
    const contents = (): Promise<Tables> => tablesOf(database().sql, projection, ignoredColumns);
    const afresh = (): Promise<void> => database().transact((sql) => resetProjection(sql, projection));
    let log: EventLog;
    let events: RecordedEvent[];
    let empty: Tables;
    let expected: Tables;

    beforeAll(async () => {
      ({ log, events } = await recordedHistory(seed));
      await prepareProjection(database().transact, projection);
      await afresh();
      empty = await contents();
      expect(await catchUp(log, database().transact, projection)).toBe(events.length);
      expected = await contents();
    });

    test('has something to say of the history', () => {
      expect(expected).not.toEqual(empty);
    });
    test.each([1, 3, 50])('is the same in batches of %d', async (batchSize) => {
      await afresh();
      await deliver(database(), projection, events, batchSize);
      expect(await contents()).toEqual(expected);
    });
    test('is the same when everything comes twice', async () => {
      await deliver(database(), projection, events, 70);
      expect(await contents()).toEqual(expected);
    });
    test('is the same when the middle comes twice before the end comes at all', async () => {
      await afresh();
      const [third, half] = [Math.floor(events.length / 3), Math.floor(events.length / 2)];
      await deliver(database(), projection, events.slice(0, half), 40);
      await deliver(database(), projection, events.slice(third, half), 7);
      await deliver(database(), projection, events.slice(third), 60);
      expect(await contents()).toEqual(expected);
    });
    test('is the same when it is rebuilt', async () => {
      await afresh();
      expect(await contents()).toEqual(empty);
      await catchUp(log, database().transact, projection);
      expect(await contents()).toEqual(expected);
    });
  });
};
