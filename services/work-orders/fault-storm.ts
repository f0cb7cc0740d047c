import { isoTime } from '../runtime/clock.ts';
import { startClocks } from './clocks.ts';
import {
  append,
  cover,
  type Draft,
  type FaultEvent,
  neededOrder,
  neededOrders,
  put,
  putStorm,
  raiseOrder,
  recordOf,
  type StormGroup,
  type StormState,
  stormOf,
} from './fault-draft.ts';
import type { FaultPolicy, FaultRule } from './fault-policy.ts';
import { type FaultRecord, faultKey } from './fault-routing.ts';
import { faultWord } from './fault-words.ts';
import type { Raised } from './order-events.ts';
import { orderIdOf } from './order-id.ts';
import { isOpen, type WorkOrderState } from './order-state.ts';

type StormRule = NonNullable<FaultPolicy['storm']>;

export const plusSeconds = (at: string, seconds: number): string => isoTime(Date.parse(at) + seconds * 1000);

/** Nobody has been sent yet, so that nobody is called back. */
export const isFoldable = ({ state }: WorkOrderState): boolean => state === 'raised' || state === 'acknowledged';

const wideKey = 'anything';

/** The storm rule, where this fault may be gathered at all. What stands for others keeps an order of its own. */
const stormRuleFor = ({ rules }: Draft, { device, rule }: FaultRecord): StormRule | undefined => {
  const { storm } = rules.policy;
  const priority = rules.levels.get(rule?.serviceLevel ?? '')?.priority;
  if (storm === undefined || rule === null || priority === undefined || storm.except.includes(priority))
    return undefined;
  const standsForOthers = rule.covers.length > 0 && (rules.hangingOn?.(device).length ?? 0) > 0;
  return standsForOthers ? undefined : storm;
};

const compoundOf = ({ rules }: Draft, { device, heard }: FaultRecord): string =>
  heard?.compound ?? rules.deviceOf(device)?.compound ?? '';

const recentOf = (state: StormState, storm: StormRule, at: string): StormState['recent'] => {
  const since = plusSeconds(at, -storm.withinSeconds);
  return state.recent.filter((raised) => raised.at > since);
};

/** An order of its own was raised: many of these are a storm. */
export const countRaised = (draft: Draft, record: FaultRecord, order: string, cause: FaultEvent): void => {
  const storm = stormRuleFor(draft, record);
  if (storm === undefined) return;
  const state = stormOf(draft, compoundOf(draft, record));
  const at = cause.meta.receivedAt;
  const { device, code, component } = record;
  const recent = [...recentOf(state, storm, at), { device, code, component, order, at }].slice(-storm.faults);
  putStorm(draft, { ...state, recent });
};

interface Gathering {
  storm: StormRule;
  record: FaultRecord;
  rule: FaultRule;
  compound: string;
  cause: FaultEvent;
}

const placeOf = ({ rules }: Draft, device: string): { word: string; building?: string } => {
  const known = rules.deviceOf(device);
  const above = known?.hangsOn?.[0]?.id;
  const parent = above === undefined ? undefined : rules.deviceOf(above);
  const building = known?.building === undefined ? {} : { building: known.building };
  if (parent !== undefined) return { word: parent.name, ...building };
  return { word: known?.buildingName ?? known?.building ?? '', ...building };
};

const stormRaised = (draft: Draft, { record, rule, compound, cause }: Gathering, isWide: boolean): Raised => {
  const level = draft.rules.levels.get(rule.serviceLevel)!;
  const device = draft.rules.deviceOf(record.device);
  const { word, building } = placeOf(draft, record.device);
  const { zh, en } = faultWord(record.code);
  const place = isWide ? { zh: '全小区', en: 'whole compound' } : { zh: word, en: word };
  const what = isWide ? { zh: '多种故障', en: 'various faults' } : { zh, en };
  const { receivedAt } = cause.meta;
  return {
    compound,
    ...(device === undefined || isWide ? {} : { kind: device.kind }),
    ...(building === undefined || isWide ? {} : { building }),
    code: 'fault-storm',
    lasting: rule.lasting,
    title: {
      zh: `集中故障：${[place.zh, what.zh].filter((part) => part !== '').join(' · ')}`,
      en: `Many faults at once: ${[place.en, what.en].filter((part) => part !== '').join(' · ')}`,
    },
    serviceLevel: level.id,
    priority: level.priority,
    trade: isWide ? 'general' : rule.trade,
    raisedAt: receivedAt,
    ...startClocks({ raisedAt: receivedAt, level, contractHours: device?.contractHours }),
    late: record.heard?.late ?? false,
    causedBy: record.heard?.event ?? cause.id,
  };
};

/** By parent or building, kind and code; what is beyond as many orders as are allowed, by class alone. */
const groupKeyOf = (draft: Draft, { record, rule, storm }: Gathering, groups: StormState['groups']): string => {
  const device = draft.rules.deviceOf(record.device);
  const priority = draft.rules.levels.get(rule.serviceLevel)?.priority;
  const place = device?.hangsOn?.[0]?.id ?? device?.building ?? '';
  const narrow = JSON.stringify([place, device?.kind ?? '', record.code, priority, rule.lasting]);
  const isFull = Object.keys(groups).filter((key) => !key.includes(wideKey)).length >= storm.ordersMax;
  return narrow in groups || !isFull ? narrow : JSON.stringify([wideKey, priority, rule.lasting]);
};

const openGroup = (draft: Draft, group: StormGroup | undefined): StormGroup | undefined =>
  group !== undefined && isOpen(neededOrder(draft, group.order).state) ? group : undefined;

const join = (draft: Draft, gathering: Gathering): void => {
  const { storm, record, rule, compound, cause } = gathering;
  const state = stormOf(draft, compound);
  const at = cause.meta.receivedAt;
  const key = groupKeyOf(draft, gathering, state.groups);
  let group = openGroup(draft, state.groups[key]);
  if (group === undefined) {
    const order = orderIdOf({ device: `storm of ${compound}`, code: key, component: cause.id }, 1);
    const data = stormRaised(draft, gathering, key.includes(wideKey));
    raiseOrder(draft, order, { type: 'raise', data }, cause);
    group = { order, standing: 0, lasting: rule.lasting, lastAt: at, isOver: false };
  }
  const { order } = group;
  if (neededOrder(draft, order).state.recovered && record.standing) {
    append(neededOrder(draft, order), { type: 'record-return', data: { causedBy: cause.id } }, cause);
  }
  cover(draft, { ...pick(record), order, because: 'storm', at, cause });
  put(draft, {
    ...record,
    ...{ openOrder: null, closedAt: null, reportedAt: [] },
    wait: { for: 'storm', ref: order, dueAt: null, fireAt: null },
  });
  const joined = { ...group, standing: group.standing + (record.standing ? 1 : 0), lastAt: at, isOver: false };
  const until = plusSeconds(at, storm.quietSeconds);
  putStorm(draft, { ...state, groups: { ...state.groups, [key]: joined }, activeUntil: until, dueAt: until });
};

const pick = ({ device, code, component }: FaultRecord) => ({ device, code, component });

/** The orders that made it a storm: those on which nobody is on the way are folded into the storm's. */
const gatherRecent = (draft: Draft, recent: StormState['recent'], gathering: Gathering): void => {
  const { storm, compound, cause } = gathering;
  const orders = neededOrders(
    draft,
    recent.map(({ order }) => order),
  );
  for (const [index, raised] of recent.entries()) {
    const order = orders[index]!;
    const record = recordOf(draft, raised);
    if (record.openOrder !== raised.order || record.wait !== null || record.rule === null) continue;
    // What has passed by itself keeps its own order: nothing would end its waiting in the storm's.
    const hasPassed = record.rule.lasting && !record.standing;
    if (hasPassed || !isFoldable(order.state)) continue;
    join(draft, { storm, record, rule: record.rule, compound, cause });
    const stays = recordOf(draft, raised).wait?.ref ?? '';
    const reason = '并入集中故障工单 · gathered into the order of many faults at once';
    const data = { kind: 'duplicate' as const, reason, duplicateOf: stays };
    append(order, { type: 'cancel', data }, cause, faultKey(pick(record)));
  }
};

/** Folds a fault that is to be raised into a storm's order, where there is a storm, or where this one makes it one. */
export const foldIntoStorm = (draft: Draft, record: FaultRecord, cause: FaultEvent): boolean => {
  const storm = stormRuleFor(draft, record);
  if (storm === undefined || record.rule === null) return false;
  const compound = compoundOf(draft, record);
  const at = cause.meta.receivedAt;
  const state = stormOf(draft, compound);
  const recent = recentOf(state, storm, at);
  const isOn = state.activeUntil !== null && at < state.activeUntil;
  if (!isOn && recent.length + 1 < storm.faults) return false;
  const gathering = { storm, record, rule: record.rule, compound, cause };
  if (!isOn) {
    neededOrders(
      draft,
      recent.map(({ order }) => order),
    );
    putStorm(draft, { ...state, recent: [] });
    gatherRecent(draft, recent, gathering);
  }
  join(draft, gathering);
  return true;
};

/** A fault of a storm is over. With the last one the storm's order has recovered. */
export const leaveStorm = (draft: Draft, record: FaultRecord, cause: FaultEvent): void => {
  const state = stormOf(draft, compoundOf(draft, record));
  const found = Object.entries(state.groups).find(([, { order }]) => order === record.wait?.ref);
  if (found === undefined) return;
  const [key, group] = found;
  const standing = Math.max(0, group.standing - 1);
  const order = neededOrder(draft, group.order);
  if (standing === 0) append(order, { type: 'record-recovery', data: { causedBy: cause.id } }, cause);
  const fewest = draft.rules.policy.storm?.faults ?? Number.POSITIVE_INFINITY;
  const dueAt = group.isOver && standing > 0 && standing < fewest ? cause.meta.receivedAt : state.dueAt;
  putStorm(draft, { ...state, dueAt, groups: { ...state.groups, [key]: { ...group, standing } } });
};

/** A person closed or cancelled it: what is raised from now on begins another. */
export const forgetStormOrder = (draft: Draft, compound: string, order: string): void => {
  const state = draft.storms.get(compound);
  const found = Object.entries(state?.groups ?? {}).find(([, group]) => group.order === order);
  if (state === undefined || found === undefined) return;
  const { [found[0]]: _gone, ...groups } = state.groups;
  putStorm(draft, { ...state, groups });
};

/**
 * Looks whether storms are over. Answers the orders whose few faults that are left get orders of their own now; a storm
 * that left more behind keeps them together until fewer are left.
 */
export const stormsOver = (draft: Draft, compound: string, at: string): string[] => {
  const state = stormOf(draft, compound);
  const { storm } = draft.rules.policy;
  const quietSeconds = storm?.quietSeconds ?? 0;
  const over: string[] = [];
  const waiting: string[] = [];
  const groups = Object.entries(state.groups).map(([key, group]): [string, StormGroup] => {
    const endsAt = plusSeconds(group.lastAt, quietSeconds);
    if (!group.isOver && endsAt > at) {
      waiting.push(endsAt);
      return [key, group];
    }
    const dissolves = group.standing > 0 && group.standing < (storm?.faults ?? Number.POSITIVE_INFINITY);
    if (dissolves) over.push(group.order);
    return [key, { ...group, isOver: true, standing: dissolves ? 0 : group.standing }];
  });
  const activeUntil = state.activeUntil !== null && state.activeUntil <= at ? null : state.activeUntil;
  putStorm(draft, { ...state, activeUntil, groups: Object.fromEntries(groups), dueAt: waiting.sort()[0] ?? null });
  return over;
};
