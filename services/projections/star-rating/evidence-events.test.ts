import fc from 'fast-check';
import type { NewEvent, RecordedEvent } from '../../event-log/event.ts';
import type { EventLog } from '../../event-log/event-log.ts';
import { createMemoryEventLog } from '../../event-log/memory/memory-event-log.ts';
import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import { type EventsRequest, eventsBeneath } from './evidence-events.ts';
import { atMs, dayMs, windowFromMs } from './facts-for-tests.ts';
import type { Beneath } from './measures/contribution.ts';

/** Nothing here is looked up in tables: the types are said by devices. */
const sql: Sql = { query: () => Promise.reject(new Error('no table is asked')) };
const beneath: Beneath = {
  streams: ['device-cam', 'telemetry-cam'],
  types: ['camera.*', 'device.seen'],
  fromMs: windowFromMs,
  toMs: atMs,
};

const said = (index: number, type: string, occurredAtMs: number, receivedAtMs: number): NewEvent => ({
  id: `00000000-0000-8000-8000-${String(index).padStart(12, '0')}`,
  type,
  data: { index },
  meta: { schemaVersion: 1, occurredAt: isoTime(occurredAtMs), receivedAt: isoTime(receivedAtMs), clock: 'trusted' },
});

const logOf = async (streams: Record<string, NewEvent[]>): Promise<EventLog> => {
  const log = createMemoryEventLog();
  for (const [stream, events] of Object.entries(streams)) {
    if (events.length > 0) await log.append([{ stream, expectedRevision: 'any', events }]);
  }
  return log;
};

const all = async (
  log: Pick<EventLog, 'readStream'>,
  request: Partial<EventsRequest> = {},
): Promise<RecordedEvent[]> => {
  const found: RecordedEvent[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await eventsBeneath({ sql, log }, beneath, { limit: 100, cursor, ...request });
    found.push(...page.events);
    cursor = page.next;
  }
  return found;
};

const indexOf = ({ data }: Pick<RecordedEvent, 'data'>): number => (data as { index: number }).index;

test('whatever the page’s size, the pages hold what happened in the window, and nothing else', async () => {
  const one = fc.record({
    stream: fc.constantFrom(...beneath.streams),
    type: fc.constantFrom('camera.picture-probed', 'camera.scene-changed', 'device.seen', 'gate.passed'),
    occurredAtMs: fc.integer({ min: windowFromMs - 5 * dayMs, max: atMs + 5 * dayMs }),
    lateMs: fc.integer({ min: 0, max: 20 * dayMs }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(one, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), async (drawn, limit) => {
      // A stream is taken in in order of time.
      const told = drawn
        .map((event) => ({ ...event, receivedAtMs: event.occurredAtMs + event.lateMs }))
        .sort((a, b) => a.receivedAtMs - b.receivedAtMs)
        .map((event, index) => ({ ...event, event: said(index, event.type, event.occurredAtMs, event.receivedAtMs) }));
      const own = (stream: string) => told.filter((event) => event.stream === stream);
      const log = await logOf(
        Object.fromEntries(beneath.streams.map((stream) => [stream, own(stream).map(({ event }) => event)])),
      );
      const wanted = beneath.streams.flatMap((stream) =>
        own(stream)
          .filter(({ type }) => type !== 'gate.passed')
          .filter(({ occurredAtMs }) => occurredAtMs >= windowFromMs && occurredAtMs <= atMs)
          .map(({ event }) => indexOf(event)),
      );
      expect((await all(log, { limit })).map(indexOf)).toEqual(wanted);
    }),
    { numRuns: 200 },
  );
});

test('by what was known at an instant, what came in later is not there', async () => {
  const early = said(1, 'camera.scene-changed', atMs - dayMs, atMs - dayMs);
  const late = said(2, 'camera.scene-changed', atMs - dayMs, atMs + dayMs);
  const log = await logOf({ 'device-cam': [early, late] });
  expect((await all(log, { knownAtMs: atMs })).map(indexOf)).toEqual([1]);
  expect((await all(log)).map(indexOf)).toEqual([1, 2]);
});

test('a long stream is looked through piece by piece, from where the window can begin', async () => {
  const before = Array.from({ length: 20_000 }, (_, index) => {
    const saidAtMs = windowFromMs - 40 * dayMs + index * 100_000;
    return said(index, 'gate.passed', saidAtMs, saidAtMs);
  });
  const within = Array.from({ length: 12_000 }, (_, index) => {
    const saidAtMs = windowFromMs + index * 100_000;
    return said(20_000 + index, index === 11_999 ? 'device.seen' : 'gate.passed', saidAtMs, saidAtMs);
  });
  const log = await logOf({ 'device-cam': [...before, ...within] });
  let read = 0;
  const counting: Pick<EventLog, 'readStream'> = {
    readStream: async (stream, options) => {
      const events = await log.readStream(stream, options);
      read += events.length;
      return events;
    },
  };
  const first = await eventsBeneath({ sql, log: counting }, beneath, { limit: 10 });
  expect(first.events).toEqual([]);
  expect(first.next).not.toBeNull();
  expect((await all(counting)).map(indexOf)).toEqual([31_999]);
  expect(read).toBeLessThan(25_000);
});
