import { randomUUID } from 'node:crypto';
import { DateTime } from 'luxon';
import { type Decider, Refusal } from '../event-log/decider.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { handleCommand } from '../event-log/handle-command.ts';
import { isoTime } from '../runtime/clock.ts';
import {
  type AssessmentFormula,
  type AssessmentMade,
  assess,
  assessmentStream,
  type EarlierMonth,
  formulaOf,
  type MeasuredFigures,
} from './assessment.ts';

export interface AssessmentEvent {
  type: 'assessment.made';
  data: AssessmentMade;
}
/** The newest assessment of each month. */
export type AssessmentState = ReadonlyMap<string, AssessmentMade>;

const isSame = (left: AssessmentMade | undefined, right: AssessmentMade): boolean =>
  left !== undefined && JSON.stringify(left) === JSON.stringify(right);

/** Said again it is said once; what comes out otherwise, because more became known, stands beside what was said. */
export const assessments: Decider<AssessmentState, { type: 'make'; made: AssessmentMade }, AssessmentEvent> = {
  initial: new Map(),
  evolve: (state, { data }) => new Map([...state, [data.month, data]]),
  decide: ({ made }, state) => (isSame(state.get(made.month), made) ? [] : [{ type: 'assessment.made', data: made }]),
};

/** What was counted of a company's compounds in a month; `undefined` where it had none. */
export interface CompanyFigures {
  companyName: string;
  compounds: string[];
  households: number;
  figures: MeasuredFigures;
}
export type CountCompany = (company: string, month: string, asOf: string) => Promise<CompanyFigures | undefined>;

const monthStart = (month: string, { timeZone }: Pick<AssessmentFormula, 'timeZone'>): DateTime =>
  DateTime.fromISO(`${month}-01`, { zone: timeZone });

/** When a month is assessed: what is known then counts. */
export const assessedAtMs = (formula: Pick<AssessmentFormula, 'timeZone' | 'cutOffDays'>, month: string): number =>
  monthStart(month, formula).plus({ months: 1, days: formula.cutOffDays }).toMillis();

/** The newest month whose day of assessment has come. */
export const monthToAssess = (formulas: readonly AssessmentFormula[], nowMs: number): string | undefined => {
  let at = DateTime.fromMillis(nowMs, { zone: formulas.at(-1)!.timeZone }).startOf('month');
  // The cut-off is less than a month, so it is one of the two before.
  for (let back = 0; back < 3; back += 1) {
    at = at.minus({ months: 1 });
    const month = at.toFormat('yyyy-MM');
    const formula = formulaOf(formulas, month);
    if (formula !== undefined && assessedAtMs(formula, month) <= nowMs) return month;
  }
  return undefined;
};

interface Parts {
  log: Pick<EventLog, 'readStream' | 'append'>;
  formulas: readonly AssessmentFormula[];
  count: CountCompany;
  nowMs: number;
  actor: string;
}

const earlierThan = (state: AssessmentState, month: string): EarlierMonth[] =>
  [...state.values()]
    .filter((past) => past.month < month)
    .sort((left, right) => left.month.localeCompare(right.month))
    .map(({ month: of, total, listed }) => ({ month: of, total, listed }));

/**
 * Assesses a month of a company, and anew the months after it, for the list stands on those before. Answers those that
 * came out otherwise than they stood.
 */
export const assessFrom = async (
  { log, formulas, count, nowMs, actor }: Parts,
  company: string,
  month: string,
): Promise<AssessmentMade[]> => {
  const formula = formulaOf(formulas, month);
  if (formula === undefined) throw new Refusal('assessment.no-formula', `no formula is published for ${month}`);
  if (assessedAtMs(formula, month) > nowMs) {
    const at = isoTime(assessedAtMs(formula, month));
    throw new Refusal('assessment.too-early', `${month} is assessed from ${at} on`, { field: 'month' });
  }
  const stream = assessmentStream(company);
  const past = await log.readStream(stream);
  let state = past.reduce(
    (before, event) => assessments.evolve(before, event as unknown as AssessmentEvent),
    assessments.initial,
  );
  const months = [month, ...[...state.keys()].filter((later) => later > month).sort()];
  const changed: AssessmentMade[] = [];
  for (const each of months) {
    const own = formulaOf(formulas, each)!;
    const asOf = isoTime(assessedAtMs(own, each));
    const counted = await count(company, each, asOf);
    if (counted === undefined) {
      if (each === month) throw new Refusal('assessment.no-compounds', `${company} had no compound in ${month}`);
      continue;
    }
    const made = assess(own, { company, month: each, asOf, ...counted, earlier: earlierThan(state, each) });
    const meta = { occurredAt: isoTime(nowMs), actor };
    const command = { type: 'make', made } as const;
    const outcome = await handleCommand(log, { stream, decider: assessments, command, meta, newId: randomUUID });
    state = outcome.state;
    if (outcome.events.length > 0) changed.push(made);
  }
  return changed;
};
