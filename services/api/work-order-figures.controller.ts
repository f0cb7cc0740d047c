import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import { assessmentsOf, negativeListOf } from '../projections/work-order-figures/assessments-projection.ts';
import { byCompany, countCompany } from '../projections/work-order-figures/companies.ts';
import { figureOf, workOrderFigure } from '../projections/work-order-figures/figures.ts';
import { figuresOfMonth, figuresOfMonths } from '../projections/work-order-figures/queries.ts';
import { compoundOrRefuse } from '../registry/commands.ts';
import { registryId } from '../registry/registry.ts';
import { isoTime } from '../runtime/clock.ts';
import { instant, page } from '../runtime/schema.ts';
import { assessmentFormula, assessmentMade, loadFormulas, month } from '../work-orders/assessment.ts';
import { assessFrom } from '../work-orders/assessments.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { idParams } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';

const formulas = loadFormulas();
const company = z.object({ id: registryId, name: z.string() });
const compoundMonth = z.object({
  compound: registryId,
  compoundName: z.string(),
  month,
  company: company.nullable(),
  figures: workOrderFigure,
});
const companyMonth = z.object({ company, month, compounds: z.array(registryId), figures: workOrderFigure });
const madeAssessment = assessmentMade.extend({ madeAt: instant });

const ofCompound = operation({
  method: 'get',
  path: '/api/compounds/{id}/work-order-figures',
  summary: 'A compound’s work-order figures by the month, as of now',
  role: 'viewer',
  params: idParams,
  query: z.strictObject({ from: month, to: month }).refine(({ from, to }) => from <= to, 'from is not after to'),
  answer: page(compoundMonth),
});
const ofAll = operation({
  method: 'get',
  path: '/api/work-order-figures',
  summary: 'Every compound’s work-order figures of a month, as of now',
  role: 'viewer',
  query: z.strictObject({ month }),
  answer: page(compoundMonth),
});
const ofCompanies = operation({
  method: 'get',
  path: '/api/companies/work-order-figures',
  summary: 'The work-order figures of property companies of a month, as of now',
  role: 'viewer',
  query: z.strictObject({ month }),
  answer: page(companyMonth),
});
const formulasOperation = operation({
  method: 'get',
  path: '/api/assessment-formulas',
  summary: 'By what property companies are assessed: weights, thresholds, what each rests on',
  role: 'viewer',
  answer: page(assessmentFormula),
});
const list = operation({
  method: 'get',
  path: '/api/assessments',
  summary: 'Assessments of property companies as they hold, explained line by line, newest month first',
  role: 'viewer',
  query: z.strictObject({ company: registryId.optional(), month: month.optional() }),
  answer: page(madeAssessment),
});
const negativeList = operation({
  method: 'get',
  path: '/api/negative-list',
  summary: 'The negative list (负面清单): companies that their newest assessment put or left on it',
  role: 'viewer',
  answer: page(madeAssessment),
});
const again = operation({
  method: 'post',
  path: '/api/companies/{id}/assessments/{month}',
  summary: 'Assess a past month from what is known now, and the months after it; answers those that came out otherwise',
  role: 'operator',
  params: idParams.extend({ month }),
  answer: page(assessmentMade),
});

const told = ({ madeAt, ...made }: Awaited<ReturnType<typeof assessmentsOf>>[number]) => ({
  ...made,
  madeAt: isoTime(madeAt.getTime()),
});

@Controller()
export class WorkOrderFiguresController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(ofCompound)
  async ofCompound(@Input() { params, query }: InputOf<typeof ofCompound>) {
    const { id, name } = compoundOrRefuse(this.parts.index, params.id);
    const asked = { first: query.from, last: query.to, asOf: this.now(), compound: id };
    const rows = await figuresOfMonths(this.parts.sql, asked);
    const items = rows.map(({ sums, orders, ...row }) => ({
      ...row,
      compoundName: name,
      figures: figureOf(sums, orders),
    }));
    return { items, next: null };
  }

  @Operation(ofAll)
  async ofAll(@Input() { query }: InputOf<typeof ofAll>) {
    const rows = await figuresOfMonth(this.parts.sql, query.month, this.now());
    const items = rows.map(({ sums, orders, compoundName, ...row }) => ({
      ...row,
      compoundName: compoundName ?? row.compound,
      figures: figureOf(sums, orders),
    }));
    return { items, next: null };
  }

  @Operation(ofCompanies)
  async ofCompanies(@Input() { query }: InputOf<typeof ofCompanies>) {
    const rows = byCompany(await figuresOfMonth(this.parts.sql, query.month, this.now()));
    return { items: rows.map(({ sums, orders, ...row }) => ({ ...row, figures: figureOf(sums, orders) })), next: null };
  }

  @Operation(formulasOperation)
  formulas() {
    return { items: formulas, next: null };
  }

  @Operation(list)
  async list(@Input() { query }: InputOf<typeof list>) {
    return { items: (await assessmentsOf(this.parts.sql, query)).map(told), next: null };
  }

  @Operation(negativeList)
  async negativeList() {
    return { items: (await negativeListOf(this.parts.sql)).map(told), next: null };
  }

  @Operation(again)
  async again(@Input() { params, account }: InputOf<typeof again>) {
    const behind = this.parts.runner.status().find(({ projection }) => projection === 'work-order-figures');
    if (behind !== undefined && behind.lagSeconds > 60) {
      throw new Refusal('assessment.behind', 'the figures are behind the log; try again in a while');
    }
    const items = await assessFrom(
      {
        log: this.parts.log,
        formulas,
        count: countCompany(this.parts.sql),
        nowMs: this.parts.clock.now(),
        actor: `user:${account.user}`,
      },
      params.id,
      params.month,
    );
    return { items, next: null };
  }

  private now(): string {
    return isoTime(this.parts.clock.now());
  }
}
