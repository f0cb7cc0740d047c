import type { Sql } from '../../services/runtime/sql.ts';

/** A year and the window before its first day. */
export const filledDays = 400;

/**
 * A year of what 300 devices of each compound said, straight into the tables of the star rating: each device is away for
 * three hours about every tenth day, gates count passages and cameras pictures by the hour, banded sensors read four
 * times an hour, cameras report their retention weekly, two orders a day are worked on, and the platform takes a report.
 */
const statements = [
  `UPDATE hub.rating_register SET at = at - $1 * interval '1 day', told_at = told_at - $1 * interval '1 day'`,
  `TRUNCATE hub.rating_heard, hub.rating_session, hub.rating_count, hub.rating_reading,
     hub.rating_reading_day, hub.rating_retention, hub.rating_compound_hour, hub.rating_month`,
  `CREATE TEMP TABLE fleet AS SELECT data ->> 'id' AS device, data ->> 'compound' AS compound, data ->> 'kind' AS kind,
     data -> 'band' IS NOT NULL AS banded, row_number() OVER () AS nth
   FROM hub.rating_register WHERE type = 'device.registered'`,
  `INSERT INTO hub.rating_heard SELECT device, begins + interval '3 hours', begins + interval '10 days'
   FROM fleet, generate_series(0, $1 / 10 - 1) AS spell, LATERAL (
     SELECT date_trunc('day', now()) - $1 * interval '1 day' + spell * interval '10 days' + nth % 240 * interval '1 hour'
       AS begins) AS at`,
  `INSERT INTO hub.rating_session SELECT device, at, back FROM hub.rating_heard,
     LATERAL (VALUES (from_at, true), (to_at, false)) AS word (at, back) ON CONFLICT DO NOTHING`,
  `INSERT INTO hub.rating_count SELECT device, date_trunc('day', now()) - day * interval '1 day',
     CASE kind WHEN 'camera' THEN 'picture ok' ELSE 'gate.passed by 10' END, 240,
     ARRAY(SELECT hour * 10 FROM generate_series(1, 24) AS hour)
   FROM fleet, generate_series(1, $1) AS day WHERE kind IN ('camera', 'access-gate')`,
  `INSERT INTO hub.rating_reading SELECT device, date_trunc('day', now()) - hour * interval '1 hour', 'pressureKPa',
     '[[0,390,410],[15,390,410],[30,390,410],[45,390,410]]'
   FROM fleet, generate_series(1, $1 * 24) AS hour WHERE banded`,
  `INSERT INTO hub.rating_reading_day SELECT device, date_trunc('day', now()) - day * interval '1 day', 'pressureKPa',
     0, 1425, 390, 410
   FROM fleet, generate_series(1, $1) AS day WHERE banded`,
  `INSERT INTO hub.rating_retention SELECT device, 100000 + week, date_trunc('day', now()) - week * interval '7 days', 35
   FROM fleet, generate_series(1, $1 / 7) AS week WHERE kind = 'camera'`,
  `INSERT INTO hub.rating_compound_hour SELECT compound, date_trunc('day', now()) - hour * interval '1 hour'
   FROM (SELECT DISTINCT compound FROM fleet) AS known, generate_series(1, $1 * 24) AS hour`,
  `INSERT INTO hub.rating_fact SELECT 'work-order-' || compound || '-' || nth, step, compound, 'work-order.' || name,
     begins + step * interval '5 min', begins + step * interval '5 min',
     CASE step WHEN 0 THEN jsonb_build_object('kind', 'access-gate', 'code', 'offline', 'priority', 'P1', 'deadlines',
       jsonb_build_object('onSite', begins + interval '15 min', 'resolve', begins + interval '2 hours')) ELSE '{}' END
   FROM (SELECT DISTINCT compound FROM fleet) AS known, generate_series(1, $1 * 2) AS nth,
     LATERAL (SELECT date_trunc('day', now()) - nth * interval '12 hours' AS begins) AS at,
     (VALUES (0, 'raised'), (1, 'acknowledged'), (2, 'arrived'), (3, 'resolved'), (4, 'closed')) AS said (step, name)`,
  `INSERT INTO hub.rating_fact SELECT 'compound-' || compound, 100000 + day, compound, 'platform.reported',
     date_trunc('day', now()) - day * interval '1 day', now(), '{}'
   FROM (SELECT DISTINCT compound FROM fleet) AS known, generate_series(1, $1) AS day`,
  'DROP TABLE fleet',
];

export const fillYear = async (sql: Sql): Promise<void> => {
  for (const statement of statements) await sql.query(statement, statement.includes('$1') ? [filledDays] : []);
};
