import fc from 'fast-check';
import { compound, device } from '../../registry/registry.ts';
import type { KeptFact, RegisterRow } from '../star-rating/fold.ts';
import { union } from '../star-rating/intervals.ts';
import { type CompoundPast, type DevicePast, nothingHeard } from '../star-rating/past.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** The days that are rated lie behind a window's length of history. */
export const storyFromMs = Date.parse('2026-02-15T00:00:00Z');
export const storyDays = 60;

/** A minute of the story, so that nothing falls on the edges of hours and days alone. */
const minute = fc.integer({ min: 0, max: storyDays * 1440 }).map((minutes) => storyFromMs + minutes * 60_000);
const edge = fc.integer({ min: 0, max: storyDays * 24 }).map((hours) => storyFromMs + hours * hourMs);
const instant = fc.oneof(minute, edge);
const instants = (maxLength: number) => fc.array(instant, { maxLength }).map((times) => times.sort((a, b) => a - b));
const iso = (ms: number): string => new Date(ms).toISOString();

const heard = fc.record({
  runs: fc.array(fc.tuple(instant, fc.integer({ min: 0, max: 20 * 1440 })), { maxLength: 6 }),
  goneMs: instants(4),
  backMs: instants(4),
  counts: fc.array(
    fc.record({
      dayMs: fc.integer({ min: 0, max: storyDays - 1 }).map((day) => storyFromMs + day * dayMs),
      counter: fc.constantFrom(
        'gate.passed by 10',
        'gate.passed by 300',
        'gate.denied by later',
        'picture ok',
        'picture failed',
      ),
      hours: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 24, maxLength: 24 }),
    }),
    { maxLength: 12 },
  ),
  retention: fc.array(fc.tuple(instant, fc.integer({ min: 0, max: 60 })), { maxLength: 5 }),
  readings: fc.array(fc.tuple(edge, fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 1000 })), {
    maxLength: 30,
  }),
});

const devicePast = heard.map(({ runs, counts, retention, readings, ...told }): DevicePast => {
  const joined = union(runs.map(([fromMs, minutes]) => ({ fromMs, toMs: fromMs + minutes * 60_000 })));
  const hours = new Map(readings.map(([hour, at, value]) => [hour, { hour, at, value }]));
  const days = new Map(counts.map((count) => [`${count.dayMs} ${count.counter}`, count]));
  return {
    ...nothingHeard,
    ...told,
    firstHeardMs: joined[0]?.fromMs ?? null,
    runs: joined,
    counts: [...days.values()].map(({ dayMs: beginMs, counter, hours: counts }) => ({
      ...{ counter, counts },
      hours: counts.map((_, hour) => beginMs / hourMs + hour),
    })),
    retention: retention
      .map(([atMs, retainedDays], revision) => ({ atMs, retainedDays, revision }))
      .sort((a, b) => a.atMs - b.atMs || a.revision - b.revision),
    readings: [...hours.values()]
      .sort((a, b) => a.hour - b.hour)
      .map(({ hour, at, value }) => ({
        hourMs: hour,
        quantity: 'pressureKPa',
        minutes: [[at, value, value]] as const,
      })),
  };
});

const band = { quantity: 'pressureKPa', min: 300, max: 700 };
const kinds = [
  { kind: 'access-gate', features: ['face', 'card'] },
  { kind: 'access-gate', features: ['plate-recognition'] },
  { kind: 'camera', features: [] },
  { kind: 'charging-post', features: [] },
  { kind: 'sensor', features: ['smoke'] },
  { kind: 'sensor', features: ['fire-water'], band },
  { kind: 'gateway', features: [] },
] as const;

const change = fc.tuple(
  instant,
  fc.constantFrom<[string, object]>(
    ['device.retired', {}],
    ['device.changed', { compound: 'elsewhere' }],
    ['device.changed', { compound: 'garden' }],
    ['device.changed', { gateway: 'device-0' }],
    ['device.changed', { band: null }],
    ['device.changed', { band: { ...band, max: 500 } }],
    ['device.changed', { covers: ['p-1'] }],
  ),
);

const registered = fc.record({
  of: fc.constantFrom(...kinds),
  atMs: instant,
  changes: fc.array(change, { maxLength: 2 }),
  past: devicePast,
});

const rowsOf = (
  index: number,
  { of, atMs, changes }: { of: object; atMs: number; changes: [number, [string, object]][] },
) => {
  const id = `device-${index}`;
  const data = device.parse({ id, compound: 'garden', name: id, position: 'p-1', ...of });
  return [
    [atMs, ['device.registered', data]] as const,
    ...changes.map(([ms, said]) => [Math.max(ms, atMs), said] as const),
  ].map(
    ([at, [type, said]], revision): RegisterRow => ({
      ...{ stream: `device-${id}`, revision, compound: 'garden', device: id, type, atMs: at, toldMs: at },
      data: said as Record<string, unknown>,
    }),
  );
};

const compoundRows = (profile: string, timeZone: string, changedMs: number): RegisterRow[] => {
  const data = compound.parse({
    ...{ id: 'garden', name: '花园', profile, households: 10, timeZone },
    figures: {
      parkingSpaces: 100,
      evReadySpaces: 100,
      eBikes: 10,
      eBikePorts: 4,
      fireDutyRoster: true,
      microFireStation: true,
    },
    positions: ['entrance', 'fire-lane', 'lift', 'unit-door'].map((kind, index) => ({
      id: `p-${index}`,
      kind,
      name: kind,
    })),
  });
  const row = (revision: number, type: string, atMs: number, said: object): RegisterRow => ({
    ...{ stream: 'compound-garden', revision, compound: 'garden', device: null, type, atMs, toldMs: atMs },
    data: said as Record<string, unknown>,
  });
  return [
    row(0, 'compound.registered', storyFromMs, data),
    row(1, 'compound.changed', changedMs, { figures: { ...data.figures, eBikePorts: 1, fireDutyRoster: false } }),
  ];
};

const step = fc.tuple(
  fc.constantFrom('acknowledged', 'arrived', 'resolved', 'closed', 'cancelled', 'reopened', 'rated'),
  fc.integer({ min: 1, max: 3000 }),
);
const stream = fc.oneof(
  fc.record({ subject: fc.constant('work-order'), atMs: instant, steps: fc.array(step, { maxLength: 4 }) }),
  fc.record({
    subject: fc.constantFrom('meeting', 'whistle', 'disclosure'),
    atMs: instant,
    steps: fc.array(step, { maxLength: 1 }),
  }),
  fc.record({
    subject: fc.constantFrom('platform', 'gap', 'gateway-gap'),
    atMs: instant,
    steps: fc.array(step, { maxLength: 1 }),
  }),
);
type Stream = typeof stream extends fc.Arbitrary<infer T> ? T : never;

const openings = (atMs: number): Record<string, [string, object]> => ({
  'work-order': [
    'work-order.raised',
    {
      ...{ kind: 'access-gate', code: 'offline', priority: atMs % 2 === 0 ? 'P1' : 'P2' },
      deadlines: { onSite: iso(atMs + hourMs), resolve: iso(atMs + dayMs) },
    },
  ],
  meeting: ['meeting.planned', { plannedFor: iso(atMs + 7 * dayMs) }],
  whistle: ['whistle.blown', { department: '城管', dueAt: iso(atMs + dayMs) }],
  disclosure: ['disclosure.published', { item: 'contract', until: iso(atMs + 20 * dayMs) }],
  platform: ['platform.reported', {}],
  gap: ['compound.gap-recorded', { from: iso(atMs - 5 * hourMs), to: iso(atMs) }],
  'gateway-gap': ['compound.gap-recorded', { from: iso(atMs - 5 * hourMs), to: iso(atMs), gateway: 'device-0' }],
});
const completions: Record<string, string> = {
  ...{ meeting: 'meeting.held', whistle: 'whistle.answered', disclosure: 'disclosure.withdrawn' },
};

const factsOf = ({ subject, atMs, steps }: Stream, index: number): KeptFact[] => {
  const ofCompound = ['platform', 'gap', 'gateway-gap'].includes(subject);
  const own = ofCompound ? 'compound-garden' : `${subject}-${index}`;
  const said = (revision: number, ms: number, [type, data]: readonly [string, object]): KeptFact => ({
    ...{ stream: own, revision, compound: 'garden', type, atMs: ms, toldMs: ms },
    data: data as Record<string, unknown>,
  });
  const later = ofCompound ? [] : [...steps].sort((a, b) => a[1] - b[1]);
  return [
    said(ofCompound ? 100 + index : 0, atMs, openings(atMs)[subject]!),
    ...later.map(([name, minutes], number) => {
      const type = subject === 'work-order' ? `work-order.${name}` : completions[subject]!;
      return said(number + 1, atMs + minutes * 60_000, [type, name === 'rated' ? { score: 4 } : {}]);
    }),
  ];
};

/** Compounds with devices that come, change, move and go, and with all that people put on record. */
export const pasts = fc
  .record({
    profile: fc.constantFrom('new', 'retrofit'),
    timeZone: fc.constantFrom('Asia/Shanghai', 'Asia/Kolkata', 'Europe/Berlin'),
    changedMs: instant,
    devices: fc.array(registered, { maxLength: 7 }),
    streams: fc.array(stream, { maxLength: 14 }),
    heardHours: fc.uniqueArray(fc.integer({ min: 0, max: storyDays * 24 }), { maxLength: 200 }),
  })
  .map(({ profile, timeZone, changedMs, devices, streams, heardHours }): CompoundPast & { timeZone: string } => ({
    ...{ compound: 'garden', position: null, timeZone },
    register: [
      ...compoundRows(profile, timeZone, changedMs),
      ...devices.flatMap((given, index) => rowsOf(index, given)),
    ],
    devices: new Map(devices.map(({ past }, index) => [`device-${index}`, past])),
    heardHoursMs: heardHours.sort((a, b) => a - b).map((hour) => storyFromMs + hour * hourMs),
    facts: streams.flatMap(factsOf),
  }));
