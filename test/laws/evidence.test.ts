import fc from 'fast-check';
import { deliveryCounter, pictureCounter } from '../../services/projections/star-rating/counters.ts';
import { type Evidence, evidenceOf } from '../../services/projections/star-rating/evidence.ts';
import type { DeviceFacts, RatingFacts, WorkOrderFacts } from '../../services/projections/star-rating/facts.ts';
import {
  at,
  atMs,
  compoundOf,
  deviceFactsOf,
  factsOf,
  hourMs,
  windowFromMs,
} from '../../services/projections/star-rating/facts-for-tests.ts';
import { type Interval, lengthMs, subtract, union } from '../../services/projections/star-rating/intervals.ts';
import { findStandard, standardName, standards } from '../../services/projections/star-rating/standards.ts';
import type { Device } from '../../services/registry/registry.ts';

const positionKinds = ['fire-lane', 'pedestrian-gate', 'vehicle-gate', 'unit-door', 'lift', 'perimeter-zone'] as const;
const positions = positionKinds.flatMap((kind) =>
  [1, 2].map((number) => ({ id: `${kind}-${number}`, kind, name: `${kind} ${number}` })),
);

const instantMs = fc.integer({ min: windowFromMs - 10 * hourMs, max: atMs });
const intervals = fc
  .array(fc.tuple(instantMs, fc.integer({ min: 1, max: 200 * hourMs })), { maxLength: 4 })
  .map((drawn): Interval[] =>
    union(
      drawn.map(([fromMs, length]) => ({
        fromMs: Math.max(fromMs, windowFromMs),
        toMs: Math.min(atMs, fromMs + length),
      })),
    ),
  );
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });

const features = [
  'face',
  'card',
  'plate-recognition',
  'smart-lock',
  'lift-monitor',
  'smoke',
  'fire-water',
  'level',
] as const;
const device = fc.record({
  kind: fc.constantFrom<Device['kind'][]>('access-gate', 'camera', 'sensor', 'charging-post'),
  features: fc.subarray([...features]),
  position: fc.option(fc.constantFrom(...positions.map(({ id }) => id)), { nil: undefined }),
  band: fc.option(fc.constant({ quantity: 'pressureKPa', min: 1, max: 2 }), { nil: undefined }),
  ports: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
});

const deviceFacts = (index: number): fc.Arbitrary<DeviceFacts> =>
  fc
    .record({
      device,
      registeredAtMs: fc.integer({ min: windowFromMs - 100 * hourMs, max: atMs }),
      firstHeardAtMs: orNull(instantMs),
      up: intervals,
      gateway: intervals,
      inBand: intervals,
      outOfBand: intervals,
      notObserved: intervals,
      counts: fc.dictionary(
        fc.constantFrom(
          deliveryCounter('gate.passed', 1),
          deliveryCounter('gate.passed', 999),
          pictureCounter(true),
          pictureCounter(false),
        ),
        fc.integer({ min: 0, max: 50 }),
      ),
      retainedDays: orNull(fc.integer({ min: 0, max: 90 })),
    })
    .map(({ device: given, gateway, up, inBand, outOfBand, ...facts }) =>
      deviceFactsOf(
        { id: `d-${index}`, name: `D ${index}`, gateway: 'gw', ...given },
        { ...facts, up, gatewayDown: subtract(gateway, up), inBand, outOfBand: subtract(outOfBand, inBand) },
      ),
    );

const workOrder = (index: number): fc.Arbitrary<WorkOrderFacts> => {
  const later = orNull(instantMs);
  return fc
    .record({
      kind: fc.constantFrom('charging-post', 'access-gate', null),
      code: fc.constantFrom('over-temperature', 'offline'),
      priority: fc.constantFrom('P0', 'P1', 'P2'),
      raisedAtMs: instantMs,
      late: fc.boolean(),
      dueOnSiteMs: later,
      dueResolveMs: later,
      acknowledgedAtMs: later,
      arrivedAtMs: later,
      resolvedAtMs: later,
      closedAtMs: later,
      cancelledAtMs: later,
    })
    .map((drawn) => ({ id: `work-order-${index}`, device: null, deviceName: null, ...drawn }));
};

const upTo = <Item>(max: number, item: (index: number) => fc.Arbitrary<Item>): fc.Arbitrary<Item[]> =>
  fc.integer({ min: 0, max }).chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => item(index))));

const facts: fc.Arbitrary<RatingFacts> = fc
  .record({
    figures: fc.record(
      {
        parkingSpaces: fc.integer({ min: 0, max: 300 }),
        evReadySpaces: fc.integer({ min: 0, max: 300 }),
        eBikes: fc.integer({ min: 0, max: 300 }),
        eBikePorts: fc.integer({ min: 0, max: 300 }),
        fireDutyRoster: fc.boolean(),
        microFireStation: fc.boolean(),
        contractDisclosed: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    profile: fc.constantFrom('new' as const, 'retrofit' as const),
    district: fc.option(fc.constant('环翠区'), { nil: undefined }),
    devices: upTo(6, deviceFacts),
    gaps: intervals,
    heardHoursMs: fc.uniqueArray(fc.integer({ min: 0, max: 719 }).map((hour) => windowFromMs + hour * hourMs)),
    workOrders: upTo(5, workOrder),
    residentRatings: upTo(4, (index) =>
      fc.record({
        workOrder: fc.constant(`work-order-${index}`),
        score: fc.integer({ min: 1, max: 5 }),
        ratedAtMs: instantMs,
      }),
    ),
    meetings: upTo(4, (index) =>
      fc.record({ id: fc.constant(`meeting-${index}`), plannedForMs: instantMs, heldAtMs: orNull(instantMs) }),
    ),
    whistles: upTo(4, (index) =>
      fc.record({
        id: fc.constant(`whistle-${index}`),
        department: orNull(fc.constant('城管')),
        blownAtMs: instantMs,
        dueAtMs: orNull(instantMs),
        answeredAtMs: orNull(instantMs),
      }),
    ),
    platformReportsMs: fc.array(instantMs, { maxLength: 10 }),
  })
  .map(({ figures, profile, district, ...drawn }) =>
    factsOf({ ...drawn, compound: compoundOf({ figures, profile, district, positions, code: 'x' }) }),
  );

const sum = (numbers: readonly (number | null)[]): number =>
  numbers.reduce<number>((total, of) => total + (of ?? 0), 0);

/** What the items say of the number, where there is one. */
const agrees = ({ value, numerator, denominator, criterion, contributions }: Evidence): void => {
  if (value === null) return;
  const counted = contributions.filter((item) => item.counted);
  if (numerator === null || denominator === null) {
    expect(value).toBe(Math.min(...counted.flatMap((item) => item.value ?? [])));
    return;
  }
  expect(sum(counted.map((item) => item.numerator))).toBeCloseTo(numerator, 6);
  expect(sum(counted.map((item) => item.denominator))).toBeCloseTo(denominator, 6);
  expect(((criterion.unit === '%' ? 100 : 1) * numerator) / denominator).toBeCloseTo(value, 9);
};

const stateHours = ({ intervals: told }: Evidence['contributions'][number], states: readonly string[]): number =>
  lengthMs(told.filter(({ state }) => states.includes(state))) / hourMs;

describe.each(standards().map((standard) => [standardName(standard), standard] as const))('%s', (_, standard) => {
  test('the items of every criterion add up to its number', () => {
    fc.assert(
      fc.property(facts, (given) => {
        for (const { id } of standard.criteria) agrees(evidenceOf(standard, given, id)!);
      }),
      { numRuns: 60 },
    );
  });

  test('times don’t overlap, and those that are good and those that count add up to the item’s own', () => {
    fc.assert(
      fc.property(facts, (given) => {
        for (const criterion of standard.criteria) {
          for (const item of evidenceOf(standard, given, criterion.id)!.contributions) {
            const total = sum(item.intervals.map(({ fromMs, toMs }) => toMs - fromMs));
            expect(lengthMs(item.intervals)).toBe(total);
            if (!['online-rate', 'in-band-share'].includes(criterion.measure.name) || !item.counted) continue;
            expect(stateHours(item, ['up', 'in-band'])).toBeCloseTo(item.numerator!, 6);
            const observed = ['up', 'down', 'gateway-down', 'in-band', 'out-of-band', 'no-reading'];
            expect(stateHours(item, observed)).toBeCloseTo(item.denominator!, 6);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

test('the draws reach every measure with a number', () => {
  const standard = findStandard('weihai-smart-compound@2020.1', at)!;
  const reached = new Set<string>();
  for (const given of fc.sample(facts, { numRuns: 100, seed: 7 })) {
    for (const { id, measure } of standard.criteria) {
      if (evidenceOf(standard, given, id)!.value !== null) reached.add(measure.name);
    }
  }
  expect(reached.size).toBe(new Set(standard.criteria.map(({ measure }) => measure.name)).size);
});
