import { type Compound, compound, type Device, device } from '../../registry/registry.ts';
import type { DeviceFacts, RatingFacts, WorkOrderFacts } from './facts.ts';
import type { Measured } from './measures/measured.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** The window that tests look at: 30 days up to noon of 1 July 2026 in Shanghai. */
export const at = '2026-07-01T04:00:00.000Z';
export const atMs = Date.parse(at);
export const windowFromMs = atMs - 30 * dayMs;

export const compoundOf = (given: Partial<Compound> = {}): Compound =>
  compound.parse({ id: 'garden', name: '花园小区', profile: 'retrofit', households: 100, ...given });

export const deviceOf = (given: Partial<Device> = {}): Device =>
  device.parse({ id: 'gate-1', compound: 'garden', kind: 'access-gate', name: '东门', ...given });

/** Registered long ago, heard, and up all the time unless it is said otherwise. */
export const deviceFactsOf = (
  given: Partial<Device> = {},
  facts: Partial<Omit<DeviceFacts, 'device'>> = {},
): DeviceFacts => ({
  device: deviceOf(given),
  registeredAtMs: windowFromMs - 100 * dayMs,
  firstHeardAtMs: windowFromMs - 100 * dayMs,
  up: [{ fromMs: windowFromMs, toMs: atMs }],
  gatewayDown: [],
  notObserved: [],
  inBand: [{ fromMs: windowFromMs, toMs: atMs }],
  outOfBand: [],
  counts: {},
  retainedDays: null,
  ...facts,
});

export const factsOf = (given: Partial<RatingFacts> = {}): RatingFacts => ({
  compound: compoundOf(),
  atMs,
  window: { fromMs: windowFromMs, toMs: atMs },
  devices: [],
  gaps: [],
  gatewayGaps: [],
  heardHoursMs: [],
  workOrders: [],
  residentRatings: [],
  meetings: [],
  whistles: [],
  platformReportsMs: [],
  platformSinceMs: given.platformReportsMs?.length ? Math.min(...given.platformReportsMs) : null,
  disclosures: [],
  ...given,
});

/** A live P1 order of a gate, raised two days ago, on site due after 15 min and resolved after 2 h, untouched. */
export const workOrderOf = (given: Partial<WorkOrderFacts> = {}): WorkOrderFacts => {
  const raisedAtMs = given.raisedAtMs ?? atMs - 2 * dayMs;
  return {
    id: 'work-order-1',
    device: 'gate-1',
    deviceName: '东门',
    kind: 'access-gate',
    code: 'offline',
    priority: 'P1',
    raisedAtMs,
    late: false,
    dueOnSiteMs: raisedAtMs + hourMs / 4,
    dueResolveMs: raisedAtMs + 2 * hourMs,
    acknowledgedAtMs: null,
    arrivedAtMs: null,
    resolvedAtMs: null,
    closedAtMs: null,
    cancelledAtMs: null,
    ...given,
  };
};

export type Answer = number | 'no evidence' | 'not applicable';
/** The part of a measure's answer that decides. */
export const answerOf = ({ applicable, value }: Measured): Answer =>
  applicable ? (value ?? 'no evidence') : 'not applicable';
