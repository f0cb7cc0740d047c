import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '../event-log/event-log.ts';
import type { Runner } from '../projections/runner.ts';
import { companiesAssessed } from '../projections/work-order-figures/assessments-projection.ts';
import { byCompany, countCompany } from '../projections/work-order-figures/companies.ts';
import { workOrderFigures } from '../projections/work-order-figures/projection.ts';
import { figuresOfMonth } from '../projections/work-order-figures/queries.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql } from '../runtime/sql.ts';
import { type AssessmentFormula, formulaOf, loadFormulas } from '../work-orders/assessment.ts';
import { assessedAtMs, assessFrom, monthToAssess } from '../work-orders/assessments.ts';
import { isBehind } from './is-behind.ts';

const lookEveryMs = 60_000;

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
}: Omit<Parts, 'formulas'> & { logger: Logger; status: Runner['status'] }): (() => Promise<void>) => {
  const stop = new AbortController();
  const formulas = loadFormulas();
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await sleep(lookEveryMs, undefined, { signal: stop.signal }).catch(() => undefined);
      if (stop.signal.aborted || isBehind(status, workOrderFigures)) continue;
      await assessDue({ ...parts, formulas }).catch((error) =>
        logger.error({ err: error }, 'property companies could not be assessed, trying again'),
      );
    }
  };
  const running = run();
  return async () => {
    stop.abort();
    await running;
  };
};
