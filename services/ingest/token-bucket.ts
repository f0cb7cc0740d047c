/** Tokens at an instant; one is taken for a message. */
export interface Bucket {
  tokens: number;
  atMs: number;
}

export interface Rate {
  messagesPerSecond: number;
  /** Messages that may come at once after a silence. */
  burst: number;
}

/** The bucket as it is at `nowMs`. A clock that was set back fills nothing and empties nothing. */
export const bucketAt = ({ tokens, atMs }: Bucket, { messagesPerSecond, burst }: Rate, nowMs: number): Bucket => ({
  tokens: Math.min(burst, tokens + (Math.max(0, nowMs - atMs) * messagesPerSecond) / 1_000),
  atMs: nowMs,
});
