import { z } from 'zod';
import { deviceKinds } from '../../../registry/registry.ts';
import { priorities } from '../../../work-orders/commands.ts';
import type { RatingFacts, WorkOrderFacts } from '../facts.ts';
import { type Bilingual, type Measured, noEvidence, notApplicable, percentOf, whenNone } from './measured.ts';
import { selectDevices } from './selection.ts';
import { deviceWords } from './words.ts';

/**
 * Nothing happened. That is only known where somebody would have told: without a device that was ever heard it is
 * no evidence, whatever the standard says.
 */
const nothingHappened = (
  facts: RatingFacts,
  none: z.infer<typeof whenNone>,
  kinds?: readonly (typeof deviceKinds)[number][],
): Measured => {
  const witnessed = selectDevices(facts, { deviceKinds: kinds }).some(({ firstHeardAtMs }) => firstHeardAtMs !== null);
  const words = deviceWords({ deviceKinds: kinds });
  if (!witnessed) return noEvidence({ zh: `请接入${words.zh}`, en: `connect the ${words.en}` });
  const detail = { zh: '统计期内没有此类工单', en: 'no such order in the window' };
  return none === 'not-applicable' ? notApplicable(detail) : noEvidence(detail);
};

/** One happening: in time, too late, or (undefined) not to be judged (yet). */
type InTime = boolean | undefined;

const shareInTime = (
  verdicts: readonly InTime[],
  words: (met: number, all: number) => Bilingual,
  nothing: () => Measured,
): Measured => {
  const judged = verdicts.filter((verdict) => verdict !== undefined);
  if (judged.length === 0) return nothing();
  const met = judged.filter(Boolean).length;
  return percentOf(met, judged.length, words(met, judged.length));
};

/** `doneMs` against `dueMs`; while it isn't due yet it is not judged. */
const inTime = (doneMs: number | null, dueMs: number, atMs: number): InTime => {
  if (doneMs !== null) return doneMs <= dueMs;
  return atMs <= dueMs ? undefined : false;
};

export const safetyFaultsClosedParameters = z.strictObject({
  name: z.literal('safety-faults-closed'),
  deviceKinds: z.array(z.enum(deviceKinds)).min(1),
  codes: z.array(z.string()).min(1),
  /** An open order counts against it from then on. */
  dueSeconds: z.int().min(0),
  whenNone,
});

/** Share of the orders for those faults that are closed; a cancelled one was no fault. */
export const safetyFaultsClosed = (
  facts: RatingFacts,
  parameters: z.infer<typeof safetyFaultsClosedParameters>,
): Measured =>
  shareInTime(
    facts.workOrders
      .filter(
        ({ kind, code }) => parameters.deviceKinds.some((known) => known === kind) && parameters.codes.includes(code),
      )
      .filter(({ cancelledAtMs }) => cancelledAtMs === null)
      .map(({ raisedAtMs, closedAtMs }) => {
        if (closedAtMs !== null) return true;
        return facts.atMs <= raisedAtMs + parameters.dueSeconds * 1000 ? undefined : false;
      }),
    (met, all) => ({ zh: `安全故障 ${all} 起，${met} 起已闭环`, en: `${met} of ${all} safety faults closed` }),
    () => nothingHappened(facts, parameters.whenNone, parameters.deviceKinds),
  );

export const acknowledgedWithinParameters = z.strictObject({
  name: z.literal('acknowledged-within'),
  priorities: z.array(z.enum(priorities)).min(1),
  withinSeconds: z.int().min(1),
  whenNone,
});

const ofPriority = (facts: RatingFacts, wanted: readonly string[]): WorkOrderFacts[] =>
  facts.workOrders.filter(({ priority, late }) => wanted.includes(priority) && !late);

/** Share of the live alarms of those priorities that a person took up soon enough. */
export const acknowledgedWithin = (
  facts: RatingFacts,
  parameters: z.infer<typeof acknowledgedWithinParameters>,
): Measured =>
  shareInTime(
    ofPriority(facts, parameters.priorities).map(({ raisedAtMs, acknowledgedAtMs }) =>
      inTime(acknowledgedAtMs, raisedAtMs + parameters.withinSeconds * 1000, facts.atMs),
    ),
    (met, all) => ({
      zh: `紧急报警 ${all} 起，${met} 起在 ${parameters.withinSeconds} 秒内确认`,
      en: `${met} of ${all} alarms acknowledged within ${parameters.withinSeconds} s`,
    }),
    () => nothingHappened(facts, parameters.whenNone),
  );

export const onTimeParameters = z.strictObject({
  name: z.literal('on-time'),
  priorities: z.array(z.enum(priorities)).min(1),
  step: z.enum(['on-site', 'resolve']),
  whenNone,
});

/** An order that was over by itself before anybody had to be there says nothing about punctuality. */
const orderInTime = (order: WorkOrderFacts, step: 'on-site' | 'resolve', atMs: number): InTime => {
  const dueMs = step === 'on-site' ? order.dueOnSiteMs : order.dueResolveMs;
  if (dueMs === null) return undefined;
  // Some repairs are done from afar: then resolving it is as good as being there.
  const doneMs =
    step === 'on-site' ? (order.arrivedAtMs ?? order.resolvedAtMs) : (order.resolvedAtMs ?? order.closedAtMs);
  const overMs = order.cancelledAtMs ?? order.closedAtMs;
  if (doneMs === null && overMs !== null) return overMs <= dueMs ? undefined : false;
  return inTime(doneMs, dueMs, atMs);
};

/** Share of the orders of those priorities whose step was made by the time that their own service level gives. */
export const onTime = (facts: RatingFacts, parameters: z.infer<typeof onTimeParameters>): Measured => {
  const step =
    parameters.step === 'on-site' ? { zh: '按时到场', en: 'reached in time' } : { zh: '按时完成', en: 'done in time' };
  return shareInTime(
    ofPriority(facts, parameters.priorities).map((order) => orderInTime(order, parameters.step, facts.atMs)),
    (met, all) => ({ zh: `工单 ${all} 件，${met} 件${step.zh}`, en: `${met} of ${all} orders ${step.en}` }),
    () => nothingHappened(facts, parameters.whenNone),
  );
};

export const satisfactionParameters = z.strictObject({
  name: z.literal('satisfaction'),
  /** The least score that counts as satisfied, of five. */
  satisfiedFrom: z.int().min(1).max(5),
});

export const satisfaction = (
  { satisfactionScores }: RatingFacts,
  { satisfiedFrom }: z.infer<typeof satisfactionParameters>,
): Measured =>
  shareInTime(
    satisfactionScores.map((score) => score >= satisfiedFrom),
    (met, all) => ({ zh: `居民评价 ${all} 条，${met} 条满意`, en: `${met} of ${all} ratings satisfied` }),
    () => noEvidence({ zh: '需要居民在工单办结时的评价', en: "residents' ratings at closing are wanted" }),
  );

const dayMs = 86_400_000;

export const meetingsHeldParameters = z.strictObject({
  name: z.literal('meetings-held'),
  lookBackDays: z.int().min(1).max(365),
});

/** Share of the joint meetings planned up to now that were held. */
export const meetingsHeld = (
  { meetings, atMs }: RatingFacts,
  { lookBackDays }: z.infer<typeof meetingsHeldParameters>,
): Measured =>
  shareInTime(
    meetings
      .filter(({ plannedForMs }) => plannedForMs <= atMs && plannedForMs > atMs - lookBackDays * dayMs)
      .map(({ heldAtMs }) => heldAtMs !== null),
    (met, all) => ({ zh: `计划会议 ${all} 次，已召开 ${met} 次`, en: `${met} of ${all} planned meetings held` }),
    () => noEvidence({ zh: '请登记联席会议计划和记录', en: 'record the joint meetings, planned and held' }),
  );

export const whistlesOnTimeParameters = z.strictObject({ name: z.literal('whistles-on-time') });

/** Share of the whistles that were answered by the time they named. */
export const whistlesOnTime = ({ whistles, atMs }: RatingFacts): Measured =>
  shareInTime(
    whistles.map(({ dueAtMs, answeredAtMs }) => (dueAtMs === null ? undefined : inTime(answeredAtMs, dueAtMs, atMs))),
    (met, all) => ({ zh: `吹哨 ${all} 次，${met} 次按时报到`, en: `${met} of ${all} whistles answered in time` }),
    () => noEvidence({ zh: '统计期内没有吹哨记录', en: 'no whistle on record in the window' }),
  );
