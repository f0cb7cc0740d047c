import type { Clock } from '../runtime/clock.ts';
import { StartRefused } from '../runtime/start-refused.ts';
import type { EventLog, LogHead } from './event-log.ts';
import { openKurrentEventLog } from './kurrentdb/kurrentdb-event-log.ts';
import type { Notary } from './kurrentdb/notary.ts';
import { createMemoryEventLog } from './memory/memory-event-log.ts';
import { openPostgresEventLog } from './postgres/postgres-event-log.ts';
import type { Verdict } from './verify-chain.ts';

export interface OpenedEventLog {
  log: EventLog;
  /** Recomputes the hash chain; `expected` is a head that was kept elsewhere. */
  verify(expected?: LogHead): Promise<Verdict>;
  /** Where the log does not seal itself: begins to seal it from beside, ended by the log's `close`. */
  startNotary?(): Pick<Notary, 'trouble'>;
}

export interface OpenEventLogParts {
  clock: Clock;
  /** For tools that only read while a hub is running. */
  readOnly?: boolean;
  /** How long to wait for another hub to let go of the log, in seconds. */
  lockWaitSeconds?: number;
  /** How long to wait for an event log's server that isn't there yet, in seconds. */
  startSeconds?: number;
}

/** The log that a URL names: `postgres://…`, `kurrentdb://…` or `esdb://…`, or `memory:` for tests and tries. */
export const openEventLog = async (url: string, parts: OpenEventLogParts): Promise<OpenedEventLog> => {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? '';
  switch (scheme) {
    case 'memory': {
      const log = createMemoryEventLog();
      return { log, verify: log.verify };
    }
    case 'postgres':
    case 'postgresql': {
      const log = await openPostgresEventLog({ url, ...parts });
      return { log, verify: log.verify };
    }
    case 'esdb':
    case 'esdb+discover':
    case 'kurrentdb':
    case 'kurrentdb+discover': {
      const log = await openKurrentEventLog({ url, ...parts });
      return { log, verify: log.verify, startNotary: log.startNotary };
    }
    default:
      throw new StartRefused(
        `EVENT_LOG_URL begins with "${scheme}:", which is no event log that this hub knows: use postgres://, kurrentdb://, esdb:// or memory:`,
      );
  }
};
