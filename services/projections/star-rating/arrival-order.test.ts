import fc from 'fast-check';
import { type PostgresForTests, postgresForTests } from '../../../test/postgres-for-tests.ts';
import type { RecordedEvent } from '../../event-log/event.ts';
import { isoTime } from '../../runtime/clock.ts';
import { migrate } from '../../runtime/migrate.ts';
import { openPool, transact } from '../../runtime/postgres.ts';
import { cutterOf } from './cut.ts';
import { createStory, deliver, emptyTables, pastOfStory } from './events-for-tests.ts';
import type { RatingFacts } from './facts.ts';
import { createKeptPasts } from './kept-pasts.ts';
import { ratingFacts } from './queries.ts';
import { rate } from './rate.ts';
import { standards } from './standards.ts';

const startMs = Date.parse('2026-06-01T00:00:00.000Z');
const minuteMs = 60_000;
const hours = 48;
const at = isoTime(startMs + hours * 60 * minuteMs);
const windowDays = 1;

/** What a stream tells, by minute: told at once, or so many minutes late. */
interface Word {
  minute: number;
  lateMinutes: number;
  what: number;
}
const word = fc.record({
  minute: fc.nat(hours * 60 - 1),
  lateMinutes: fc.constantFrom(0, 0, 0, 1, 30, 600),
  what: fc.nat(99),
});
const words = fc.array(word, { maxLength: 25 });

const sessionWords = ['device.seen', 'device.seen', 'device.connected', 'device.disconnected', 'device.seen'];

const said = (stream: string, what: number): [type: string, data: object] => {
  if (stream === 'device-post-1') return ['device.changed', { model: what % 2 === 0 ? 'everest-station' : null }];
  if (stream === 'telemetry-post-1') return ['charging.metered', { connector: 1, values: { energyWh: what } }];
  if (stream.startsWith('telemetry-')) return ['sensor.measured', { values: { pressureKPa: 250 + 10 * what } }];
  return [sessionWords[what % sessionWords.length]!, { reason: 'keepalive' }];
};
/** Nothing else is told in the same instant as these. */
const isAlone = (type: string): boolean => type === 'device.disconnected' || type === 'device.changed';

/** Streams by name, each in the order of its telling. */
const streamsOf = (
  told: Record<string, readonly Word[]>,
): { registered: RecordedEvent[]; streams: RecordedEvent[][] } => {
  const story = createStory();
  const since = isoTime(startMs - 1000);
  const band = { quantity: 'pressureKPa', min: 300, max: 800 };
  const registered = [
    story.registerCompound(since),
    story.registerDevice(since, { id: 'gateway-1', kind: 'gateway' }),
    story.registerDevice(since, {
      id: 'water-1',
      kind: 'sensor',
      gateway: 'gateway-1',
      features: ['fire-water'],
      band,
    }),
    story.registerDevice(since, { id: 'gate-1' }),
    story.registerDevice(since, { id: 'post-1', kind: 'charging-post' }),
  ];
  const streams = Object.entries(told).map(([stream, own]) =>
    own
      .map(({ minute, lateMinutes, what }) => {
        const occurredMs = startMs + minute * minuteMs;
        const [type, data] = said(stream, what);
        const afterMs = isAlone(type) ? minuteMs / 2 : 0;
        return { type, data, occurredMs, toldMs: occurredMs + lateMinutes * minuteMs + afterMs };
      })
      .sort((a, b) => a.toldMs - b.toldMs)
      .map(({ type, data, occurredMs, toldMs }) =>
        story.event(stream, type, isoTime(occurredMs), data, { receivedAt: isoTime(toldMs) }),
      ),
  );
  return { registered, streams };
};

const story = fc.record({
  'device-gateway-1': words,
  'device-water-1': words,
  'telemetry-water-1': words,
  'device-gate-1': words,
  'device-post-1': fc.array(word, { maxLength: 3 }),
  'telemetry-post-1': words,
});

/**
 * Each stream in its own order, the streams among each other as the numbers say. But a loss and the name of a model keep
 * their place in the order of telling, which is the order of a log: by it is known which words came after that was told.
 */
const mixed = (streams: readonly RecordedEvent[][], turns: readonly number[]): RecordedEvent[] => {
  const left = streams.map((own) => [...own]);
  const toldFirst = (events: readonly RecordedEvent[]): string =>
    events.map(({ meta }) => meta.receivedAt).sort()[0] ?? '9';
  const events: RecordedEvent[] = [];
  for (let turn = 0; left.some((own) => own.length > 0); turn += 1) {
    const nextAlone = toldFirst(left.flat().filter(({ type }) => isAlone(type)));
    const next = toldFirst(left.flat());
    const mayCome = ({ type, meta }: RecordedEvent): boolean =>
      isAlone(type) ? meta.receivedAt === next : meta.receivedAt < nextAlone;
    const waiting = left.filter(([head]) => head !== undefined && mayCome(head));
    events.push(waiting[(turns[turn % turns.length] ?? 0) % waiting.length]!.shift()!);
  }
  return events;
};

describe('in the tables', () => {
  let server: PostgresForTests;
  let pool: ReturnType<typeof openPool>;
  beforeAll(async () => {
    server = await postgresForTests();
    pool = openPool(await server.newDatabase(), { maxConnections: 2 });
    await migrate(transact(pool));
  });
  afterAll(async () => {
    await pool?.end();
    await server?.stop();
  });

  test('what was kept and brought up to date is what is read anew', async () => {
    await fc.assert(
      fc.asyncProperty(story, async (told) => {
        await emptyTables(pool);
        const { registered, streams } = streamsOf(told);
        const gap = { from: isoTime(startMs + 30 * 60 * minuteMs), to: isoTime(startMs + 40 * 60 * minuteMs) };
        const recorded = createStory().event('compound-garden', 'compound.gap-recorded', gap.to, gap);
        const halves = [0, 1].map((half) =>
          streams.map((own) => own.filter((_, nth) => Math.floor((2 * nth) / own.length) === half)),
        );
        const keep = createKeptPasts(pool);
        for (const events of [registered, ...halves[0]!, [{ ...recorded, revision: 1 }], ...halves[1]!]) {
          await deliver(pool, events);
          for (const instant of [at, isoTime(Date.parse(at) - 7 * 60 * minuteMs)]) {
            const asked = { compound: 'garden', at: instant, windowDays };
            const { cut } = await keep({ ...asked, atMs: Date.parse(instant) });
            expect(cut!(asked)).toEqual(await ratingFacts(pool, asked));
          }
        }
      }),
      { numRuns: 12 },
    );
  });

  const factsOf = async (events: readonly RecordedEvent[], batchSize: number): Promise<RatingFacts> => {
    await emptyTables(pool);
    await deliver(pool, events, batchSize);
    return (await ratingFacts(pool, { compound: 'garden', at, windowDays }))!;
  };

  test('the order in which streams arrive, repeats and the cut of batches change nothing', async () => {
    const turns = fc.array(fc.nat(5), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(story, turns, turns, fc.integer({ min: 1, max: 9 }), async (told, some, others, batchSize) => {
        const { registered, streams } = streamsOf(told);
        const one = await factsOf([...registered, ...mixed(streams, some)], 1000);
        const twice = mixed(streams, others).flatMap((event) => [event, event]);
        const other = await factsOf([...registered, ...twice, ...mixed(streams, some)], batchSize);
        expect(other).toEqual(one);
        // And what is folded in memory is what the tables hold.
        const past = pastOfStory([...registered, ...mixed(streams, others)], 'garden');
        expect(cutterOf(past)!({ at, windowDays })).toEqual(one);
      }),
      { numRuns: 15 },
    );
  }, 120_000);
});

test('more uptime never costs a point, and so no star', () => {
  const standard = { ...standards()[0]!, windowDays };
  const anotherWord = fc.record({
    stream: fc.constantFrom('device-gateway-1', 'device-water-1', 'device-gate-1'),
    word,
  });
  fc.assert(
    fc.property(story, anotherWord, (told, { stream, word: more }) => {
      const pointsOf = (given: typeof told): number => {
        const { registered, streams } = streamsOf(given);
        const past = pastOfStory([...registered, ...streams.flat()], 'garden');
        return rate(standard, cutterOf(past)!({ at, windowDays }), { at, position: null }).total;
      };
      const heardMore = { ...told, [stream]: [...told[stream], { ...more, what: 0 }] };
      expect(pointsOf(heardMore)).toBeGreaterThanOrEqual(pointsOf(told));
    }),
    { numRuns: 300 },
  );
});
