import { Metadata, type ServiceError, type status } from '@grpc/grpc-js';
import type { ServerStore } from './server-store.ts';
import type { Stubs } from './stubs.ts';

/** What the double does wrong to the next append. */
export type Trouble =
  /** Nothing is stored and nothing is said. */
  | { kind: 'mute' }
  /** Stored, and said so later. */
  | { kind: 'late'; afterMs: number }
  /** The connection's calls end with UNAVAILABLE, before or after the storing. */
  | { kind: 'unavailable'; stored: boolean };

export interface Parts {
  stubs: Stubs;
  store: ServerStore;
  /** Taken by the next append. */
  troubles: Trouble[];
  /** No read gets an answer while `now` is set. */
  muteReads: { now: boolean };
  /** Every read ends with this. */
  readError: { now: Partial<ServiceError> | undefined };
  subscriptions: Set<(error: Partial<ServiceError>) => void>;
  /** How often each method was called. */
  calls: Map<string, number>;
}

export const failure = (code: status, details: string): Partial<ServiceError> => ({
  code,
  details,
  message: details,
  metadata: new Metadata(),
});
