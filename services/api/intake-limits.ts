import { type Bucket, bucketAt, type Rate } from '../ingest/token-bucket.ts';
import type { Clock } from '../runtime/clock.ts';
import { ApiRefusal } from './problem.ts';

const keysMax = 20_000;

/** Takes one of what a key may do now, or refuses. The keys that were quiet longest are forgotten first. */
export const createLimit = (clock: Clock, rate: Rate) => {
  const buckets = new Map<string, Bucket>();
  return (key: string): void => {
    const nowMs = clock.now();
    const bucket = bucketAt(buckets.get(key) ?? { tokens: rate.burst, atMs: nowMs }, rate, nowMs);
    buckets.delete(key);
    const left = bucket.tokens - 1;
    buckets.set(key, left < 0 ? bucket : { ...bucket, tokens: left });
    if (buckets.size > keysMax) buckets.delete(buckets.keys().next().value!);
    if (left < 0) {
      throw new ApiRefusal(
        429,
        'intake.too-many',
        '报送过于频繁，请稍后再试 / Too many at once; try again in a while.',
      );
    }
  };
};
