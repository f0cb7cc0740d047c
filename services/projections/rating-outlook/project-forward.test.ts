import type { RatingFacts } from '../star-rating/facts.ts';
import {
  atMs,
  compoundOf,
  dayMs,
  deviceFactsOf,
  factsOf,
  hourMs,
  windowFromMs,
  workOrderOf,
} from '../star-rating/facts-for-tests.ts';
import { projectForward } from './project-forward.ts';

/** Facts over the last days that keep the parts given for each. */
const over = (days: number, facts: Partial<RatingFacts> = {}): RatingFacts =>
  factsOf({ window: { fromMs: atMs - days * dayMs, toMs: atMs }, ...facts });
const forward = (inDays: number, rest: Partial<RatingFacts>, recent: Partial<RatingFacts> = {}) =>
  projectForward({ whole: over(30, rest), rest: over(30 - inDays, rest), recent: over(2, recent) }, inDays);

test('the window moves on with the instant', () => {
  const { atMs: thenMs, window, compound } = forward(3, {});
  expect([thenMs, window]).toEqual([atMs + 3 * dayMs, { fromMs: windowFromMs + 3 * dayMs, toMs: atMs + 3 * dayMs }]);
  expect(compound).toEqual(compoundOf());
});

test('the last two days come in again and again, cut off at the end', () => {
  const up = [{ fromMs: atMs - 2 * dayMs, toMs: atMs - dayMs }];
  const device = (facts: object) => [deviceFactsOf({}, { up: [], inBand: [], ...facts })];
  const [camera] = forward(3, { devices: device({}) }, { devices: device({ up }) }).devices;
  expect(camera!.up).toEqual([
    { fromMs: atMs, toMs: atMs + dayMs },
    { fromMs: atMs + 2 * dayMs, toMs: atMs + 3 * dayMs },
  ]);
});

test('what a device has shown for a minute keeps its share, in a few intervals', () => {
  const [registeredAtMs, minuteMs] = [atMs - 60_000, 60_000];
  const device = (facts: object) => [deviceFactsOf({}, { registeredAtMs, up: [], inBand: [], ...facts })];
  const up = [{ fromMs: registeredAtMs, toMs: registeredAtMs + minuteMs / 4 }];
  const [camera] = forward(30, { devices: device({}) }, { devices: device({ up }) }).devices;
  expect(camera!.up).toHaveLength(30);
  expect(camera!.up.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)).toBe((30 * dayMs) / 4);
});

test('counters grow at the pace of the last two days, and the newest retention report is renewed', () => {
  const devices = (counts: Record<string, number>, retainedDays: number | null = null) => [
    deviceFactsOf({}, { counts, retainedDays }),
  ];
  const whole = over(30, { devices: devices({ a: 99 }, 31) });
  const rest = over(27, { devices: devices({ a: 90 }) });
  const recent = over(2, { devices: devices({ a: 4, b: 2 }) });
  const [device] = projectForward({ whole, rest, recent }, 3).devices;
  expect(device).toMatchObject({ counts: { a: 96, b: 3 }, retainedDays: 31 });
});

test('hours heard and reports to the platform go on', () => {
  const [yesterday, today] = [atMs - 30 * hourMs, atMs - 6 * hourMs];
  const recent = { heardHoursMs: [yesterday, today], platformReportsMs: [today] };
  const then = forward(2, { ...recent, heardHoursMs: [yesterday, today] }, recent);
  expect(then.heardHoursMs).toEqual([yesterday, today, yesterday + 2 * dayMs, today + 2 * dayMs]);
  expect(then.platformReportsMs).toEqual([today, today + 2 * dayMs]);
});

test('what nobody is late with yet is taken to be done in time, what is late stays late', () => {
  const due = workOrderOf({
    id: 'due',
    raisedAtMs: atMs - hourMs,
    dueOnSiteMs: atMs + hourMs,
    dueResolveMs: atMs + dayMs,
  });
  const late = workOrderOf({ id: 'late', dueOnSiteMs: atMs - hourMs, dueResolveMs: atMs - 1 });
  const cancelled = workOrderOf({ id: 'cancelled', cancelledAtMs: atMs - 1, dueResolveMs: atMs + dayMs });
  const [first, second, third] = forward(5, { workOrders: [due, late, cancelled] }).workOrders;
  expect(first).toMatchObject({ arrivedAtMs: atMs + hourMs, resolvedAtMs: atMs + dayMs, closedAtMs: atMs + dayMs });
  expect(second).toMatchObject({ arrivedAtMs: null, resolvedAtMs: null, closedAtMs: null });
  expect(third).toMatchObject({ closedAtMs: null });
});

test('a meeting still to come is taken to be held, a whistle not yet due to be answered', () => {
  const blown = { id: 'w', department: null, blownAtMs: atMs - hourMs, answeredAtMs: null };
  const then = forward(5, {
    meetings: [
      { id: 'missed', plannedForMs: atMs - dayMs, heldAtMs: null },
      { id: 'to-come', plannedForMs: atMs + dayMs, heldAtMs: null },
    ],
    whistles: [
      { ...blown, dueAtMs: atMs + hourMs },
      { ...blown, dueAtMs: atMs - 1 },
    ],
  });
  expect(then.meetings.map(({ id }) => id)).toEqual(['missed']);
  expect(then.whistles.map(({ answeredAtMs }) => answeredAtMs)).toEqual([atMs + hourMs, null]);
});
