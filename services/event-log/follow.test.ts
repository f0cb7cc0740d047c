import type { RecordedEvent } from './event.ts';
import { createBell, follow } from './follow.ts';

const events = (types: readonly string[]): RecordedEvent[] =>
  types.map((type, index) => ({
    ...{ id: String(index), type, data: {}, stream: 'device-a', revision: index, position: String(index + 1) },
    meta: { schemaVersion: 1, occurredAt: '', receivedAt: '', clock: 'trusted' },
  }));

/** A log of which one event more is told with every ring. */
const growing = (types: readonly string[]) => {
  const bell = createBell();
  const all = events(types);
  let told = 0;
  const end = new AbortController();
  return {
    tell(): void {
      told += 1;
      bell.ring();
    },
    batches: (patienceMs?: number) =>
      follow(
        {
          read: async (from, maxCount) => all.slice(Number(from ?? 0), Math.min(told, Number(from ?? 0) + maxCount)),
          ...{ bell, isTransient: () => false, closed: end.signal },
        },
        null,
        {
          signal: end.signal,
          wants: (type) => type === 'device.seen',
          ...(patienceMs === undefined ? {} : { patienceMs }),
        },
      ),
  };
};

const positionsOf = ({ value }: IteratorResult<RecordedEvent[], void>): string[] =>
  (value ?? []).map(({ position }) => position);

describe('a batch in which nothing is wanted', () => {
  test('is handed over at once to whoever has no patience', async () => {
    const log = growing(['gate.passed', 'gate.passed']);
    const batches = log.batches();
    log.tell();
    expect(positionsOf(await batches.next())).toEqual(['1']);
  });

  test('is kept until something wanted comes, which is not kept', async () => {
    const log = growing(['gate.passed', 'gate.passed', 'device.seen']);
    const batches = log.batches(3_600_000);
    const next = batches.next();
    for (let count = 0; count < 3; count += 1) {
      log.tell();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(positionsOf(await next)).toEqual(['3']);
    await batches.return();
  });

  test('is handed over in the end, the newest for all', async () => {
    const log = growing(['gate.passed', 'gate.passed']);
    const batches = log.batches(20);
    const next = batches.next();
    log.tell();
    await new Promise((resolve) => setImmediate(resolve));
    log.tell();
    expect(positionsOf(await next)).toEqual(['2']);
  });
});
