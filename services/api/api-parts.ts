import type { EventLog } from '../event-log/event-log.ts';
import type { Verdict } from '../event-log/verify-chain.ts';
import type { PayloadStore } from '../ingest/dead-letters.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { Runner } from '../projections/runner.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Sql } from '../runtime/sql.ts';
import type { Accounts } from './accounts.ts';

/** Everything the controllers stand on, put together once by the hub. */
export interface ApiParts {
  sql: Sql;
  log: EventLog;
  verifyLog(): Promise<Verdict>;
  index: RegistryIndex;
  dialects: readonly string[];
  ingest: Ingest;
  payloads: PayloadStore;
  runner: Runner;
  accounts: Accounts;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** What doesn't run and doesn't keep the rest from running, in sentences. */
  troubles(): string[];
  /** What makes this process not ready, beside its log and its projections. */
  overdue(): string[];
  /** Aborted when the hub closes, so that live streams end. */
  closing: AbortSignal;
}

/** Nest's token of `ApiParts`. */
export const apiParts = Symbol('api parts');

/** The descriptions of both sides, generated once. */
export interface ApiDocuments {
  openApi: unknown;
  asyncApi: unknown;
}
export const apiDocuments = Symbol('api documents');
