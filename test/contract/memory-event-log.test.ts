import fc from 'fast-check';
import { WrongExpectedRevision } from '../../services/event-log/event-log.ts';
import { createMemoryEventLog, type MemoryEventLog } from '../../services/event-log/memory/memory-event-log.ts';
import { eventLogSuite, type LogUnderTest, sampleEvent } from './event-log.suite.ts';

const underTest = (log: MemoryEventLog): LogUnderTest => ({
  log,
  verify: log.verify,
  reopen: async () => underTest(log),
  destroy: () => log.close(),
});

eventLogSuite('memory', async () => underTest(createMemoryEventLog()));

/** Few ids and streams, so that repetitions and conflicts are common. */
const step = fc.record({
  stream: fc.constantFrom('a', 'b', 'c'),
  expectedRevision: fc.oneof(fc.constantFrom('any' as const, 'no-stream' as const), fc.integer({ min: 0, max: 5 })),
  ids: fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 4 }),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const idOf = (number: number): string => `00000000-0000-8000-8000-${String(number).padStart(12, '0')}`;

/** The contract in its plainest form: a list, searched every time. */
const applyToModel = (model: { id: string; stream: string }[], { stream, expectedRevision, ids }: Step): boolean => {
  const fresh = [...new Set(ids.map(idOf))].filter((id) => !model.some((event) => event.id === id));
  const actual = model.filter((event) => event.stream === stream).length - 1;
  const expected = expectedRevision === 'any' ? actual : expectedRevision === 'no-stream' ? -1 : expectedRevision;
  if (fresh.length > 0 && expected !== actual) return false;
  model.push(...fresh.map((id) => ({ id, stream })));
  return true;
};

describe('any sequence of appends', () => {
  test('leaves what a plain list would hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const log = createMemoryEventLog();
        const model: { id: string; stream: string }[] = [];
        for (const one of steps) {
          const accepted = applyToModel(model, one);
          const events = one.ids.map((number) => ({ ...sampleEvent(), id: idOf(number) }));
          const outcome = await log
            .append([{ stream: one.stream, expectedRevision: one.expectedRevision, events }])
            .catch((error: unknown) => error);
          expect(outcome instanceof WrongExpectedRevision).toBe(!accepted);
        }
        const stored = await log.readAll(null, 1000);
        expect(stored.map(({ id, stream }) => ({ id, stream }))).toEqual(model);
        expect(await log.verify()).toMatchObject({ ok: true, events: model.length });
      }),
      { numRuns: 200 },
    );
  });
});
