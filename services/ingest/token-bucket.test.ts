import { bucketAt } from './token-bucket.ts';

const rate = { messagesPerSecond: 10, burst: 20 };

test.each([
  ['fills with time', { tokens: 3, atMs: 1_000 }, 1_500, 8],
  ['holds no more than its burst', { tokens: 3, atMs: 1_000 }, 60_000, 20],
  ['a clock set back takes and gives nothing', { tokens: 3, atMs: 3_600_000 }, 1_000, 3],
])('%s', (_, bucket, nowMs, tokens) => {
  expect(bucketAt(bucket, rate, nowMs)).toEqual({ tokens, atMs: nowMs });
});

test('a second after a clock was set back there is a second’s worth', () => {
  const back = bucketAt({ tokens: 0, atMs: 3_600_000 }, rate, 1_000);
  expect(bucketAt(back, rate, 2_000).tokens).toBe(10);
});
