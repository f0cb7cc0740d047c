import { DateTime } from 'luxon';
import type { z } from 'zod';
import type { deviceKinds } from '../../../registry/registry.ts';
import { faultWord } from '../../../work-orders/fault-words.ts';
import type { RatingFacts, WorkOrderFacts } from '../facts.ts';
import { type Contribution, recordBeneath } from './contribution.ts';
import {
  type AcknowledgedParameters,
  alarms,
  answeredWhistles,
  type Happenings,
  type InTime,
  type Judgement,
  type MeetingsParameters,
  type OnTimeParameters,
  plannedMeetings,
  type SafetyFaultsParameters,
  type SatisfactionParameters,
  safetyFaults,
  scores,
  steps,
  type Words,
  wordsOf,
} from './happenings.ts';
import { type Bilingual, type Measured, noEvidence, notApplicable, percentOf, type whenNone } from './measured.ts';
import { isSelected } from './selection.ts';
import { deviceWords, listed } from './words.ts';

/** One order, meeting, whistle or resident's rating. */
interface About {
  kind: 'work-order' | 'meeting' | 'whistle';
  /** Its stream. */
  id: string;
  /** Its name in a sentence. */
  name: () => Bilingual;
}

type Happened = About & Words & { verdict: InTime };

const contributionsOf = (facts: RatingFacts, happened: readonly Happened[]): Contribution[] =>
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

const failuresOf = (happened: readonly Happened[]): Bilingual =>
  listed(
    happened.filter(({ verdict }) => verdict === false).sort((a, b) => b.badness - a.badness),
    ({ name, text }) => {
      const { zh, en } = name();
      return { zh: `${zh}${text.zh}`, en: `${en} ${text.en}` };
    },
  );

/** How what happened is put into words. */
interface Telling<Item> {
  about(item: Item): About;
  share(met: number, all: number): Bilingual;
  nothing(contributions: () => Contribution[]): Measured;
}

interface Judged<Item> {
  item: Item;
  judgement: Judgement;
}

const told = <Item>(
  facts: RatingFacts,
  judged: readonly Judged<Item>[],
  { about }: Pick<Telling<Item>, 'about'>,
): Happened[] =>
  judged.map(({ item, judgement }) => ({
    ...about(item),
    verdict: judgement.verdict,
    ...wordsOf(judgement, facts.atMs),
  }));

/** Its words are methods: tsx names every function that stands behind a name or a colon, which costs more than a tally. */
const shareInTime = <Item>(
  facts: RatingFacts,
  { of, isMeant, judge }: Happenings<Item>,
  telling: Telling<Item>,
): Measured => {
  const judged: Judged<Item>[] = [];
  let met = 0;
  let all = 0;
  for (const item of of(facts)) {
    const judgement = isMeant(item) ? judge(item, facts.atMs) : undefined;
    if (judgement === undefined) continue;
    judged.push({ item, judgement });
    if (judgement.verdict === undefined) continue;
    all += 1;
    if (judgement.verdict) met += 1;
  }
  if (all === 0) return telling.nothing(() => contributionsOf(facts, told(facts, judged, telling)));
  return percentOf(met, all, {
    detail() {
      return telling.share(met, all);
    },
    shortfall() {
      return failuresOf(told(facts, judged, telling));
    },
    contributions() {
      return contributionsOf(facts, told(facts, judged, telling));
    },
  });
};

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

const aboutOrder = (facts: RatingFacts, order: WorkOrderFacts): About => ({
  kind: 'work-order',
  id: order.id,
  name: () => orderName(facts, order),
});

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

/** Share of the orders for those faults that are closed. */
export const safetyFaultsClosed = (facts: RatingFacts, parameters: SafetyFaultsParameters): Measured =>
  shareInTime(facts, safetyFaults(parameters), {
    about(order) {
      return aboutOrder(facts, order);
    },
    share(met, all) {
      return { zh: `安全故障 ${all} 起，${met} 起已闭环`, en: `${met} of ${all} safety faults closed` };
    },
    nothing(contributions) {
      return nothingHappened(facts, parameters.whenNone, contributions, parameters.deviceKinds);
    },
  });

/** Share of the live alarms of those priorities that a person took up soon enough. */
export const acknowledgedWithin = (facts: RatingFacts, parameters: AcknowledgedParameters): Measured =>
  shareInTime(facts, alarms(parameters), {
    about(order) {
      return aboutOrder(facts, order);
    },
    share(met, all) {
      return {
        zh: `紧急报警 ${all} 起，${met} 起在 ${parameters.withinSeconds} 秒内确认`,
        en: `${met} of ${all} alarms acknowledged within ${parameters.withinSeconds} s`,
      };
    },
    nothing(contributions) {
      return nothingHappened(facts, parameters.whenNone, contributions);
    },
  });

const stepWords = {
  'on-site': { zh: '按时到场', en: 'reached in time' },
  resolve: { zh: '按时完成', en: 'done in time' },
};

/** Share of the orders of those priorities whose step was made by the time that their own service level gives. */
export const onTime = (facts: RatingFacts, parameters: OnTimeParameters): Measured =>
  shareInTime(facts, steps(parameters), {
    about(order) {
      return aboutOrder(facts, order);
    },
    share(met, all) {
      const step = stepWords[parameters.step];
      return { zh: `工单 ${all} 件，${met} 件${step.zh}`, en: `${met} of ${all} orders ${step.en}` };
    },
    nothing(contributions) {
      return nothingHappened(facts, parameters.whenNone, contributions);
    },
  });

export const satisfaction = (facts: RatingFacts, parameters: SatisfactionParameters): Measured =>
  shareInTime(facts, scores(parameters), {
    about({ workOrder, ratedAtMs }) {
      const name = (): Bilingual => {
        const order = facts.workOrders.find(({ id }) => id === workOrder);
        if (order !== undefined) return orderName(facts, order);
        const rated = dayWords(ratedAtMs, facts, 'LL-dd');
        return { zh: `${rated} 的评价`, en: `the rating of ${rated}` };
      };
      return { kind: 'work-order', id: workOrder, name };
    },
    share(met, all) {
      return { zh: `居民评价 ${all} 条，${met} 条满意`, en: `${met} of ${all} ratings satisfied` };
    },
    nothing() {
      return noEvidence({
        detail: () => ({ zh: '需要居民在工单办结时的评价', en: "residents' ratings at closing are wanted" }),
      });
    },
  });

/** Share of the joint meetings planned up to now that were held. */
export const meetingsHeld = (facts: RatingFacts, parameters: MeetingsParameters): Measured =>
  shareInTime(facts, plannedMeetings(parameters), {
    about({ id, plannedForMs }) {
      const name = (): Bilingual => {
        const day = dayWords(plannedForMs, facts, 'yyyy-LL-dd');
        return { zh: `${day} 的会议`, en: `the meeting of ${day}` };
      };
      return { kind: 'meeting', id, name };
    },
    share(met, all) {
      return { zh: `计划会议 ${all} 次，已召开 ${met} 次`, en: `${met} of ${all} planned meetings held` };
    },
    nothing(contributions) {
      return noEvidence({
        detail: () => ({ zh: '请登记联席会议计划和记录', en: 'record the joint meetings, planned and held' }),
        contributions,
      });
    },
  });

/** Share of the whistles that were answered by the time they named. */
export const whistlesOnTime = (facts: RatingFacts): Measured =>
  shareInTime(facts, answeredWhistles, {
    about({ id, department, blownAtMs }) {
      const name = (): Bilingual => {
        const blown = dayWords(blownAtMs, facts);
        return department === null
          ? { zh: `${blown} 的吹哨`, en: `the whistle of ${blown}` }
          : { zh: `${department}（${blown}）`, en: `${department} (${blown})` };
      };
      return { kind: 'whistle', id, name };
    },
    share(met, all) {
      return { zh: `吹哨 ${all} 次，${met} 次按时报到`, en: `${met} of ${all} whistles answered in time` };
    },
    nothing(contributions) {
      return noEvidence({
        detail: () => ({ zh: '统计期内没有吹哨记录', en: 'no whistle on record in the window' }),
        contributions,
      });
    },
  });
