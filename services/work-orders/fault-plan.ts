import { modelOf } from '../../devices/model.ts';
import { type RecordedEvent, workOrderStream } from '../event-log/event.ts';
import type { StreamAppend } from '../event-log/event-log.ts';
import { expires } from '../event-log/retention.ts';
import {
  append,
  type Covering,
  type Draft,
  draftOf,
  type FaultEvent,
  type FaultMemory,
  neededOrder,
  ownEventId,
  put,
  type RoutingRules,
  recordOf,
  recordsHeldBy,
  recordsOfDevice,
  type StormState,
  tellCovered,
  type Uncovering,
  uncover,
} from './fault-draft.ts';
import { parseFaultPolicy } from './fault-policy.ts';
import { bring, cameDue, foldBack, holdBeneath, recovered, timer } from './fault-raise.ts';
import {
  type FaultRecord,
  type Hearing,
  hearingOf,
  neverHeard,
  routeCleared,
  routeClosed,
  routeRaised,
  type Signal,
  signalsOf,
} from './fault-routing.ts';
import { forgetStormOrder, leaveStorm, plusSeconds, stormsOver } from './fault-storm.ts';
import { type MaintenancePlan, type MaintenanceWindow, maintenanceStream } from './maintenance.ts';
import type { Raised } from './order-events.ts';
import { isOpen } from './order-state.ts';
import type { OrderStream } from './order-stream.ts';

export interface FaultPlan {
  /** Records that changed. */
  records: FaultRecord[];
  storms: StormState[];
  windows: MaintenanceWindow[];
  covered: Covering[];
  uncovered: Uncovering[];
  /** Policies that the batch switches on. */
  switchedOn: FaultEvent[];
  appends: StreamAppend[];
}

type Raising = Signal & { says: 'raised' };

const recordsFor = (draft: Draft, device: string, { code, component }: Signal): FaultRecord[] => {
  if (component !== null) return [recordOf(draft, { device, code, component })];
  const all = recordsOfDevice(draft, device).filter((record) => record.code === code);
  return all.length > 0 ? all : [neverHeard({ device, code, component: '' })];
};

const instantsMax = 50;
const newest = (instants: readonly string[], at: string): string[] => [...instants, at].sort().slice(-instantsMax);
const within = (instants: readonly string[], seconds: number): number => {
  const since = plusSeconds(instants.at(-1) ?? '', -seconds);
  return instants.filter((at) => at >= since).length;
};

const wordsOf = ({ text, vendorCode, cause }: Record<string, unknown>): string | null =>
  [text, vendorCode, cause].find((word): word is string => typeof word === 'string' && word !== '') ?? null;

const counts = ({ rule, reportedAt, flapping }: FaultRecord): boolean => {
  const { countsAfterSeconds, countsAfterTimes: repeated } = rule ?? {};
  if (flapping || (countsAfterSeconds === undefined && repeated === undefined)) return true;
  return repeated !== undefined && within(reportedAt, repeated.withinSeconds) >= repeated.times;
};

const isFlapping = ({ rule, begunAt, flapping }: FaultRecord): boolean =>
  flapping || (rule?.flapping !== undefined && within(begunAt, rule.flapping.withinSeconds) >= rule.flapping.times);

/** It began, for the first time or anew. */
const begun = (record: FaultRecord, { happenedAt }: Hearing): FaultRecord => {
  const begunAt = record.rule?.flapping === undefined ? [] : newest(record.begunAt, happenedAt);
  return { ...record, begunAt, flapping: isFlapping({ ...record, begunAt }) };
};

const noteFlapping = (draft: Draft, before: FaultRecord, after: FaultRecord, cause: FaultEvent): void => {
  const { rule, openOrder } = after;
  if (before.flapping || !after.flapping || openOrder === null || rule?.flapping === undefined) return;
  const { times, withinSeconds, quietSeconds } = rule.flapping;
  const text = `反复发生：${withinSeconds} 秒内 ${times} 次，安静 ${quietSeconds} 秒后恢复 · flapping: ${times} times within ${withinSeconds} s, over after ${quietSeconds} s of quiet`;
  append(neededOrder(draft, openOrder), { type: 'note', data: { text } }, cause);
};

const begin = (draft: Draft, { rule }: Raising, cause: FaultEvent, hearing: Hearing, routed: FaultRecord): void => {
  const heard = {
    event: cause.id,
    correlation: cause.meta.correlationId ?? cause.id,
    compound: cause.meta.compound ?? null,
    text: wordsOf(cause.data),
    late: hearing.late,
  };
  const repeats = rule.countsAfterTimes === undefined ? [] : newest(routed.reportedAt, hearing.happenedAt);
  const record = begun({ ...routed, rule, heard, reportedAt: repeats }, hearing);
  if (counts(record)) {
    bring(draft, record, { at: hearing.happenedAt, cause });
    return;
  }
  const { countsAfterSeconds } = rule;
  if (!rule.lasting || countsAfterSeconds === undefined) {
    put(draft, record);
    return;
  }
  const dueAt = plusSeconds(hearing.happenedAt, countsAfterSeconds);
  const wait = timer({ for: 'delay', ref: null }, dueAt, hearing.late, hearing.receivedAt);
  put(draft, { ...record, wait, closedAt: null });
};

/** Reported again while something is waited for. */
const repeat = (draft: Draft, cause: FaultEvent, hearing: Hearing, before: FaultRecord): void => {
  const raisedAt =
    before.raisedAt !== null && before.raisedAt > hearing.happenedAt ? before.raisedAt : hearing.happenedAt;
  if (before.wait?.for === 'quiet') {
    const record = begun({ ...before, raisedAt, wait: null }, hearing);
    put(draft, record);
    noteFlapping(draft, before, record, cause);
    return;
  }
  const repeats = before.rule?.countsAfterTimes === undefined ? [] : newest(before.reportedAt, hearing.happenedAt);
  const record = { ...before, raisedAt, reportedAt: repeats };
  if (before.wait?.for === 'delay' && counts(record)) bring(draft, record, { at: hearing.happenedAt, cause });
  else put(draft, record);
};

/** What was due by the device's own clock before this was said. */
const elapsed = (draft: Draft, record: FaultRecord, { happenedAt }: Hearing, cause: FaultEvent): FaultRecord => {
  if (record.wait?.dueAt == null || record.wait.dueAt > happenedAt) return record;
  cameDue(draft, record, cause);
  return recordOf(draft, record);
};

const report = (draft: Draft, signal: Raising, cause: FaultEvent, given: FaultRecord): void => {
  const hearing = hearingOf(cause, draft.rules.policy.lateAfterSeconds);
  const before = elapsed(draft, given, hearing, cause);
  const isOver = signal.rule.lasting && before.clearedAt !== null && hearing.happenedAt < before.clearedAt;
  if (before.wait !== null) {
    if (isOver) put(draft, before);
    else repeat(draft, cause, hearing, before);
    return;
  }
  const routed = routeRaised(before, signal.rule, hearing);
  if (routed.do === 'raise') {
    begin(draft, signal, cause, hearing, { ...routed.record, episode: before.episode });
  } else if (routed.do === 'return') {
    const order = neededOrder(draft, before.openOrder!);
    if (isOpen(order.state) || order.eventIds.has(ownEventId(cause, 'record-return', order.order))) {
      const record = begun({ ...routed.record, rule: signal.rule }, hearing);
      put(draft, record);
      append(order, { type: 'record-return', data: { causedBy: cause.id } }, cause);
      noteFlapping(draft, before, record, cause);
      holdBeneath(draft, order.order);
      foldBack(draft, record, order.order, cause);
    } else {
      // A person closed it, and the log's word of that comes only after this event: a new episode begins here.
      report(draft, signal, cause, routeClosed(before, order.order, order.endedAt ?? hearing.receivedAt));
    }
  } else put(draft, routed.record);
};

const recover = (draft: Draft, cause: FaultEvent, given: FaultRecord): void => {
  const hearing = hearingOf(cause, draft.rules.policy.lateAfterSeconds);
  const before = elapsed(draft, given, hearing, cause);
  const { wait, rule } = before;
  const routed = routeCleared(before, hearing);
  const isStale = routed.do === 'nothing' && routed.because === 'raised-again-since';
  if (isStale) {
    put(draft, routed.record);
    return;
  }
  if (wait?.for === 'quiet') {
    put(draft, { ...routed.record, standing: true });
    return;
  }
  if (wait !== null) {
    if (wait.for === 'storm') leaveStorm(draft, before, cause);
    put(draft, { ...routed.record, wait: null });
    return;
  }
  if (routed.do !== 'recover') {
    // Without an order nothing waits for it to be quiet: when it begins again, it is counted anew.
    put(draft, { ...routed.record, flapping: false });
    return;
  }
  const quietSeconds = before.flapping ? rule?.flapping?.quietSeconds : rule?.clearsAfterSeconds;
  if (quietSeconds === undefined) {
    recovered(draft, routed.record, cause);
    return;
  }
  const dueAt = plusSeconds(hearing.happenedAt, quietSeconds);
  const quiet = timer({ for: 'quiet', ref: null }, dueAt, hearing.late, hearing.receivedAt);
  put(draft, { ...routed.record, standing: true, wait: quiet });
};

/** A person closed or cancelled an order: of what it stood for, the person has judged what stands. */
const foldEnded = (draft: Draft, order: string, { meta }: RecordedEvent): void => {
  for (const record of recordsHeldBy(draft, order)) {
    const { wait } = record;
    // What it hung on is back, and it has time left to be heard again: whoever closed the order didn't speak of it.
    const isComingOut = wait?.for === 'parent' && wait.dueAt !== null;
    if (isComingOut) put(draft, { ...record, wait: { ...wait, for: 'delay', ref: null } });
    else put(draft, { ...record, wait: null, closedAt: meta.receivedAt });
  }
  if (meta.compound !== undefined) forgetStormOrder(draft, meta.compound, order);
  const record =
    meta.device === undefined
      ? undefined
      : recordsOfDevice(draft, meta.device).find(({ openOrder }) => openOrder === order);
  if (record === undefined) return;
  const closed = routeClosed(record, order, meta.receivedAt);
  // It was quiet, if not for long enough: nothing stands that anybody would have judged.
  put(draft, record.wait?.for === 'quiet' ? { ...closed, wait: null, standing: false, flapping: false } : closed);
};

/** Orders come back through the log: closed by a person, or raised by a run that this one doesn't remember. */
const foldOrderEvent = (draft: Draft, event: RecordedEvent): void => {
  const order = event.stream.slice(workOrderStream('').length);
  if (event.type !== 'work-order.raised') {
    foldEnded(draft, order, event);
    return;
  }
  const { device } = event.meta;
  const { code, component = '', episode, lasting, raisedAt } = event.data as Raised;
  if (device === undefined || episode === undefined) return;
  const before = recordOf(draft, { device, code, component });
  if (episode <= before.episode) return;
  put(draft, { ...before, episode, openOrder: order, standing: lasting, raisedAt, closedAt: null, wait: null });
};

const foldStormDue = (draft: Draft, event: FaultEvent): void => {
  const compound = event.meta.compound ?? '';
  const dueAt = String(event.data.dueAt);
  if (draft.storms.get(compound)?.dueAt !== dueAt) return;
  for (const order of stormsOver(draft, compound, dueAt)) {
    for (const record of recordsHeldBy(draft, order).filter(({ standing }) => standing)) {
      uncover(draft, order, record, event);
      bring(draft, record, { at: dueAt, cause: event, isLeftOver: true });
    }
    append(neededOrder(draft, order), { type: 'record-recovery', data: { causedBy: event.id } }, event);
  }
};

const foldMaintenance = (draft: Draft, event: FaultEvent): void => {
  const id = event.stream.slice(maintenanceStream('').length);
  const known = draft.windows.get(id);
  if (event.type === 'maintenance.planned') {
    if (known !== undefined) return;
    draft.windows.set(id, { ...(event.data as MaintenancePlan), id, cancelledAt: null });
  } else if (known !== undefined) {
    const at = String(event.data.at);
    draft.windows.set(id, { ...known, cancelledAt: at });
    for (const record of recordsHeldBy(draft, id)) {
      if (record.wait !== null) put(draft, { ...record, wait: { ...record.wait, dueAt: at, fireAt: at } });
    }
  }
  draft.changedWindows.add(id);
};

/** A policy that was good when it was switched on, and isn't any more, leaves the one before it in force. */
const switchOn = (draft: Draft, event: FaultEvent): void => {
  draft.switchedOn.push(event);
  try {
    draft.rules = { ...draft.rules, policy: parseFaultPolicy(String(event.data.policy), draft.rules.levels) };
  } catch {
    // `GET /api/fault-policy` tells what is wrong with it.
  }
};

const foldTimer = (draft: Draft, event: FaultEvent, device: string): void => {
  const { code, component, dueAt } = event.data as { code: string; component: string; dueAt: string };
  const record = recordOf(draft, { device, code, component });
  if (record.wait?.fireAt === dueAt) cameDue(draft, record, event);
};

const foldSignals = (draft: Draft, event: FaultEvent, device: string): void => {
  const { policy, deviceOf } = draft.rules;
  const seen = expires(event.stream) ? 'telemetryRevision' : 'revision';
  const { kind, model } = deviceOf(device) ?? {};
  for (const signal of signalsOf(policy, event, kind, modelOf(model))) {
    for (const record of recordsFor(draft, device, signal)) {
      // Seen before: this batch is delivered again.
      if (event.revision <= record[seen]) continue;
      const before = { ...record, [seen]: event.revision };
      if (signal.says === 'raised') report(draft, signal, event, before);
      else recover(draft, event, before);
    }
  }
};

const planOne = (draft: Draft, event: FaultEvent): void => {
  const { device } = event.meta;
  if (event.type.startsWith('work-order.')) {
    foldOrderEvent(draft, event);
    return;
  }
  if (event.type.startsWith('maintenance.')) {
    foldMaintenance(draft, event);
    return;
  }
  if (event.type === 'fault-policy.switched-on') {
    switchOn(draft, event);
    return;
  }
  if (event.type === 'fault.storm-came-due') {
    foldStormDue(draft, event);
    return;
  }
  if (device === undefined) return;
  if (event.type === 'fault.came-due') foldTimer(draft, event, device);
  else foldSignals(draft, event, device);
};

/**
 * What a batch of the log means for orders: pure, so that it can be worked out again when a person was faster, and
 * for a policy that isn't switched on. `memory` holds what the batch may touch, `orders` the streams read so far.
 */
export const planFaults = (
  rules: RoutingRules,
  events: readonly RecordedEvent[],
  memory: FaultMemory,
  orders: ReadonlyMap<string, OrderStream>,
): FaultPlan => {
  const draft = draftOf(rules, memory, orders);
  for (const event of events) planOne(draft, event as FaultEvent);
  tellCovered(draft);
  const ofOrders = [...draft.planned.values()]
    .filter(({ planned }) => planned.length > 0)
    .map(({ order, revision, planned }): StreamAppend => {
      const expectedRevision = revision < 0 ? 'no-stream' : revision;
      return { stream: workOrderStream(order), expectedRevision, events: planned };
    });
  return {
    records: [...draft.changed.values()],
    storms: [...draft.changedStorms].map((compound) => draft.storms.get(compound)!),
    windows: [...draft.changedWindows].flatMap((id) => draft.windows.get(id) ?? []),
    covered: [...draft.covered.values()].flatMap((faults) => [...faults.values()]),
    uncovered: draft.uncovered,
    switchedOn: draft.switchedOn,
    appends: [...ofOrders, ...draft.suppressed],
  };
};
