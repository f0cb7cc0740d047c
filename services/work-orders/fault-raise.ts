import { startClocks } from './clocks.ts';
import {
  append,
  cover,
  type Draft,
  type FaultEvent,
  neededOrder,
  neededOrders,
  put,
  type RoutingRules,
  raiseOrder,
  recordOf,
  recordsHeldBy,
  recordsOfDevice,
  suppress,
  uncover,
} from './fault-draft.ts';
import type { FaultRule } from './fault-policy.ts';
import { type FaultRecord, faultKey, type Wait } from './fault-routing.ts';
import { countRaised, foldIntoStorm, isFoldable, plusSeconds } from './fault-storm.ts';
import { faultWord } from './fault-words.ts';
import { isInWindow } from './maintenance.ts';
import type { Raised } from './order-events.ts';
import { orderIdOf } from './order-id.ts';
import { isOpen } from './order-state.ts';

/** What was told late is given so long to be told to its end: its clear may be on its way. */
const lateSettleSeconds = 60;

const latest = (a: string, b: string): string => (a > b ? a : b);

/** A timer at an instant of the devices' clocks. */
export const timer = (what: Pick<Wait, 'for' | 'ref'>, dueAt: string, late: boolean, receivedAt: string): Wait => ({
  ...what,
  dueAt,
  fireAt: late ? latest(dueAt, plusSeconds(receivedAt, lateSettleSeconds)) : dueAt,
});

interface Bringing {
  /** When it counts, by the devices' clocks. */
  at: string;
  cause: FaultEvent;
  /** Left over from a storm: it makes none. */
  isLeftOver?: boolean;
}

/** Into a maintenance window, where work explains it. */
const holdInWindow = (draft: Draft, record: FaultRecord, { at, cause }: Bringing): boolean => {
  const known = draft.rules.deviceOf(record.device);
  const place = { compound: record.heard?.compound ?? '', kind: '', ...known };
  const window = [...draft.windows.values()].find((candidate) => isInWindow(candidate, record.device, place, at));
  if (window === undefined) return false;
  suppress(draft, record, window.id, cause);
  const { cancelledAt, to } = window;
  const endsAt = cancelledAt !== null && cancelledAt < to ? cancelledAt : to;
  const wait = record.rule?.lasting
    ? timer({ for: 'window', ref: window.id }, endsAt, record.heard?.late ?? false, cause.meta.receivedAt)
    : null;
  put(draft, { ...record, wait });
  return true;
};

const holdByOrder = (draft: Draft, record: FaultRecord, order: string, cause: FaultEvent): void => {
  const { device, code, component } = record;
  cover(draft, { device, code, component, order, because: 'parent-silent', at: cause.meta.receivedAt, cause });
  const wait: Wait = { for: 'parent', ref: order, dueAt: null, fireAt: null };
  put(draft, { ...record, wait, openOrder: null, closedAt: null, reportedAt: [] });
};

/** Beneath one fault of a device that this one hangs on. */
const foldUnder = (draft: Draft, record: FaultRecord, given: FaultRecord, { at, cause }: Bringing): boolean => {
  let parent = given;
  const dueFirst = parent.wait?.for === 'delay' || parent.wait?.for === 'parent' || parent.wait?.for === 'window';
  if (dueFirst && parent.wait?.dueAt != null && parent.wait.dueAt <= at) {
    cameDue(draft, parent, cause);
    parent = recordOf(draft, parent);
  }
  const { openOrder, wait } = parent;
  const order = openOrder ?? (wait?.for === 'parent' && wait.dueAt === null ? wait.ref : null);
  if (order !== null) {
    if (!isOpen(neededOrder(draft, order).state)) return false;
    holdByOrder(draft, record, order, cause);
    return true;
  }
  if (wait === null || wait.dueAt === null) return false;
  if (wait.for === 'window') suppress(draft, record, wait.ref ?? '', cause);
  // What it hangs on may be raised yet: together, or not at all.
  const child: Wait = wait.for === 'window' ? { ...wait } : { ...wait, for: 'delay', ref: null };
  put(draft, { ...record, wait: child });
  return true;
};

const foldIntoParent = (draft: Draft, record: FaultRecord, bringing: Bringing): boolean => {
  if (!record.rule?.silence) return false;
  for (const { id, by } of draft.rules.deviceOf(record.device)?.hangsOn ?? []) {
    for (const parent of recordsOfDevice(draft, id)) {
      if (!parent.standing || !parent.rule?.covers.includes(by)) continue;
      if (foldUnder(draft, record, parent, bringing)) return true;
    }
  }
  return false;
};

/** Orders of what hangs on a device, raised shortly before its own loss was known, are folded into its order. */
export const foldBack = (draft: Draft, parent: FaultRecord, stays: string, cause: FaultEvent): void => {
  const { rules } = draft;
  const covers = parent.rule?.covers ?? [];
  if (covers.length === 0) return;
  const beneath = (rules.hangingOn?.(parent.device) ?? []).filter((id) =>
    rules.deviceOf(id)?.hangsOn?.some((above) => above.id === parent.device && covers.includes(above.by)),
  );
  const silent = beneath
    .flatMap((id) => recordsOfDevice(draft, id))
    .filter(({ rule, standing, openOrder, wait }) => rule?.silence && standing && openOrder !== null && wait === null);
  const orders = neededOrders(
    draft,
    silent.map(({ openOrder }) => openOrder!),
  );
  const since = plusSeconds(cause.meta.receivedAt, -rules.policy.foldBackSeconds);
  for (const [index, record] of silent.entries()) {
    const order = orders[index]!;
    if (!isFoldable(order.state) || (order.state.raised?.raisedAt ?? '') < since) continue;
    const reason = '并入上级设备的工单 · folded into the order of what the device hangs on';
    const data = { kind: 'duplicate' as const, reason, duplicateOf: stays };
    append(order, { type: 'cancel', data }, cause, faultKey(record));
    holdByOrder(draft, record, stays, cause);
    for (const held of recordsHeldBy(draft, order.order)) holdByOrder(draft, held, stays, cause);
  }
};

const titleWith = (title: string, word: string): string => title.replaceAll('{code}', word);

const raisedOf = (
  { levels, deviceOf }: RoutingRules,
  record: FaultRecord,
  rule: FaultRule,
  cause: FaultEvent,
): Raised | undefined => {
  const { device: id, code, component, heard, episode, flapping } = record;
  const device = deviceOf(id);
  const compound = heard?.compound ?? device?.compound;
  const level = levels.get(rule.serviceLevel);
  // The ingest stamps a compound on every device's event and the loader checks the levels; nothing to raise without.
  if (compound === undefined || level === undefined) return undefined;
  const word = faultWord(code);
  const often = flapping ? { zh: '（反复发生）', en: ' (flapping)' } : { zh: '', en: '' };
  const { receivedAt } = cause.meta;
  return {
    compound,
    device: id,
    ...(device === undefined ? {} : { kind: device.kind, deviceName: device.name }),
    ...(device?.position === undefined ? {} : { position: device.position }),
    ...(device?.building === undefined ? {} : { building: device.building }),
    code,
    ...(component === '' ? {} : { component }),
    episode,
    lasting: rule.lasting,
    ...(heard?.text == null ? {} : { text: heard.text }),
    title: { zh: titleWith(rule.title.zh, word.zh) + often.zh, en: titleWith(rule.title.en, word.en) + often.en },
    serviceLevel: level.id,
    priority: level.priority,
    trade: rule.trade,
    raisedAt: receivedAt,
    ...startClocks({ raisedAt: receivedAt, level, contractHours: device?.contractHours }),
    late: heard?.late ?? false,
    causedBy: heard?.event ?? cause.id,
  };
};

const ownOrder = (draft: Draft, before: FaultRecord, rule: FaultRule, { cause, isLeftOver }: Bringing): void => {
  const record = { ...before, episode: before.episode + 1, closedAt: null, wait: null, reportedAt: [] };
  const data = raisedOf(draft.rules, record, rule, cause);
  if (data === undefined) {
    put(draft, before);
    return;
  }
  const order = orderIdOf(record, record.episode);
  put(draft, { ...record, openOrder: order });
  raiseOrder(draft, order, { type: 'raise', data }, cause);
  if (!isLeftOver) countRaised(draft, record, order, cause);
  foldBack(draft, record, order, cause);
};

/** A fault counts: it goes into a window, beneath another order, or has an order of its own. Never into two of them. */
export const bring = (draft: Draft, record: FaultRecord, bringing: Bringing): void => {
  const free = { ...record, wait: null };
  // Known without what it waited for: whoever hangs on it, and it on them, must not wait for each other.
  put(draft, free);
  if (holdInWindow(draft, free, bringing) || foldIntoParent(draft, free, bringing)) return;
  if (!bringing.isLeftOver && foldIntoStorm(draft, free, bringing.cause)) return;
  if (free.rule !== null) ownOrder(draft, free, free.rule, bringing);
};

/** What hung on it has its own limit now to be heard again. */
const releaseBeneath = (draft: Draft, order: string, at: string): void => {
  for (const record of recordsHeldBy(draft, order)) {
    if (record.wait?.for !== 'parent' || record.wait.dueAt !== null) continue;
    const dueAt = plusSeconds(at, record.rule?.comesOutAfterSeconds ?? 0);
    put(draft, { ...record, wait: { ...record.wait, dueAt, fireAt: dueAt } });
  }
};

/** The fault is back before they were given up: they are explained again. */
export const holdBeneath = (draft: Draft, order: string): void => {
  for (const record of recordsHeldBy(draft, order)) {
    if (record.wait?.for !== 'parent') continue;
    put(draft, { ...record, wait: { ...record.wait, dueAt: null, fireAt: null } });
  }
};

export const recovered = (draft: Draft, record: FaultRecord, cause: FaultEvent): void => {
  put(draft, { ...record, standing: false, wait: null, flapping: false });
  if (record.openOrder === null) return;
  const order = neededOrder(draft, record.openOrder);
  append(order, { type: 'record-recovery', data: { causedBy: cause.id } }, cause);
  releaseBeneath(draft, record.openOrder, cause.meta.receivedAt);
};

/** What a fault waited for has come. */
export const cameDue = (draft: Draft, record: FaultRecord, cause: FaultEvent): void => {
  const { wait } = record;
  if (wait === null || wait.dueAt === null) return;
  if (wait.for === 'quiet') {
    recovered(draft, record, cause);
    return;
  }
  if (wait.for === 'parent' && wait.ref !== null) uncover(draft, wait.ref, record, cause);
  bring(draft, record, { at: wait.dueAt, cause });
};
