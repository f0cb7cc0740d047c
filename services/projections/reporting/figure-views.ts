import { figuresByClassSql, figuresSql } from '../work-order-figures/figures-sql.ts';
import type { ReportingView } from './view.ts';

const of = { asOf: 'now()' };
const share = (numerator: string, denominator: string): string =>
  `100.0::double precision * ${numerator} / nullif(${denominator}, 0)`;

const workOrderMonth: ReportingView = {
  name: 'work_order_month',
  row: 'One compound and month in which work orders were raised or rounds were due, as it stands now.',
  columns: {
    compound: ['text', '', 'Id of the compound.'],
    month: ['text', '', '`YYYY-MM`, in the compound’s zone, by when an order was raised or a round was due.'],
    time: ['timestamp with time zone', '', 'Beginning of the month, by Asia/Shanghai.'],
    company: ['text', '', 'Id of the property company that had the contract as the month ended; null without one.'],
    company_name: ['text', '', 'Its name.'],
    households: ['integer', 'households', 'Registered as the month ended.'],
    raised: ['integer', 'orders', 'Raised.'],
    open: ['integer', 'orders', 'Of them, not ended.'],
    closed: ['integer', 'orders', 'Of them, closed.'],
    cancelled: ['integer', 'orders', 'Of them, cancelled; they count nowhere else.'],
    acknowledge_in_time_percent: [
      'double precision',
      '%',
      'Acknowledged by the deadline; null where nothing is judged.',
    ],
    on_site_in_time_percent: ['double precision', '%', 'Likewise, on site.'],
    resolve_in_time_percent: ['double precision', '%', 'Likewise, repaired.'],
    mean_acknowledge_seconds: ['double precision', 's', 'Mean time from raised to acknowledged.'],
    mean_on_site_seconds: ['double precision', 's', 'Likewise, to on site.'],
    mean_resolve_seconds: ['double precision', 's', 'Likewise, to repaired.'],
    faults: ['integer', 'orders', 'Raised by devices.'],
    repeat_faults: ['integer', 'orders', 'Of them, the same device and code within 30 days.'],
    first_time_fix_percent: [
      'double precision',
      '%',
      'Of the repaired ones, neither reopened nor back within 30 days.',
    ],
    complaints: ['integer', 'orders', 'Complaints.'],
    complaints_per_thousand: ['double precision', 'complaints per 1,000 households', 'Null without households.'],
    ratings: ['integer', 'ratings', 'By residents.'],
    satisfied_percent: ['double precision', '%', 'Of them, four or five of five.'],
    rounds_due: ['integer', 'rounds', 'Planned rounds that were done or missed.'],
    rounds_done: ['integer', 'rounds', 'Of them, done in their time.'],
    rounds_missed: ['integer', 'rounds', 'Of them, missed.'],
  },
  sql: `
    SELECT compound, month, to_date(month, 'YYYY-MM')::timestamp AT TIME ZONE 'Asia/Shanghai' AS time, company,
      company_name, households, raised, open, closed, cancelled,
      ${share('acknowledge_in_time', 'acknowledge_judged')} AS acknowledge_in_time_percent,
      ${share('on_site_in_time', 'on_site_judged')} AS on_site_in_time_percent,
      ${share('resolve_in_time', 'resolve_judged')} AS resolve_in_time_percent,
      acknowledge_seconds / nullif(acknowledge_timed, 0) AS mean_acknowledge_seconds,
      on_site_seconds / nullif(on_site_timed, 0) AS mean_on_site_seconds,
      resolve_seconds / nullif(resolve_timed, 0) AS mean_resolve_seconds, faults, repeat_faults,
      ${share('fixed_first_time', 'fixed')} AS first_time_fix_percent, complaints,
      1000.0::double precision * complaints / nullif(households, 0) AS complaints_per_thousand, ratings,
      ${share('satisfied', 'ratings')} AS satisfied_percent, rounds_due, rounds_done, rounds_missed
    FROM (${figuresSql(of)}) figures`,
};

const workOrderClassMonth: ReportingView = {
  name: 'work_order_class_month',
  row: 'One compound, month, class and state of work orders.',
  columns: {
    compound: ['text', '', 'Id of the compound.'],
    month: ['text', '', '`YYYY-MM`, in the compound’s zone, by when the orders were raised.'],
    priority: ['text', '', '`P0` (danger) to `P3`.'],
    state: ['text', '', '`open`, `closed` or `cancelled`.'],
    orders: ['integer', 'orders', 'How many.'],
  },
  sql: `SELECT compound, month, priority, state, orders FROM (${figuresByClassSql(of)}) figures`,
};

const newest = `
  SELECT DISTINCT ON (company, month) * FROM hub.company_assessment ORDER BY company, month, revision DESC`;

const companyAssessment: ReportingView = {
  name: 'company_assessment',
  row: 'One property company’s assessment of a month, as it holds.',
  columns: {
    company: ['text', '', 'Its id.'],
    company_name: ['text', '', 'Its name.'],
    month: ['text', '', '`YYYY-MM`.'],
    formula: ['text', '', 'Version of the published formula.'],
    total: ['double precision', 'points of 100', 'Null where too little could be judged.'],
    grade: ['text', '', 'By the formula’s own bands; null likewise.'],
    listed: ['boolean', '', 'On the negative list after this month.'],
    listed_zh: ['text', '', 'Why or why not, in Chinese.'],
    made_at: ['timestamp with time zone', '', 'When it was made.'],
  },
  sql: `
    SELECT company, company_name, month, formula, total, grade, listed, data #>> '{listedText,zh}' AS listed_zh, made_at
    FROM (${newest}) newest`,
};

const companyAssessmentLine: ReportingView = {
  name: 'company_assessment_line',
  row: 'One line of a property company’s assessment of a month.',
  columns: {
    company: ['text', '', 'Its id.'],
    month: ['text', '', '`YYYY-MM`.'],
    line: ['text', '', 'Id of the line in the formula.'],
    title_zh: ['text', '', 'What it measures, in Chinese.'],
    value: ['double precision', 'see `title_zh`', 'Null where nothing was there to be counted.'],
    points: ['double precision', 'points', 'Earned; null where there was too little to judge.'],
    of_points: ['double precision', 'points', 'To be earned.'],
    text_zh: ['text', '', 'How the points came about, in Chinese.'],
  },
  sql: `
    SELECT company, month, line ->> 'id' AS line, line #>> '{title,zh}' AS title_zh,
      (line ->> 'value')::double precision AS value, (line ->> 'points')::double precision AS points,
      (line ->> 'of')::double precision AS of_points, line #>> '{text,zh}' AS text_zh
    FROM (${newest}) newest, jsonb_array_elements(data -> 'lines') AS line`,
};

export const figureViews: readonly ReportingView[] = [
  workOrderMonth,
  workOrderClassMonth,
  companyAssessment,
  companyAssessmentLine,
];
