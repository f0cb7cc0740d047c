import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import { outlook } from '../projections/rating-outlook/outlook.ts';
import { camerasOnly } from '../projections/rating-replay/standards-for-tests.ts';
import { type CutRequest, cutterOf } from '../projections/star-rating/cut.ts';
import { type CompoundPast, nothingHeard } from '../projections/star-rating/past.ts';
import { rate } from '../projections/star-rating/rate.ts';
import { compound, device } from '../registry/registry.ts';
import { isoTime } from '../runtime/clock.ts';
import { createRiskWatch } from './watch-risks.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const registeredMs = Date.parse('2026-03-31T16:00:00Z');
const startMs = Date.parse('2026-06-01T00:00:00Z');
const garden = compound.parse({ id: 'garden', name: '花园', profile: 'retrofit', households: 10 });
const standard = camerasOnly('1', [90, 95, 98]);

interface Outage {
  goneMs: number;
  backMs: number;
}

/** One camera that is heard all the time but for these outages; what lies after `nowMs` nobody knows. */
const pastWith = (outages: readonly Outage[], nowMs: number): CompoundPast => {
  const begun = outages.filter(({ goneMs }) => goneMs <= nowMs);
  const over = begun.filter(({ backMs }) => backMs <= nowMs);
  const starts = [registeredMs, ...over.map(({ backMs }) => backMs)];
  const row = (of: string | null, data: object) => ({
    ...{ stream: of === null ? 'compound-garden' : `device-${of}`, revision: 0, compound: 'garden', device: of },
    ...{ type: of === null ? 'compound.registered' : 'device.registered', atMs: registeredMs, toldMs: registeredMs },
    data: data as Record<string, unknown>,
  });
  const camera = device.parse({ id: 'cam-1', compound: 'garden', kind: 'camera', name: '东门' });
  return {
    compound: 'garden',
    position: null,
    register: [row(null, garden), row('cam-1', camera)],
    devices: new Map([
      [
        'cam-1',
        {
          ...nothingHeard,
          firstHeardMs: registeredMs,
          runs: starts.map((fromMs, index) => ({ fromMs, toMs: begun[index]?.goneMs ?? nowMs })),
          goneMs: begun.map(({ goneMs }) => goneMs),
          backMs: over.map(({ backMs }) => backMs),
        },
      ],
    ]),
    heardHoursMs: [],
    facts: [],
  };
};

interface Told {
  atMs: number;
  type: string;
  stars: number;
  outcome?: string;
}

/** Looks once an hour for so many days; answers what was told, and each loss of stars as it came. */
const simulate = async (outages: readonly Outage[], days: number, standing: object[] = []) => {
  const log = createMemoryEventLog();
  let nowMs = startMs;
  const cutNow = (request: Omit<CutRequest, 'at'>) =>
    cutterOf(pastWith(outages, nowMs))!({ at: isoTime(nowMs), ...request });
  const watch = createRiskWatch({
    sql: { query: async () => ({ rows: standing as never[], rowCount: standing.length }) },
    log,
    clock: { now: () => nowMs },
    outlookOf: async () => {
      const at = isoTime(nowMs);
      return outlook({ standard, at, factsOver: (windowDays) => cutNow({ windowDays }) });
    },
  });
  const losses: { atMs: number; stars: number }[] = [];
  let stars = 5;
  for (; nowMs < startMs + days * dayMs; nowMs += hourMs) {
    await watch.beginRound();
    await watch.look(garden);
    const rated = rate(standard, cutNow({ windowDays: 30 }), { at: isoTime(nowMs), position: null });
    if (rated.stars < stars) losses.push({ atMs: nowMs, stars: rated.stars });
    stars = rated.stars;
  }
  const events = await log.readStream('compound-garden');
  const told = events.map(
    ({ type, data, meta }): Told => ({ atMs: Date.parse(meta.occurredAt), type, ...(data as { stars: number }) }),
  );
  return { told, losses };
};
const brief = (told: readonly Told[]) => told.map(({ type, stars, outcome }) => [type, stars, outcome]);

test('nothing is told while all goes well', async () => {
  expect((await simulate([], 4)).told).toEqual([]);
});

test('in a decline each loss of a star is told before it comes, once, and that it came', async () => {
  const { told, losses } = await simulate([{ goneMs: startMs + dayMs, backMs: Number.POSITIVE_INFINITY }], 6);
  expect(losses.map(({ stars }) => stars)).toEqual([4, 3, 0]);
  expect(brief(told)).toEqual([
    ['rating.at-risk', 5, undefined],
    ['rating.risk-passed', 4, 'star-lost'],
    ['rating.at-risk', 4, undefined],
    ['rating.risk-passed', 3, 'star-lost'],
    ['rating.at-risk', 3, undefined],
    ['rating.risk-passed', 0, 'star-lost'],
  ]);
  const warnings = told.filter(({ type }) => type === 'rating.at-risk');
  for (const [index, loss] of losses.entries()) expect(warnings[index]!.atMs).toBeLessThan(loss.atMs);
  expect(losses[0]!.atMs - warnings[0]!.atMs).toBeGreaterThanOrEqual(12 * hourMs);
});

test('a short outage is a risk until the camera was up for two days again, and calm for one', async () => {
  const outage = { goneMs: startMs + dayMs, backMs: startMs + dayMs + 3 * hourMs };
  const { told, losses } = await simulate([outage], 6);
  expect(losses).toEqual([]);
  expect(brief(told)).toEqual([
    ['rating.at-risk', 5, undefined],
    ['rating.risk-passed', 5, 'recovered'],
  ]);
  const [, passed] = told;
  expect(passed!.atMs).toBeGreaterThan(outage.backMs + dayMs);
  expect(passed!.atMs).toBeLessThanOrEqual(outage.backMs + 3 * dayMs);
});

test('after a restart what was told before isn’t told again', async () => {
  const risk = { stars: 5, expectedStars: 4, inDays: 7, on: '2026-06-08', standard: 'cameras-only@1', criteria: [] };
  const standing = [{ compound: 'garden', risk }];
  const { told } = await simulate([{ goneMs: startMs - 6 * hourMs, backMs: Number.POSITIVE_INFINITY }], 1, standing);
  expect(brief(told)[0]).toEqual(['rating.risk-passed', 4, 'star-lost']);
});
