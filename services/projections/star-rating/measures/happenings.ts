import { z } from 'zod';
import { deviceKinds } from '../../../registry/registry.ts';
import { priorities } from '../../../work-orders/commands.ts';
import type { Recorded } from '../fact-stories.ts';
import type { WorkOrderFacts } from '../facts.ts';
import { type Bilingual, whenNone } from './measured.ts';
import { durationWords } from './words.ts';

/** One happening: in time, too late, or (undefined) not to be judged (yet). */
export type InTime = boolean | undefined;

/** What is to be said of one happening, and how bad a failure it is, to tell the worst first. */
export interface Words {
  text: Bilingual;
  badness: number;
}

/** How one happening counts: by when it was due and when it was done, by a resident's score, or for a reason of its own. */
export type Judgement = { verdict: InTime } & (Words | { dueMs: number; doneMs: number | null } | { score: number });

/** Things that happened, judged each by itself; their words are made when somebody asks. */
export interface Happenings<Item> {
  of(recorded: Recorded): readonly Item[];
  isMeant(item: Item): boolean;
  /** `undefined`: at that instant it is looked at no longer. */
  judge(item: Item, atMs: number): Judgement | undefined;
}

const dueWords = (verdict: InTime, dueMs: number, doneMs: number | null, atMs: number): Words => {
  if (verdict === undefined) return { text: { zh: '尚未到期', en: 'is not due yet' }, badness: 0 };
  const lateMs = (doneMs ?? atMs) - dueMs;
  const late = durationWords(Math.max(0, lateMs));
  const text = verdict
    ? { zh: '按时', en: 'was in time' }
    : doneMs === null
      ? { zh: `至今未办，已超时 ${late.zh}`, en: `is open, ${late.en} overdue` }
      : { zh: `迟到 ${late.zh}`, en: `was ${late.en} late` };
  return { text, badness: lateMs };
};

export const wordsOf = (judgement: Judgement, atMs: number): Words => {
  if ('text' in judgement) return judgement;
  if ('dueMs' in judgement) return dueWords(judgement.verdict, judgement.dueMs, judgement.doneMs, atMs);
  const { score } = judgement;
  return { text: { zh: `得 ${score} 分（满分 5 分）`, en: `got ${score} of 5` }, badness: -score };
};

/** `doneMs` against `dueMs`; while it isn't due yet it is not judged. */
const inTime = (doneMs: number | null, dueMs: number, atMs: number): InTime => {
  if (doneMs !== null) return doneMs <= dueMs;
  return atMs <= dueMs ? undefined : false;
};

const dueAndDone = (dueMs: number, doneMs: number | null, atMs: number): Judgement => ({
  verdict: inTime(doneMs, dueMs, atMs),
  dueMs,
  doneMs,
});

const leftOut = (zh: string, en: string): Judgement => ({ verdict: undefined, text: { zh, en }, badness: 0 });

const ordersOf = ({ workOrders }: Recorded): WorkOrderFacts[] => workOrders;

export const safetyFaultsClosedParameters = z.strictObject({
  name: z.literal('safety-faults-closed'),
  deviceKinds: z.array(z.enum(deviceKinds)).min(1),
  codes: z.array(z.string()).min(1),
  /** An open order counts against it from then on. */
  dueSeconds: z.int().min(0),
  whenNone,
});
export type SafetyFaultsParameters = z.infer<typeof safetyFaultsClosedParameters>;

const cancelled = leftOut('已撤销，不是故障', 'was cancelled, no fault');
const closed: Judgement = { verdict: true, text: { zh: '已闭环', en: 'is closed' }, badness: 0 };

/** Orders for those faults; a cancelled one was no fault. */
export const safetyFaults = (parameters: SafetyFaultsParameters): Happenings<WorkOrderFacts> => ({
  of: ordersOf,
  isMeant({ kind, code }) {
    return parameters.deviceKinds.some((known) => known === kind) && parameters.codes.includes(code);
  },
  judge({ raisedAtMs, closedAtMs, cancelledAtMs }, atMs) {
    if (cancelledAtMs !== null) return cancelled;
    return closedAtMs === null ? dueAndDone(raisedAtMs + parameters.dueSeconds * 1000, null, atMs) : closed;
  },
});

const toldLate = leftOut('迟报，当时没有报警', 'was reported late, so nobody was alarmed');

export const acknowledgedWithinParameters = z.strictObject({
  name: z.literal('acknowledged-within'),
  priorities: z.array(z.enum(priorities)).min(1),
  withinSeconds: z.int().min(1),
  whenNone,
});
export type AcknowledgedParameters = z.infer<typeof acknowledgedWithinParameters>;

const ofPriority = (wanted: readonly string[], { priority }: WorkOrderFacts): boolean => wanted.includes(priority);

/** Live alarms, by when a person took them up. */
export const alarms = (parameters: AcknowledgedParameters): Happenings<WorkOrderFacts> => ({
  of: ordersOf,
  isMeant(order) {
    return ofPriority(parameters.priorities, order);
  },
  judge({ late, raisedAtMs, acknowledgedAtMs }, atMs) {
    return late ? toldLate : dueAndDone(raisedAtMs + parameters.withinSeconds * 1000, acknowledgedAtMs, atMs);
  },
});

export const onTimeParameters = z.strictObject({
  name: z.literal('on-time'),
  priorities: z.array(z.enum(priorities)).min(1),
  step: z.enum(['on-site', 'resolve']),
  whenNone,
});
export type OnTimeParameters = z.infer<typeof onTimeParameters>;

const timeless = leftOut(
  '服务标准未定时限，或时钟已暂停',
  'has no time set by its service level, or its clock stands still',
);
const overBefore = leftOut('到期前已自行恢复', 'was over by itself before it was due');

/** An order that was over by itself before anybody had to be there says nothing about punctuality. */
const judgeStep = (order: WorkOrderFacts, step: OnTimeParameters['step'], atMs: number): Judgement => {
  if (order.late) return toldLate;
  const dueMs = step === 'on-site' ? order.dueOnSiteMs : order.dueResolveMs;
  if (dueMs === null) return timeless;
  // Some repairs are done from afar: then resolving it is as good as being there.
  const doneMs =
    step === 'on-site' ? (order.arrivedAtMs ?? order.resolvedAtMs) : (order.resolvedAtMs ?? order.closedAtMs);
  const overMs = order.cancelledAtMs ?? order.closedAtMs;
  if (doneMs === null && overMs !== null) {
    return overMs <= dueMs ? overBefore : { verdict: false, dueMs, doneMs: overMs };
  }
  return dueAndDone(dueMs, doneMs, atMs);
};

/** Orders, by when a step was made and when their own service level wants it. */
export const steps = (parameters: OnTimeParameters): Happenings<WorkOrderFacts> => ({
  of: ordersOf,
  isMeant(order) {
    return ofPriority(parameters.priorities, order);
  },
  judge(order, atMs) {
    return judgeStep(order, parameters.step, atMs);
  },
});

type ResidentRating = Recorded['residentRatings'][number];
type Meeting = Recorded['meetings'][number];
type Whistle = Recorded['whistles'][number];

export const satisfactionParameters = z.strictObject({
  name: z.literal('satisfaction'),
  /** The least score that counts as satisfied, of five. */
  satisfiedFrom: z.int().min(1).max(5),
});
export type SatisfactionParameters = z.infer<typeof satisfactionParameters>;

export const scores = ({ satisfiedFrom }: SatisfactionParameters): Happenings<ResidentRating> => ({
  of: ({ residentRatings }) => residentRatings,
  isMeant: () => true,
  judge({ score }) {
    return { verdict: score >= satisfiedFrom, score };
  },
});

const dayMs = 86_400_000;

export const meetingsHeldParameters = z.strictObject({
  name: z.literal('meetings-held'),
  lookBackDays: z.int().min(1).max(365),
});
export type MeetingsParameters = z.infer<typeof meetingsHeldParameters>;

/** Joint meetings, planned for up to so many days ago. */
export const plannedMeetings = ({ lookBackDays }: MeetingsParameters): Happenings<Meeting> => ({
  of: ({ meetings }) => meetings,
  isMeant: () => true,
  judge({ plannedForMs, heldAtMs }, atMs) {
    if (plannedForMs <= atMs - lookBackDays * dayMs) return undefined;
    const badness = plannedForMs;
    if (plannedForMs > atMs) return { verdict: undefined, text: { zh: '尚未到期', en: 'is to come' }, badness };
    return heldAtMs === null
      ? { verdict: false, text: { zh: '未召开', en: 'was not held' }, badness }
      : { verdict: true, text: { zh: '已召开', en: 'was held' }, badness };
  },
});

export const whistlesOnTimeParameters = z.strictObject({ name: z.literal('whistles-on-time') });

const dueless = leftOut('没有期限', 'names no time');

/** Whistles, by when they were answered and the time they named. */
export const answeredWhistles: Happenings<Whistle> = {
  of: ({ whistles }) => whistles,
  isMeant: () => true,
  judge({ dueAtMs, answeredAtMs }, atMs) {
    return dueAtMs === null ? dueless : dueAndDone(dueAtMs, answeredAtMs, atMs);
  },
};
