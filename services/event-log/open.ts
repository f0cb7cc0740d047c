import type { Clock } from '../runtime/clock.ts';
import { StartRefused } from '../runtime/start-refused.ts';
import type { EventLog, LogHead } from './event-log.ts';
import { openKurrentEventLog } from './kurrentdb/kurrentdb-event-log.ts';
import type { Notary } from './kurrentdb/notary.ts';
import { createMemoryEventLog } from './memory/memory-event-log.ts';
import { openPostgresEventLog } from './postgres/postgres-event-log.ts';
import type { Commit } from './postgres/recent-events.ts';
import type { SealedLog } from './prove-events.ts';
import type { Verdict } from './verify-chain.ts';

export interface OpenedEventLog {
  log: EventLog;
  /** Recomputes the hash chain; `heads` were kept elsewhere, the newest first: the log in memory holds against that one only. */
  verify(...heads: LogHead[]): Promise<Verdict>;
  /** Where the log drops what is past its retention itself: does so, and answers what went. */
  expire?(): Promise<string[]>;
  /** For proofs that events stand in the log. */
  sealed: SealedLog;
  /** Where proofs would grow long otherwise: says in the log what its newest seals were. */
  gather?(): Promise<number>;
  /** Where the log does not seal itself: begins to seal it from beside, ended by the log's `close`. */
  startNotary?(): Pick<Notary, 'trouble'>;
  /** Where another program makes telemetry expire: why it can't, `null` while all is well. */
  expiryTrouble?(): string | null;
  /** Where this process is the log's one writer: hands every commit on, for the `take` of a reader in another thread. */
  passOn?(listener: (commit: Commit) => void): void;
}

export interface OpenEventLogParts {
  clock: Clock;
  /** How long telemetry is kept; left out or 0: for ever. */
  retentionDays?: number;
  /** For tools that only read while a hub is running. */
  readOnly?: boolean;
  /** How long to wait for another hub to let go of the log, in seconds. */
  lockWaitSeconds?: number;
  /** Where this process writes the log itself: gives the writer a thread of its own. */
  writerInThread?: boolean;
  /** How long to wait for an event log's server that isn't there yet, in seconds. */
  startSeconds?: number;
}

/** The log that a URL names: `postgres://…`, `kurrentdb://…` or `esdb://…`, or `memory:` for tests and tries. */
export const openEventLog = async (url: string, parts: OpenEventLogParts): Promise<OpenedEventLog> => {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? '';
  switch (scheme) {
    case 'memory': {
      const log = createMemoryEventLog();
      return { log, verify: log.verify, sealed: log.sealed };
    }
    case 'postgres':
    case 'postgresql': {
      const log = await openPostgresEventLog({ url, ...parts });
      const { verify, expire, sealed, gather, passOn } = log;
      return { log, verify, expire, sealed, gather, passOn };
    }
    case 'esdb':
    case 'esdb+discover':
    case 'kurrentdb':
    case 'kurrentdb+discover': {
      const log = await openKurrentEventLog({ url, ...parts });
      const { verify, sealed, gather, startNotary, expiryTrouble } = log;
      return { log, verify, sealed, gather, startNotary, expiryTrouble };
    }
    default:
      throw new StartRefused(
        `EVENT_LOG_URL begins with "${scheme}:", which is no event log that this hub knows: use postgres://, kurrentdb://, esdb:// or memory:`,
      );
  }
};
