import type { RecordedEvent } from '../../event-log/event.ts';
import type { Projection } from '../../event-log/projection.ts';
import type { Sql } from '../../runtime/sql.ts';
import { type AssessmentMade, assessmentMade } from '../../work-orders/assessment.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.company_assessment (
    company text NOT NULL, month text NOT NULL, revision integer NOT NULL, company_name text NOT NULL,
    formula text NOT NULL, total double precision, grade text, listed boolean NOT NULL, made_at timestamptz NOT NULL,
    data jsonb NOT NULL, PRIMARY KEY (company, month, revision))`;

const applyOne = async (sql: Sql, { revision, data, meta }: RecordedEvent): Promise<void> => {
  const made = data as AssessmentMade;
  await sql.query(
    `INSERT INTO hub.company_assessment VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
    [
      ...[made.company, made.month, revision, made.companyName, made.formula, made.total, made.grade, made.listed],
      meta.occurredAt,
      JSON.stringify(made),
    ],
  );
};

/** Every assessment that was made; the newest of a month holds. */
export const companyAssessments: Projection = {
  name: 'company-assessments',
  version: 1,
  schema,
  tables: ['hub.company_assessment'],
  handles: ['assessment.made'],
  async apply(sql, events) {
    for (const event of events) await applyOne(sql, event);
  },
};

export interface AskedAssessments {
  company?: string | undefined;
  month?: string | undefined;
}

/** As they hold, the newest month first, the worst total on top. */
export const assessmentsOf = async (
  sql: Sql,
  { company, month }: AskedAssessments,
): Promise<(AssessmentMade & { madeAt: Date })[]> => {
  const { rows } = await sql.query<{ data: unknown; made_at: Date }>(
    `SELECT data, made_at FROM (
       SELECT DISTINCT ON (company, month) * FROM hub.company_assessment
       WHERE ($1::text IS NULL OR company = $1) AND ($2::text IS NULL OR month = $2)
       ORDER BY company, month, revision DESC) newest
     ORDER BY month DESC, total NULLS LAST, company LIMIT 1000`,
    [company ?? null, month ?? null],
  );
  return rows.map(({ data, made_at }) => ({ ...assessmentMade.parse(data), madeAt: made_at }));
};

/** 负面清单: the companies whose newest assessment put or left them on it. */
export const negativeListOf = async (sql: Sql): Promise<(AssessmentMade & { madeAt: Date })[]> => {
  const { rows } = await sql.query<{ data: unknown; made_at: Date }>(
    `SELECT data, made_at FROM (
       SELECT DISTINCT ON (company) * FROM hub.company_assessment ORDER BY company, month DESC, revision DESC) newest
     WHERE listed ORDER BY total NULLS LAST, company`,
  );
  return rows.map(({ data, made_at }) => ({ ...assessmentMade.parse(data), madeAt: made_at }));
};

/** Companies that have an assessment of a month. */
export const companiesAssessed = async (sql: Sql, month: string): Promise<Set<string>> => {
  const { rows } = await sql.query<{ company: string }>(
    'SELECT DISTINCT company FROM hub.company_assessment WHERE month = $1',
    [month],
  );
  return new Set(rows.map(({ company }) => company));
};
