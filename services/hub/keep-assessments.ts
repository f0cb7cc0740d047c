import type { EventLog } from '../event-log/event-log.ts';
import type { Runner } from '../projections/runner.ts';
import { companiesAssessed } from '../projections/work-order-figures/assessments-projection.ts';
import { byCompany, countCompany } from '../projections/work-order-figures/companies.ts';
import { workOrderFigures } from '../projections/work-order-figures/projection.ts';
import { figuresOfMonth } from '../projections/work-order-figures/queries.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import { type Keeper, keepLooking } from '../runtime/keep-looking.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql } from '../runtime/sql.ts';
import { type AssessmentFormula, formulaOf, loadFormulas } from '../work-orders/assessment.ts';
import { assessedAtMs, assessFrom, monthToAssess } from '../work-orders/assessments.ts';
import { isBehind } from './is-behind.ts';

interface Parts {
  sql: Sql;
  log: Pick<EventLog, 'readStream' | 'append'>;
  clock: Clock;
  formulas: readonly AssessmentFormula[];
}

/** Assesses each company's newest month once its day has come. Answers how many were made. */
export const assessDue = async ({ sql, log, clock, formulas }: Parts): Promise<number> => {
  const nowMs = clock.now();
  const month = monthToAssess(formulas, nowMs);
  if (month === undefined) return 0;
  const done = await companiesAssessed(sql, month);
  const asOf = isoTime(assessedAtMs(formulaOf(formulas, month)!, month));
  const companies = byCompany(await figuresOfMonth(sql, month, asOf)).filter(({ company }) => !done.has(company.id));
  const parts = { log, formulas, nowMs, count: countCompany(sql), actor: 'policy:assessment' };
  for (const { company } of companies) await assessFrom(parts, company.id, month);
  return companies.length;
};

/** Assesses property companies by the month, until it is stopped. */
export const keepAssessments = ({
  logger,
  status,
  ...parts
}: Omit<Parts, 'formulas'> & { logger: Logger; status: Runner['status'] }): Keeper => {
  const formulas = loadFormulas();
  return keepLooking({
    async look() {
      if (!isBehind(status, workOrderFigures)) await assessDue({ ...parts, formulas });
      return undefined;
    },
    everyMs: 60_000,
    failure: 'property companies are not being assessed',
    logger,
  });
};
