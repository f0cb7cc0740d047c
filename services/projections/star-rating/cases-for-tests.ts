import type { Compound, Device, Position } from '../../registry/registry.ts';
import { deliveryCounter, pictureCounter } from './counters.ts';
import type { DeviceFacts, RatingFacts, WorkOrderFacts } from './facts.ts';
import {
  atMs,
  compoundOf,
  dayMs,
  deviceFactsOf,
  factsOf,
  hourMs,
  windowFromMs,
  workOrderOf,
} from './facts-for-tests.ts';

/** Facts under which a criterion of `weihai-smart-compound@2020.1` gives each of its answers. */
export interface CriterionCases {
  met: RatingFacts;
  notMet: RatingFacts;
  noEvidence: RatingFacts;
  /** Left out where it always applies. */
  notApplicable?: RatingFacts;
}

type OwnFacts = Partial<Omit<DeviceFacts, 'device'>>;
const never: OwnFacts = { firstHeardAtMs: null, up: [], inBand: [] };
const upFor = (days: number) => [{ fromMs: windowFromMs, toMs: windowFromMs + days * dayMs }];
const half: OwnFacts = { up: upFor(15), inBand: upFor(15) };

const withDevices = (...devices: DeviceFacts[]): RatingFacts => factsOf({ devices });
const withCompound = (given: Partial<Compound>, ...devices: DeviceFacts[]): RatingFacts =>
  factsOf({ compound: compoundOf(given), devices });
const device = (id: string, given: Partial<Device> = {}, facts: OwnFacts = {}): DeviceFacts =>
  deviceFactsOf({ id, name: id, ...given }, facts);
const gate = (id: string, given: Partial<Device> = {}, facts: OwnFacts = {}) => device(id, given, facts);
const camera = (id: string, given: Partial<Device> = {}, facts: OwnFacts = {}) =>
  device(id, { kind: 'camera', ...given }, facts);
const sensor = (id: string, given: Partial<Device> = {}, facts: OwnFacts = {}) =>
  device(id, { kind: 'sensor', ...given }, facts);
const post = (id: string, given: Partial<Device> = {}, facts: OwnFacts = {}) =>
  device(id, { kind: 'charging-post', ...given }, facts);

const positions = (...ids: [string, Position['kind']][]): Position[] =>
  ids.map(([id, kind]) => ({ id, kind, name: id }));
const somewhere = positions(['roof', 'other']);

/** Two positions of a kind: covered both, one, and none registered. */
const coverage = (
  kind: Position['kind'],
  cover: (id: string, given: Partial<Device>) => DeviceFacts,
  without: 'no-evidence' | 'not-applicable',
): CriterionCases => {
  const two = positions(['p-1', kind], ['p-2', kind]);
  return {
    met: withCompound({ positions: two }, cover('d-1', { position: 'p-1', covers: ['p-2'] })),
    // A third of three: below every column of every standard.
    notMet: withCompound(
      { positions: [...two, ...positions(['p-3', kind], ['p-4', kind])] },
      cover('d-1', { position: 'p-1' }),
    ),
    noEvidence: withCompound({ positions: without === 'no-evidence' ? somewhere : [] }),
    ...(without === 'no-evidence' ? {} : { notApplicable: withCompound({ positions: somewhere }) }),
  };
};

const online = (make: (id: string, facts: OwnFacts) => DeviceFacts): CriterionCases => ({
  met: withDevices(make('d-1', {}), make('d-2', {})),
  notMet: withDevices(make('d-1', {}), make('d-2', half), make('d-3', never)),
  noEvidence: withDevices(),
});

const order = (id: string, given: Partial<WorkOrderFacts>): WorkOrderFacts =>
  workOrderOf({ id: `work-order-${id}`, ...given });

const orders = (
  met: Partial<WorkOrderFacts>,
  notMet: Partial<WorkOrderFacts>,
  witness: DeviceFacts,
): CriterionCases => ({
  met: factsOf({ devices: [witness], workOrders: [order('1', met), order('2', met)] }),
  notMet: factsOf({
    devices: [witness],
    workOrders: [order('1', met), order('2', notMet), order('3', { ...notMet, late: true })],
  }),
  noEvidence: factsOf(),
  notApplicable: withDevices(witness),
});

const raisedAtMs = atMs - 2 * dayMs;
const minutesLater = (minutes: number): number => raisedAtMs + minutes * 60_000;

const counted = (make: (id: string, facts: OwnFacts) => DeviceFacts, good: string, bad: string): CriterionCases => ({
  met: withDevices(make('d-1', { counts: { [good]: 200 } }), make('d-2', {})),
  notMet: withDevices(make('d-1', { counts: { [good]: 10, [bad]: 30 } }), make('d-2', { counts: { [good]: 5 } })),
  noEvidence: withDevices(make('d-1', {})),
});

const placed: Partial<Compound> = {
  code: '371002-17',
  district: '环翠区',
  coordinates: { latitude: 37.5, longitude: 122.1 },
  positions: somewhere,
};

const control: Record<string, CriterionCases> = {
  'CTL-1': {
    met: withDevices(camera('d-1', {}, { retainedDays: 31 }), camera('d-2', {}, { retainedDays: 90 })),
    notMet: withDevices(camera('d-1', {}, { retainedDays: 12 }), camera('d-2', {}, { retainedDays: 90 })),
    noEvidence: withDevices(camera('d-1', {}, { retainedDays: 31 }), camera('d-2')),
  },
  'CTL-2': {
    met: withDevices(gate('d-1', { features: ['face', 'card'] }), gate('d-2', { features: ['card'] })),
    notMet: withDevices(gate('d-1', { features: ['face', 'code'] }), gate('d-2', { features: ['face'] })),
    noEvidence: withDevices(),
    notApplicable: withDevices(gate('d-1', { features: ['card'] })),
  },
  'CTL-3': {
    met: withCompound({ profile: 'new', figures: { parkingSpaces: 200, evReadySpaces: 200 } }),
    notMet: withCompound({ profile: 'new', figures: { parkingSpaces: 200, evReadySpaces: 150 } }),
    noEvidence: withCompound({ profile: 'new', figures: { parkingSpaces: 200 } }),
    notApplicable: withCompound({ profile: 'retrofit', figures: { parkingSpaces: 200 } }),
  },
  'CTL-4': {
    met: withCompound({ figures: { fireDutyRoster: true, microFireStation: true } }),
    notMet: withCompound({ figures: { fireDutyRoster: true, microFireStation: false } }),
    noEvidence: withCompound({ figures: { fireDutyRoster: true } }),
  },
};

const access: Record<string, CriterionCases> = {
  'ACC-1': coverage('pedestrian-gate', gate, 'no-evidence'),
  'ACC-2': {
    ...coverage('vehicle-gate', (id, given) => gate(id, { ...given, features: ['plate-recognition'] }), 'no-evidence'),
    notApplicable: withCompound({ figures: { parkingSpaces: 0 } }),
  },
  'ACC-3': coverage('unit-door', (id, given) => gate(id, { ...given, features: ['smart-lock'] }), 'no-evidence'),
  'ACC-4': online((id, facts) => gate(id, {}, facts)),
  'ACC-5': counted(
    (id, facts) => gate(id, {}, facts),
    deliveryCounter('gate.passed', 1),
    deliveryCounter('gate.passed', 900),
  ),
};

const video: Record<string, CriterionCases> = {
  'CAM-1': coverage('fire-lane', camera, 'no-evidence'),
  'CAM-2': online((id, facts) => camera(id, {}, facts)),
  'CAM-3': online((id, facts) => camera(id, {}, facts)),
  'CAM-4': counted((id, facts) => camera(id, {}, facts), pictureCounter(true), pictureCounter(false)),
  'CAM-5': coverage('perimeter-zone', camera, 'not-applicable'),
};

const charging: Record<string, CriterionCases> = {
  'CHG-1': {
    met: withCompound({ figures: { parkingSpaces: 10 } }, post('d-1', { ports: 2 }), post('d-2')),
    notMet: withCompound({ figures: { parkingSpaces: 100 } }, post('d-1', { ports: 2 })),
    noEvidence: withCompound({ figures: { parkingSpaces: 100 } }),
    notApplicable: withCompound({ figures: { parkingSpaces: 0 } }),
  },
  'CHG-2': {
    ...online((id, facts) => post(id, {}, facts)),
    notApplicable: withCompound({ figures: { parkingSpaces: 0 } }),
  },
  'CHG-3': {
    met: withCompound({ figures: { eBikes: 50, eBikePorts: 25 } }),
    notMet: withCompound({ figures: { eBikes: 100 } }, post('d-1', { ports: 10, features: ['e-bike-charging'] })),
    noEvidence: withCompound({ figures: { eBikePorts: 25 } }),
    notApplicable: withCompound({ figures: { eBikes: 0 } }),
  },
  'CHG-4': orders(
    { kind: 'charging-post', code: 'over-temperature', closedAtMs: atMs },
    { kind: 'charging-post', code: 'over-temperature' },
    post('d-1'),
  ),
};

const band = { quantity: 'pressureKPa', min: 300, max: 800 };
const sensing: Record<string, CriterionCases> = {
  'SEN-1': online((id, facts) => sensor(id, { features: ['smoke'] }, facts)),
  'SEN-2': {
    met: withDevices(sensor('d-1', { features: ['fire-water'], band })),
    notMet: withDevices(
      sensor(
        'd-1',
        { features: ['fire-water'], band },
        { ...half, outOfBand: [{ fromMs: windowFromMs + 20 * dayMs, toMs: atMs }] },
      ),
      sensor('d-2', { features: ['fire-water'] }),
    ),
    noEvidence: withDevices(sensor('d-1', { features: ['fire-water'] })),
  },
  'SEN-3': coverage('lift', (id, given) => sensor(id, { ...given, features: ['lift-monitor'] }), 'not-applicable'),
  'SEN-4': coverage('lift', (id, given) => camera(id, { ...given, features: ['e-bike-detection'] }), 'not-applicable'),
  'SEN-5': online((id, facts) => sensor(id, { features: ['manhole'] }, facts)),
  'SEN-6': orders(
    { priority: 'P0', acknowledgedAtMs: minutesLater(2) },
    { priority: 'P0', acknowledgedAtMs: minutesLater(4) },
    sensor('d-1'),
  ),
};

const hours = (count: number): number[] => Array.from({ length: count }, (_, index) => windowFromMs + index * hourMs);
const reports = (days: number): number[] => Array.from({ length: days }, (_, index) => atMs - (index + 1) * dayMs);
const platform: Record<string, CriterionCases> = {
  'PLT-1': {
    met: factsOf({ platformReportsMs: reports(29) }),
    notMet: factsOf({ platformReportsMs: reports(20) }),
    noEvidence: factsOf(),
  },
  'PLT-2': {
    met: withCompound(placed, gate('d-1', { position: 'roof' })),
    notMet: withCompound({ ...placed, district: undefined }, gate('d-1', { position: 'roof' }), gate('d-2')),
    noEvidence: withCompound(placed),
  },
  'PLT-3': {
    met: factsOf({ devices: [gate('d-1')], heardHoursMs: hours(720) }),
    notMet: factsOf({ devices: [gate('d-1')], heardHoursMs: hours(600) }),
    noEvidence: factsOf(),
  },
};

const rated = (...scores: number[]): RatingFacts =>
  factsOf({
    residentRatings: scores.map((score, index) => ({ workOrder: `work-order-${index}`, score, ratedAtMs: raisedAtMs })),
  });
const disclosure = (item: 'contract' | 'fee-items', untilMs: number | null = null) => ({
  ...{ id: `disclosure-${item}`, item, publishedAtMs: windowFromMs - 400 * dayMs, untilMs },
});
const property: Record<string, CriterionCases> = {
  'PRO-1': orders({ arrivedAtMs: minutesLater(10) }, { arrivedAtMs: minutesLater(40) }, gate('d-1')),
  'PRO-2': orders(
    { priority: 'P2', resolvedAtMs: minutesLater(90) },
    { priority: 'P2', resolvedAtMs: minutesLater(500) },
    gate('d-1'),
  ),
  'PRO-3': { met: rated(5, 5, 4), notMet: rated(5, 2), noEvidence: factsOf() },
  'PRO-4': {
    met: factsOf({ disclosures: [disclosure('contract'), disclosure('fee-items')] }),
    notMet: factsOf({
      compound: compoundOf({ figures: { feeItemsDisclosed: true } }),
      disclosures: [disclosure('contract', atMs - dayMs)],
    }),
    noEvidence: withCompound({ figures: { contractDisclosed: true } }),
  },
};

const meeting = (daysAgo: number, isHeld: boolean) => {
  const plannedForMs = atMs - daysAgo * dayMs;
  return { id: `meeting-${daysAgo}`, plannedForMs, heldAtMs: isHeld ? plannedForMs : null };
};
const whistle = (id: string, answeredAtMs: number | null, dueAtMs: number | null = minutesLater(30)) => ({
  ...{ id: `whistle-${id}`, department: '城管', blownAtMs: raisedAtMs, dueAtMs, answeredAtMs },
});
const governance: Record<string, CriterionCases> = {
  'GOV-1': {
    met: factsOf({ meetings: [meeting(10, true), meeting(100, true), meeting(-20, false)] }),
    notMet: factsOf({ meetings: [meeting(10, false), meeting(100, true)] }),
    noEvidence: factsOf({ meetings: [meeting(-20, false)] }),
  },
  'GOV-2': {
    met: factsOf({ whistles: [whistle('1', minutesLater(20)), whistle('2', null, atMs + dayMs)] }),
    notMet: factsOf({ whistles: [whistle('1', minutesLater(50)), whistle('2', null)] }),
    noEvidence: factsOf({ whistles: [whistle('1', minutesLater(20), null)] }),
  },
};

export const criterionCases: Readonly<Record<string, CriterionCases>> = {
  ...{ ...control, ...access, ...video, ...charging },
  ...{ ...sensing, ...platform, ...property, ...governance },
};
