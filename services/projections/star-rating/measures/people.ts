import { DateTime } from 'luxon';
import { z } from 'zod';
import { deviceKinds } from '../../../registry/registry.ts';
import { priorities } from '../../../work-orders/commands.ts';
import { faultWord } from '../../../work-orders/fault-words.ts';
import type { RatingFacts, WorkOrderFacts } from '../facts.ts';
import { type Contribution, recordBeneath } from './contribution.ts';
import { type Bilingual, type Measured, noEvidence, notApplicable, percentOf, whenNone } from './measured.ts';
import { isSelected } from './selection.ts';
import { deviceWords, durationWords, listed } from './words.ts';

/** One happening: in time, too late, or (undefined) not to be judged (yet). */
type InTime = boolean | undefined;

/** What is to be said of one happening, and how bad a failure it is, to tell the worst first. */
interface Words {
  text: Bilingual;
  badness: number;
}

/** How one happening counts: by when it was due and when it was done, or for a reason of its own. */
type Judgement = { verdict: InTime } & (Words | { dueMs: number; doneMs: number | null });

/** One order, meeting, whistle or resident's rating. */
interface About {
  kind: 'work-order' | 'meeting' | 'whistle';
  /** Its stream. */
  id: string;
  /** Its name in a sentence. */
  name: () => Bilingual;
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

const wordsOf = (judgement: Judgement, atMs: number): Words =>
  'text' in judgement ? judgement : dueWords(judgement.verdict, judgement.dueMs, judgement.doneMs, atMs);

/** Things that happened, judged each by itself; their words are made when somebody asks. */
interface Happenings<Item> {
  items: readonly Item[];
  judge(item: Item): Judgement;
  about(item: Item): About;
}

/** How each counts, with its words. */
const told = <Item>(
  facts: RatingFacts,
  { items, about }: Happenings<Item>,
  judgements: readonly Judgement[],
): (About & Words & { verdict: InTime })[] =>
  items.map((item, index) => {
    const judgement = judgements[index]!;
    return { ...about(item), verdict: judgement.verdict, ...wordsOf(judgement, facts.atMs) };
  });

const contributionsOf = (facts: RatingFacts, happened: ReturnType<typeof told>): Contribution[] =>
  happened.map(({ kind, id, name, verdict, text, badness }) => ({
    subject: { kind, id, name: name().zh },
    badness,
    counted: verdict !== undefined,
    value: verdict === undefined ? null : verdict ? 100 : 0,
    numerator: verdict === undefined ? null : verdict ? 1 : 0,
    denominator: verdict === undefined ? null : 1,
    text,
    intervals: [],
    beneath: recordBeneath(facts, id),
  }));

const failuresOf = (happened: ReturnType<typeof told>): Bilingual =>
  listed(
    happened.filter(({ verdict }) => verdict === false).sort((a, b) => b.badness - a.badness),
    ({ name, text }) => {
      const { zh, en } = name();
      return { zh: `${zh}${text.zh}`, en: `${en} ${text.en}` };
    },
  );

/** Its words are methods: tsx names every function that stands behind a name or a colon, which costs more than a tally. */
const shareInTime = <Item>(
  facts: RatingFacts,
  happenings: Happenings<Item>,
  words: (met: number, all: number) => Bilingual,
  nothing: (contributions: () => Contribution[]) => Measured,
): Measured => {
  const judgements = happenings.items.map(happenings.judge);
  let met = 0;
  let all = 0;
  for (const { verdict } of judgements) {
    if (verdict === undefined) continue;
    all += 1;
    if (verdict) met += 1;
  }
  if (all === 0) return nothing(() => contributionsOf(facts, told(facts, happenings, judgements)));
  return percentOf(met, all, {
    detail() {
      return words(met, all);
    },
    shortfall() {
      return failuresOf(told(facts, happenings, judgements));
    },
    contributions() {
      return contributionsOf(facts, told(facts, happenings, judgements));
    },
  });
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

const dayWords = (ms: number, { compound }: RatingFacts, format = 'LL-dd HH:mm'): string =>
  DateTime.fromMillis(ms, { zone: compound.timeZone }).toFormat(format);

/** `东门（离线，06-29 12:00）`. */
const orderName = (facts: RatingFacts, { deviceName, code, raisedAtMs }: WorkOrderFacts): Bilingual => {
  const fault = faultWord(code);
  const raised = dayWords(raisedAtMs, facts);
  return deviceName === null
    ? { zh: `工单「${fault.zh}」（${raised}）`, en: `the order "${fault.en}" (${raised})` }
    : { zh: `${deviceName}（${fault.zh}，${raised}）`, en: `${deviceName} (${fault.en}, ${raised})` };
};

const aboutOrder =
  (facts: RatingFacts) =>
  (order: WorkOrderFacts): About => ({ kind: 'work-order', id: order.id, name: () => orderName(facts, order) });

const leftOut = (zh: string, en: string): Judgement => ({ verdict: undefined, text: { zh, en }, badness: 0 });

/**
 * Nothing happened. That is only known where somebody would have told: without a device that was ever heard it is
 * no evidence, whatever the standard says.
 */
const nothingHappened = (
  facts: RatingFacts,
  none: z.infer<typeof whenNone>,
  contributions: () => Contribution[],
  kinds?: readonly (typeof deviceKinds)[number][],
): Measured => {
  const witnessed = facts.devices.some(
    (device) => device.firstHeardAtMs !== null && isSelected(device, { deviceKinds: kinds }),
  );
  const answer = {
    detail() {
      if (witnessed) return { zh: '统计期内没有此类工单', en: 'no such order in the window' };
      const words = deviceWords({ deviceKinds: kinds });
      return { zh: `请接入${words.zh}`, en: `connect the ${words.en}` };
    },
    contributions,
  };
  return witnessed && none === 'not-applicable' ? notApplicable(answer) : noEvidence(answer);
};

export const safetyFaultsClosedParameters = z.strictObject({
  name: z.literal('safety-faults-closed'),
  deviceKinds: z.array(z.enum(deviceKinds)).min(1),
  codes: z.array(z.string()).min(1),
  /** An open order counts against it from then on. */
  dueSeconds: z.int().min(0),
  whenNone,
});

const cancelled = leftOut('已撤销，不是故障', 'was cancelled, no fault');
const closed: Judgement = { verdict: true, text: { zh: '已闭环', en: 'is closed' }, badness: 0 };

/** Share of the orders for those faults that are closed; a cancelled one was no fault. */
export const safetyFaultsClosed = (
  facts: RatingFacts,
  parameters: z.infer<typeof safetyFaultsClosedParameters>,
): Measured => {
  const items = facts.workOrders.filter(
    ({ kind, code }) => parameters.deviceKinds.some((known) => known === kind) && parameters.codes.includes(code),
  );
  return shareInTime(
    facts,
    {
      items,
      judge({ raisedAtMs, closedAtMs, cancelledAtMs }) {
        if (cancelledAtMs !== null) return cancelled;
        return closedAtMs === null ? dueAndDone(raisedAtMs + parameters.dueSeconds * 1000, null, facts.atMs) : closed;
      },
      about: aboutOrder(facts),
    },
    (met, all) => ({ zh: `安全故障 ${all} 起，${met} 起已闭环`, en: `${met} of ${all} safety faults closed` }),
    (contributions) => nothingHappened(facts, parameters.whenNone, contributions, parameters.deviceKinds),
  );
};

const ofPriority = (facts: RatingFacts, wanted: readonly string[]): WorkOrderFacts[] =>
  facts.workOrders.filter(({ priority }) => wanted.includes(priority));

const toldLate = leftOut('迟报，当时没有报警', 'was reported late, so nobody was alarmed');

export const acknowledgedWithinParameters = z.strictObject({
  name: z.literal('acknowledged-within'),
  priorities: z.array(z.enum(priorities)).min(1),
  withinSeconds: z.int().min(1),
  whenNone,
});

/** Share of the live alarms of those priorities that a person took up soon enough. */
export const acknowledgedWithin = (
  facts: RatingFacts,
  parameters: z.infer<typeof acknowledgedWithinParameters>,
): Measured =>
  shareInTime(
    facts,
    {
      items: ofPriority(facts, parameters.priorities),
      judge({ late, raisedAtMs, acknowledgedAtMs }) {
        return late ? toldLate : dueAndDone(raisedAtMs + parameters.withinSeconds * 1000, acknowledgedAtMs, facts.atMs);
      },
      about: aboutOrder(facts),
    },
    (met, all) => ({
      zh: `紧急报警 ${all} 起，${met} 起在 ${parameters.withinSeconds} 秒内确认`,
      en: `${met} of ${all} alarms acknowledged within ${parameters.withinSeconds} s`,
    }),
    (contributions) => nothingHappened(facts, parameters.whenNone, contributions),
  );

export const onTimeParameters = z.strictObject({
  name: z.literal('on-time'),
  priorities: z.array(z.enum(priorities)).min(1),
  step: z.enum(['on-site', 'resolve']),
  whenNone,
});

const timeless = leftOut(
  '服务标准未定时限，或时钟已暂停',
  'has no time set by its service level, or its clock stands still',
);
const overBefore = leftOut('到期前已自行恢复', 'was over by itself before it was due');

/** An order that was over by itself before anybody had to be there says nothing about punctuality. */
const judgeOrder = (order: WorkOrderFacts, step: 'on-site' | 'resolve', atMs: number): Judgement => {
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

/** Share of the orders of those priorities whose step was made by the time that their own service level gives. */
export const onTime = (facts: RatingFacts, parameters: z.infer<typeof onTimeParameters>): Measured => {
  const step =
    parameters.step === 'on-site' ? { zh: '按时到场', en: 'reached in time' } : { zh: '按时完成', en: 'done in time' };
  return shareInTime(
    facts,
    {
      items: ofPriority(facts, parameters.priorities),
      judge(order) {
        return judgeOrder(order, parameters.step, facts.atMs);
      },
      about: aboutOrder(facts),
    },
    (met, all) => ({ zh: `工单 ${all} 件，${met} 件${step.zh}`, en: `${met} of ${all} orders ${step.en}` }),
    (contributions) => nothingHappened(facts, parameters.whenNone, contributions),
  );
};

export const satisfactionParameters = z.strictObject({
  name: z.literal('satisfaction'),
  /** The least score that counts as satisfied, of five. */
  satisfiedFrom: z.int().min(1).max(5),
});

export const satisfaction = (facts: RatingFacts, { satisfiedFrom }: z.infer<typeof satisfactionParameters>): Measured =>
  shareInTime(
    facts,
    {
      items: facts.residentRatings,
      judge({ score }) {
        const text = { zh: `得 ${score} 分（满分 5 分）`, en: `got ${score} of 5` };
        return { verdict: score >= satisfiedFrom, text, badness: -score };
      },
      about({ workOrder, ratedAtMs }) {
        const name = (): Bilingual => {
          const order = facts.workOrders.find(({ id }) => id === workOrder);
          if (order !== undefined) return orderName(facts, order);
          const rated = dayWords(ratedAtMs, facts, 'LL-dd');
          return { zh: `${rated} 的评价`, en: `the rating of ${rated}` };
        };
        return { kind: 'work-order', id: workOrder, name };
      },
    },
    (met, all) => ({ zh: `居民评价 ${all} 条，${met} 条满意`, en: `${met} of ${all} ratings satisfied` }),
    () =>
      noEvidence({
        detail: () => ({ zh: '需要居民在工单办结时的评价', en: "residents' ratings at closing are wanted" }),
      }),
  );

const dayMs = 86_400_000;

export const meetingsHeldParameters = z.strictObject({
  name: z.literal('meetings-held'),
  lookBackDays: z.int().min(1).max(365),
});

/** Share of the joint meetings planned up to now that were held. */
export const meetingsHeld = (
  facts: RatingFacts,
  { lookBackDays }: z.infer<typeof meetingsHeldParameters>,
): Measured => {
  const { meetings, atMs } = facts;
  const items = meetings.filter(({ plannedForMs }) => plannedForMs > atMs - lookBackDays * dayMs);
  const judge = ({ plannedForMs, heldAtMs }: RatingFacts['meetings'][number]): Judgement => {
    const badness = plannedForMs;
    if (plannedForMs > atMs) return { verdict: undefined, text: { zh: '尚未到期', en: 'is to come' }, badness };
    return heldAtMs === null
      ? { verdict: false, text: { zh: '未召开', en: 'was not held' }, badness }
      : { verdict: true, text: { zh: '已召开', en: 'was held' }, badness };
  };
  const about = ({ id, plannedForMs }: RatingFacts['meetings'][number]): About => ({
    ...{ kind: 'meeting', id },
    name() {
      const day = dayWords(plannedForMs, facts, 'yyyy-LL-dd');
      return { zh: `${day} 的会议`, en: `the meeting of ${day}` };
    },
  });
  return shareInTime(
    facts,
    { items, judge, about },
    (met, all) => ({ zh: `计划会议 ${all} 次，已召开 ${met} 次`, en: `${met} of ${all} planned meetings held` }),
    (contributions) =>
      noEvidence({
        detail: () => ({ zh: '请登记联席会议计划和记录', en: 'record the joint meetings, planned and held' }),
        contributions,
      }),
  );
};

export const whistlesOnTimeParameters = z.strictObject({ name: z.literal('whistles-on-time') });

const dueless = leftOut('没有期限', 'names no time');

/** Share of the whistles that were answered by the time they named. */
export const whistlesOnTime = (facts: RatingFacts): Measured => {
  const judge = ({ dueAtMs, answeredAtMs }: RatingFacts['whistles'][number]): Judgement =>
    dueAtMs === null ? dueless : dueAndDone(dueAtMs, answeredAtMs, facts.atMs);
  const about = ({ id, department, blownAtMs }: RatingFacts['whistles'][number]): About => ({
    ...{ kind: 'whistle', id },
    name() {
      const blown = dayWords(blownAtMs, facts);
      return department === null
        ? { zh: `${blown} 的吹哨`, en: `the whistle of ${blown}` }
        : { zh: `${department}（${blown}）`, en: `${department} (${blown})` };
    },
  });
  return shareInTime(
    facts,
    { items: facts.whistles, judge, about },
    (met, all) => ({ zh: `吹哨 ${all} 次，${met} 次按时报到`, en: `${met} of ${all} whistles answered in time` }),
    (contributions) =>
      noEvidence({
        detail: () => ({ zh: '统计期内没有吹哨记录', en: 'no whistle on record in the window' }),
        contributions,
      }),
  );
};
