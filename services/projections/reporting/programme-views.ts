import { trendDays } from '../programme/forecast.ts';
import type { ReportingView } from './view.ts';

const starRisk: ReportingView = {
  name: 'star_risk',
  row: 'One compound that is expected to lose a star in the next window, if all goes on as in the last two days.',
  columns: {
    compound: ['text', '', 'Id of the compound.'],
    since: ['timestamp with time zone', '', 'When the risk was found.'],
    stars: ['integer', 'stars', 'What it had then.'],
    expected_stars: ['integer', 'stars', 'The fewest expected.'],
    expected_on: ['date', '', 'The first day on which stars were expected to be lost.'],
    criteria: ['text', '', 'Ids of the criteria at risk, separated by commas.'],
    criteria_zh: ['text', '', 'The same by their Chinese titles.'],
  },
  sql: `
    SELECT p.compound, p.at AS since, (p.risk ->> 'stars')::integer AS stars,
      (p.risk ->> 'expectedStars')::integer AS expected_stars, (p.risk ->> 'on')::date AS expected_on,
      array_to_string(ARRAY(SELECT jsonb_array_elements_text(p.risk -> 'criteria')), ', ') AS criteria,
      coalesce((SELECT string_agg(criterion #>> '{title,zh}', '、')
        FROM hub.rating_latest r, jsonb_array_elements(r.rating -> 'criteria') AS criterion
        WHERE r.compound = p.compound AND p.risk -> 'criteria' ? (criterion ->> 'id')), '') AS criteria_zh
    FROM hub.programme_risk p WHERE p.risk IS NOT NULL`,
};

/** A change of stars holds until the next; the first rating stands for the time before too, so it is no rise. */
const spells = `
    SELECT r.compound, r.stars, lead(r.at, 1, 'infinity') OVER own AS until,
      CASE WHEN row_number() OVER own = 1 THEN '-infinity' ELSE r.at END AS since
    FROM hub.programme_rating r WINDOW own AS (PARTITION BY r.compound ORDER BY r.at, r.revision)`;

const programmeDistrict: ReportingView = {
  name: 'programme_district',
  row: 'One district in this year’s programme of star compounds, as the hub’s own page counts it.',
  columns: {
    district: ['text', '', 'Its name; null for compounds without one.'],
    compounds: ['integer', 'compounds', 'Registered.'],
    connected: ['integer', 'compounds', 'Of which any device was ever heard.'],
    holding: ['integer', 'compounds', 'Hold the star of their profile, whenever they reached it.'],
    counted: ['integer', 'compounds', 'First held it in this year, by Asia/Shanghai, and hold it.'],
    at_risk: ['integer', 'compounds', 'Expected to lose a star in the next window.'],
    per_day: [
      'double precision',
      'compounds per day',
      `Slope of the straight line through the number that held their target on each of the last ${trendDays} days.`,
    ],
    forecast: ['integer', 'compounds', '`counted` at the end of the year, at that pace.'],
  },
  sql: `
    SELECT n.district, n.compounds, n.connected, n.holding, n.counted, n.at_risk, coalesce(t.per_day, 0) AS per_day,
      least(greatest(round(n.counted + coalesce(t.per_day, 0) * extract(epoch FROM n.year_end - now())::double precision
        / 86400), 0), n.compounds - n.holding + n.counted)::integer AS forecast
    FROM (
      SELECT p.district, count(*)::integer AS compounds, (count(*) FILTER (WHERE c.connected))::integer AS connected,
        (count(*) FILTER (WHERE p.holds_now))::integer AS holding,
        (count(*) FILTER (WHERE p.holds_now AND p.reached_year = extract(year FROM now() AT TIME ZONE 'Asia/Shanghai')))
          ::integer AS counted,
        (count(*) FILTER (WHERE k.compound IS NOT NULL))::integer AS at_risk,
        date_trunc('year', now(), 'Asia/Shanghai') + interval '1 year' AS year_end
      FROM reporting_v1.programme p JOIN reporting_v1.compound c ON c.compound = p.compound
      LEFT JOIN hub.programme_risk k ON k.compound = p.compound AND k.risk IS NOT NULL GROUP BY p.district
    ) n LEFT JOIN (
      SELECT district, regr_slope(holders, index) AS per_day FROM (
        SELECT p.district, d.index, count(s.compound) FILTER (WHERE s.stars >= p.target_stars) AS holders
        FROM generate_series(0, ${trendDays}) AS d (index) CROSS JOIN reporting_v1.programme p
        LEFT JOIN (${spells}) s ON s.compound = p.compound
          AND s.since <= now() - (${trendDays} - d.index) * interval '1 day'
          AND s.until > now() - (${trendDays} - d.index) * interval '1 day'
        GROUP BY p.district, d.index
      ) held GROUP BY district
    ) t ON t.district IS NOT DISTINCT FROM n.district`,
};

/** They stand on the views of compounds. */
export const programmeViews: readonly ReportingView[] = [starRisk, programmeDistrict];
