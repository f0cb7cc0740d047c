import type { DeviceModel } from '../../devices/model.ts';
import type { RecordedEvent } from '../event-log/event.ts';
import { type FaultPolicy, type FaultRule, fits } from './fault-policy.ts';

/** One fault: two parts of a device, or two codes, are two faults. `component` is '' where the device names no part. */
export interface Fault {
  device: string;
  code: string;
  component: string;
}

/** A fault that stands, or is over but not for long enough, and what is waited for. */
export interface Wait {
  /**
   * `delay`: it doesn't count yet. `window`: a maintenance window. `parent`, `storm`: another order stands for it.
   * `quiet`: its own order waits for the fault to stay away.
   */
  for: 'delay' | 'window' | 'parent' | 'storm' | 'quiet';
  /** The window or the order. */
  ref: string | null;
  /** By the devices' clocks; `null` while something else must happen first. */
  dueAt: string | null;
  /** By ours: what was told late gets time to be told to its end. */
  fireAt: string | null;
}

/** The report that began a fault: its order is told from it, however much later it is raised. */
export interface Heard {
  event: string;
  correlation: string;
  compound: string | null;
  text: string | null;
  late: boolean;
}

/** What the router remembers of a fault. Instants are ISO 8601 in UTC, so they compare as text. */
export interface FaultRecord extends Fault {
  /** How many orders this fault has had. */
  episode: number;
  /** At most one, for there is but one place for it. */
  openOrder: string | null;
  standing: boolean;
  /** When it newest began and ended, by the device's clock. */
  raisedAt: string | null;
  clearedAt: string | null;
  /** When its last order was closed or cancelled. */
  closedAt: string | null;
  /** Newest event that this record has seen, of the device's stream that stays and of its telemetry; -1 for none. */
  revision: number;
  telemetryRevision: number;
  wait: Wait | null;
  heard: Heard | null;
  /** The rule by which it was heard, as it was then: a new policy judges what comes after it. */
  rule: FaultRule | null;
  /** Newest reports, for rules that ask for several. */
  reportedAt: string[];
  /** Newest beginnings, for rules that know flapping. */
  begunAt: string[];
  flapping: boolean;
}

export const neverHeard = (fault: Fault): FaultRecord => ({
  ...fault,
  episode: 0,
  openOrder: null,
  standing: false,
  raisedAt: null,
  clearedAt: null,
  closedAt: null,
  revision: -1,
  telemetryRevision: -1,
  wait: null,
  heard: null,
  rule: null,
  reportedAt: [],
  begunAt: [],
  flapping: false,
});

export const faultKey = ({ device, code, component }: Fault): string => JSON.stringify([device, code, component]);

/** What one event says about faults, read through the policy. */
export type Signal =
  | { says: 'raised'; rule: FaultRule; code: string; component: string }
  /** `component` is `null` where the event names no part: the fault is over on all of them. */
  | { says: 'cleared'; code: string; component: string | null };

const kebab = (word: string): string =>
  word
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();

const codeOf = (rule: FaultRule, data: Record<string, unknown>): string =>
  rule.code ?? (kebab(String(data[rule.codeFrom ?? ''] ?? '')).slice(0, 64) || 'other');

const componentOf = (field: string | undefined, data: Record<string, unknown>): string | null => {
  const value = field === undefined ? undefined : data[field];
  return value === undefined || value === null || value === '' ? null : String(value);
};

/** The faults that an event raises (at most one: the first rule decides) and clears. */
export const signalsOf = (
  policy: FaultPolicy,
  event: Pick<RecordedEvent, 'type' | 'data'>,
  kind: string | undefined,
  model?: Pick<DeviceModel, 'faults'>,
): Signal[] => {
  const data = (event.data ?? {}) as Record<string, unknown>;
  const faultClass = model?.faults.find(({ code }) => code === data.code)?.class;
  const rule = policy.rules.find(
    ({ on }) =>
      on.type === event.type &&
      (on.kinds === undefined || (kind !== undefined && on.kinds.includes(kind))) &&
      (on.class === undefined || on.class === faultClass) &&
      fits(on.where, data),
  );
  if (rule !== undefined) {
    const component = componentOf(rule.componentFrom, data) ?? '';
    return [{ says: 'raised', rule, code: codeOf(rule, data), component }];
  }
  const cleared = new Map<string, Signal>();
  for (const rule of policy.rules) {
    for (const clearing of rule.clearedBy) {
      if (clearing.type !== event.type || !fits(clearing.where, data)) continue;
      const code = codeOf(rule, data);
      const component = componentOf(clearing.componentFrom ?? rule.componentFrom, data);
      cleared.set(JSON.stringify([code, component]), { says: 'cleared', code, component });
    }
  }
  return [...cleared.values()];
};

/** When and how an event reached us, as far as routing asks. */
export interface Hearing {
  /** By the device's clock, but never after we heard of it: a clock that runs ahead must not outlive its own repair. */
  happenedAt: string;
  receivedAt: string;
  late: boolean;
}

export const hearingOf = ({ meta }: Pick<RecordedEvent, 'meta'>, lateAfterSeconds: number): Hearing => {
  const { occurredAt, receivedAt } = meta;
  const delaySeconds = (Date.parse(receivedAt) - Date.parse(occurredAt)) / 1000;
  return {
    happenedAt: delaySeconds < 0 ? receivedAt : occurredAt,
    receivedAt,
    late: meta.replayed === true || (meta.clock !== 'untrusted' && delaySeconds > lateAfterSeconds),
  };
};

/** What is to be done with a report; the record is what is known afterwards. */
export type Routed =
  | { do: 'nothing'; because: string; record: FaultRecord }
  | { do: 'raise' | 'return' | 'recover'; record: FaultRecord };

const later = (a: string | null, b: string): string => (a !== null && a > b ? a : b);

const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;

/** The device reports the fault. `raise` leaves `openOrder` to the caller, who names the order after the episode. */
export const routeRaised = (
  before: FaultRecord,
  rule: Pick<FaultRule, 'lasting' | 'raiseAgainAfterSeconds'>,
  { happenedAt, receivedAt, late }: Hearing,
): Routed => {
  if (rule.lasting && before.clearedAt !== null && happenedAt < before.clearedAt) {
    return { do: 'nothing', because: 'over-already', record: before };
  }
  const record = { ...before, raisedAt: later(before.raisedAt, happenedAt), standing: rule.lasting };
  if (before.openOrder !== null) {
    return rule.lasting && !before.standing
      ? { do: 'return', record }
      : { do: 'nothing', because: 'order-open', record };
  }
  if (late && !rule.lasting) return { do: 'nothing', because: 'late', record: before };
  if (before.standing && before.closedAt !== null) {
    const quietSeconds = rule.raiseAgainAfterSeconds;
    if (quietSeconds === null || secondsBetween(before.closedAt, receivedAt) < quietSeconds) {
      return { do: 'nothing', because: 'judged-by-a-person', record };
    }
  }
  return { do: 'raise', record: { ...record, episode: before.episode + 1, closedAt: null } };
};

/** The device says that the fault is over. */
export const routeCleared = (before: FaultRecord, { happenedAt }: Hearing): Routed => {
  const record = { ...before, clearedAt: later(before.clearedAt, happenedAt) };
  if (before.raisedAt !== null && happenedAt < before.raisedAt) {
    return { do: 'nothing', because: 'raised-again-since', record };
  }
  const recovered = { ...record, standing: false };
  return before.openOrder !== null && before.standing
    ? { do: 'recover', record: recovered }
    : { do: 'nothing', because: 'no-order', record: recovered };
};

/** A person closed or cancelled an order. */
export const routeClosed = (before: FaultRecord, order: string, at: string): FaultRecord =>
  before.openOrder === order ? { ...before, openOrder: null, closedAt: at } : before;
