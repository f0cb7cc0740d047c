import { fuzz } from './fuzzing.ts';

/** A fixed set of streams; `npx tsx test/mqtt/fuzz.ts --minutes 10` makes fresh ones. */
test('made-up and damaged streams break nothing and disturb no healthy client', async () => {
  const { troubles, streams, letIn, published, healthy } = await fuzz(1, (count) => count >= 800);
  expect(troubles).toEqual([]);
  expect(streams).toBeGreaterThanOrEqual(800);
  expect(letIn).toBeGreaterThan(300);
  expect(published).toBeGreaterThan(1_000);
  expect(healthy).toBeGreaterThan(0);
});
