/** What an error of either client means for the caller. */
export type ServerErrorKind =
  | 'wrong-revision'
  | 'access-denied'
  | 'too-large'
  | 'unsupported'
  | 'no-stream'
  | 'stream-deleted'
  /** Everything else, typed or bare: what was asked may have been done or not. */
  | 'unknown';

const kinds: Readonly<Record<string, ServerErrorKind>> = {
  'wrong-expected-version': 'wrong-revision',
  'append-consistency-violation': 'wrong-revision',
  'access-denied': 'access-denied',
  'maximum-append-size-exceeded': 'too-large',
  unsupported: 'unsupported',
  'stream-not-found': 'no-stream',
  'stream-deleted': 'stream-deleted',
};

/** By the `type` that the clients' errors carry; a bare gRPC error has none. */
export const serverErrorKind = (error: unknown): ServerErrorKind =>
  kinds[String((error as { type?: unknown } | null)?.type)] ?? 'unknown';

/**
 * The revision at which the server says that a stream is, of a `wrong-revision`; -1 for none. Each client has a name of
 * its own for it.
 */
export const actualRevision = (error: unknown): number => {
  const { actualVersion, actualState = actualVersion } = error as { actualVersion?: unknown; actualState?: unknown };
  return typeof actualState === 'bigint' ? Number(actualState) : -1;
};

/** Some server's answer did not come in time; it may have done what was asked. */
export class NoAnswer extends Error {
  readonly code = 'event-log.no-answer';
}

/** What is left of a client's message when it is empty, as it is for most of its typed errors. */
export const serverErrorText = (error: unknown): string => {
  const { message, type } = error as { message?: string; type?: string };
  return message || type || String(error);
};
