import type { Sql } from '../runtime/sql.ts';
import type { RecordedEvent } from './event.ts';
import type { Wants } from './event-log.ts';

/**
 * A read model in SQL. The runner hands over batches in log order and writes the checkpoint in the same transaction.
 * `apply` must also bear to see everything twice (tests deliver everything twice and expect the same tables): key rows
 * by stream and revision, or guard an update by `revision < $n`.
 */
export interface Projection {
  /** kebab-case; also the name that `npm run rebuild -- <name>` takes. */
  name: string;
  /** Raise it when tables or meaning change: the runner drops the tables and replays the log. */
  version: number;
  /** `CREATE TABLE IF NOT EXISTS …` for every table below, in schema `hub`. */
  schema: string;
  /** Names of its tables, dropped at a rebuild, e.g. `hub.device_health`. */
  tables: readonly string[];
  /** Runs after `schema`, in its transaction and only when the tables are made: for what depends on the server. */
  prepare?(sql: Sql): Promise<void>;
  /** Event types it wants, exact (`gate.passed`) or by subject (`work-order.*`). */
  handles: readonly string[];
  /** Those of them whose `data` it reads, written likewise: the others may come without. Left out: all of them. */
  opens?: readonly string[];
  /** `false` for one that also writes to the log: a replay would say things again. */
  rebuildable?: boolean;
  apply(sql: Sql, events: RecordedEvent[]): Promise<void>;
}

const isAmong = (patterns: readonly string[], type: string): boolean =>
  patterns.some((pattern) => (pattern.endsWith('.*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type));

export const handlesType = (projection: Pick<Projection, 'handles'>, type: string): boolean =>
  isAmong(projection.handles, type);

/** What a projection wants of each type, looked up once: there are a few dozen, and tens of thousands of events a second. */
export const wantsOf = ({ handles, opens = handles }: Pick<Projection, 'handles' | 'opens'>): Wants => {
  const answers = new Map<string, ReturnType<Wants>>();
  return (type) => {
    let answer = answers.get(type);
    if (answer === undefined) {
      answer = isAmong(handles, type) && (isAmong(opens, type) || 'envelope');
      answers.set(type, answer);
    }
    return answer;
  };
};
