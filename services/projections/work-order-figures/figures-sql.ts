/** The least score, of five, that counts as satisfied; as criterion PRO-3 has it. */
const satisfiedFrom = 4;
/** A fault of the same device and code within so many days is the same trouble again. */
const repeatDays = 30;

export interface FiguresOf {
  /** SQL of the instant up to which things are known: what was done later is not done yet. */
  asOf: string;
  /** SQL of an instant; orders and rounds outside of the two are left out. Without them the whole past is counted. */
  from?: string;
  to?: string;
}

/** What the register said of a compound's field at the end of a month; the oldest word where that is younger. */
const registered = (field: string, before: string): string => `
  (SELECT value FROM hub.figure_register r WHERE r.compound = known.compound AND r.field = '${field}'
   ORDER BY (r.at < ${before}) DESC, CASE WHEN r.at < ${before} THEN r.at END DESC, r.at, r.revision DESC LIMIT 1)`;

/** The zone as it is now: a month that was cut by another one would fall apart. */
const zones = `
  SELECT DISTINCT ON (compound) compound, value #>> '{}' AS zone FROM hub.figure_register
  WHERE field = 'timeZone' ORDER BY compound, at DESC, revision DESC`;

const within = (column: string, { from, to }: FiguresOf): string =>
  [from === undefined ? '' : `AND ${column} >= ${from}`, to === undefined ? '' : `AND ${column} < ${to}`].join(' ');

/** One order per row, with what counts about it, as it was known at `asOf`. */
export const orderFactsSql = (of: FiguresOf): string => {
  const { asOf } = of;
  const known = (column: string): string => `CASE WHEN ${column} <= ${asOf} THEN ${column} END`;
  // A step that was never made: an order that ended before it was due says nothing about punctuality.
  const judged = (due: string, done: string): string =>
    `(NOT late AND cancelled IS NULL AND ${due} IS NOT NULL
      AND (${done} IS NOT NULL OR (closed IS NULL AND ${due} < ${asOf}) OR closed > ${due}))`;
  return `
    SELECT facts.*, ${judged('due_acknowledge', 'acknowledged')} AS acknowledge_judged,
      ${judged('due_on_site', 'on_site')} AS on_site_judged, ${judged('due_resolve', 'resolved')} AS resolve_judged,
      CASE WHEN cancelled IS NOT NULL THEN 'cancelled' WHEN closed IS NOT NULL THEN 'closed' ELSE 'open' END AS state,
      source = 'device' AND cancelled IS NULL AS is_fault,
      source = 'device' AND cancelled IS NULL AND EXISTS (SELECT FROM hub.work_order_figure e
        WHERE e.source = 'device' AND e.device = facts.device AND e.code = facts.code
          AND (e.cancelled_at IS NULL OR e.cancelled_at > ${asOf})
          AND (e.raised_at, e.work_order) < (facts.raised_at, facts.work_order)
          AND e.raised_at >= facts.raised_at - interval '${repeatDays} days') AS is_repeat,
      closed IS NOT NULL AND outcome = 'repaired' AS is_fixed,
      closed IS NOT NULL AND outcome = 'repaired' AND (failed_at IS NULL OR failed_at > ${asOf})
        AND NOT (source = 'device' AND EXISTS (SELECT FROM hub.work_order_figure e
          WHERE e.source = 'device' AND e.device = facts.device AND e.code = facts.code
            AND (e.cancelled_at IS NULL OR e.cancelled_at > ${asOf}) AND e.raised_at <= ${asOf}
            AND (e.raised_at, e.work_order) > (facts.raised_at, facts.work_order)
            AND e.raised_at <= closed + interval '${repeatDays} days')) AS is_fixed_first_time
    FROM (
      SELECT o.*, to_char(o.raised_at AT TIME ZONE coalesce(zone, 'Asia/Shanghai'), 'YYYY-MM') AS month,
        ${known('o.acknowledged_at')} AS acknowledged,
        coalesce(${known('o.arrived_at')}, ${known('o.resolved_at')}) AS on_site,
        coalesce(${known('o.resolved_at')}, ${known('o.closed_at')}) AS resolved,
        ${known('o.closed_at')} AS closed, ${known('o.cancelled_at')} AS cancelled,
        CASE WHEN o.rated_at <= ${asOf} THEN o.score END AS rated
      FROM hub.work_order_figure o LEFT JOIN (${zones}) z USING (compound)
      WHERE o.raised_at <= ${asOf} ${within('o.raised_at', of)}
    ) facts`;
};

const count = (condition: string): string => `count(*) FILTER (WHERE ${condition})::integer`;
const seconds = (done: string): string =>
  `coalesce(sum(extract(epoch FROM ${done} - raised_at)) FILTER
    (WHERE NOT late AND cancelled IS NULL AND ${done} IS NOT NULL), 0)::double precision`;
const timed = (done: string): string => count(`NOT late AND cancelled IS NULL AND ${done} IS NOT NULL`);

/** Names of the sums, with the SQL over `orderFactsSql`; they add up over compounds and months. */
const orderSums: Record<string, string> = {
  raised: 'count(*)::integer',
  open: count("state = 'open'"),
  closed: count("state = 'closed'"),
  cancelled: count("state = 'cancelled'"),
  acknowledge_judged: count('acknowledge_judged'),
  acknowledge_in_time: count('acknowledge_judged AND acknowledged <= due_acknowledge'),
  on_site_judged: count('on_site_judged'),
  on_site_in_time: count('on_site_judged AND on_site <= due_on_site'),
  resolve_judged: count('resolve_judged'),
  resolve_in_time: count('resolve_judged AND resolved <= due_resolve'),
  acknowledge_timed: timed('acknowledged'),
  acknowledge_seconds: seconds('acknowledged'),
  on_site_timed: timed('on_site'),
  on_site_seconds: seconds('on_site'),
  resolve_timed: timed('resolved'),
  resolve_seconds: seconds('resolved'),
  faults: count('is_fault'),
  repeat_faults: count('is_repeat'),
  fixed: count('is_fixed'),
  fixed_first_time: count('is_fixed_first_time'),
  complaints: count("service_level = 'complaint' AND state <> 'cancelled'"),
  ratings: count('rated IS NOT NULL'),
  satisfied: count(`rated >= ${satisfiedFrom}`),
  score_sum: 'coalesce(sum(rated), 0)::integer',
};

const roundsSql = (of: FiguresOf): string => {
  const { asOf } = of;
  return `
    SELECT r.compound, to_char(r.due_at AT TIME ZONE coalesce(zone, 'Asia/Shanghai'), 'YYYY-MM') AS month,
      ${count(`least(done_at, missed_at) <= ${asOf}`)} AS rounds_due,
      ${count(`done_at <= ${asOf} AND (missed_at IS NULL OR missed_at > done_at)`)} AS rounds_done,
      ${count(`missed_at <= ${asOf} AND (done_at IS NULL OR done_at >= missed_at)`)} AS rounds_missed
    FROM hub.round_figure r LEFT JOIN (${zones}) z USING (compound)
    WHERE r.due_at <= ${asOf} ${within('r.due_at', of)} GROUP BY 1, 2`;
};

const sumNames = [...Object.keys(orderSums), 'rounds_due', 'rounds_done', 'rounds_missed'];

/** One compound and month per row: where anything was raised or due. The one place where the figures are counted. */
export const figuresSql = (of: FiguresOf): string => `
  SELECT known.compound, known.month, ${registered('name', 'month_end')} #>> '{}' AS compound_name,
    ${registered('company', 'month_end')} ->> 'id' AS company,
    ${registered('company', 'month_end')} ->> 'name' AS company_name,
    (${registered('households', 'month_end')} #>> '{}')::integer AS households,
    ${sumNames.map((name) => `coalesce(${name}, 0) AS ${name}`).join(', ')}
  FROM (
    SELECT compound, month, ${sumNames.join(', ')}, (to_date(month, 'YYYY-MM') + interval '1 month')
        AT TIME ZONE coalesce(zone, 'Asia/Shanghai') AS month_end
    FROM (SELECT compound, month,
        ${Object.entries(orderSums)
          .map(([name, sql]) => `${sql} AS ${name}`)
          .join(', ')}
      FROM (${orderFactsSql(of)}) orders GROUP BY compound, month) o
    FULL JOIN (${roundsSql(of)}) r USING (compound, month) LEFT JOIN (${zones}) z USING (compound)
  ) known`;

/** One compound, month, class and state per row. */
export const figuresByClassSql = (of: FiguresOf): string => `
  SELECT compound, month, priority, state, count(*)::integer AS orders
  FROM (${orderFactsSql(of)}) orders GROUP BY compound, month, priority, state`;
