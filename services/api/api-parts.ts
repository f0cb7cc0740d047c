import type { RecordedEvent } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { SealedLog } from '../event-log/prove-events.ts';
import type { Verdict } from '../event-log/verify-chain.ts';
import type { PayloadStore } from '../ingest/dead-letters.ts';
import type { Explain } from '../ingest/explain.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { Listen } from '../ingest/listening.ts';
import type { AddressPolicy } from '../outbound/address-policy.ts';
import type { Connector } from '../outbound/target-queries.ts';
import type { Runner } from '../projections/runner.ts';
import type { AuthorityKeys } from '../registry/authority-keys.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Signer } from '../runtime/signing-key.ts';
import type { Sql } from '../runtime/sql.ts';
import type { Duty } from '../work-orders/duty.ts';
import type { PhotoStore } from '../work-orders/photos.ts';
import type { Accounts } from './accounts.ts';
import type { RatingPasts } from './rating-pasts.ts';

/** Everything the controllers stand on, put together once by the hub. */
export interface ApiParts {
  sql: Sql;
  log: EventLog;
  verifyLog(): Promise<Verdict>;
  /** For proofs that events stand in the log. */
  sealed: SealedLog;
  /** The hub's signature, its key made at the first call. */
  signer(): Promise<Signer>;
  index: RegistryIndex;
  authorityKeys: AuthorityKeys;
  /** What ratings are made from. */
  pasts: RatingPasts;
  dialects: readonly string[];
  ingest: Ingest;
  /** What the ingest would make of a message. */
  explain: Explain;
  /** Tells a sender's messages as they come to this process. */
  listen: Listen;
  /** Told every event of the log, where other processes take messages in as well. */
  recordedAnywhere?: Pick<Set<(event: RecordedEvent) => void>, 'add' | 'delete'>;
  payloads: PayloadStore;
  photos: PhotoStore;
  /** Who is sent where a dispatch names nobody. */
  duty: Duty;
  runner: Runner;
  accounts: Accounts;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Where targets and people's webhooks may stand. */
  addresses: AddressPolicy;
  /** Systems that the settings name, beside the targets that people register. */
  connectors: readonly Connector[];
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
