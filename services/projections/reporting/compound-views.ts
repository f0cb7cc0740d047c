import type { ReportingView } from './view.ts';

const compound: ReportingView = {
  name: 'compound',
  row: 'One registered compound as it stands now.',
  columns: {
    compound: ['text', '', 'Its id.'],
    name: ['text', '', 'Its name.'],
    district: ['text', '', 'Its district; null where nobody registered one.'],
    profile: ['text', '', '`new` or `retrofit`; decides the star that must be held.'],
    households: ['integer', 'households', 'As registered.'],
    registered_at: ['timestamp with time zone', '', 'When it was registered.'],
    devices: ['integer', 'devices', 'Registered and not retired.'],
    connected: ['boolean', '', 'Whether any device of it was ever heard.'],
    last_heard_at: [
      'timestamp with time zone',
      '',
      'Newest word from any of them, to within five seconds; null before the first.',
    ],
    standing: ['text', '', '`not-connected`, `not-rated`, or its stars `0` to `5`; what a distribution counts.'],
    stars: ['integer', 'stars', '0 to 5 by the newest rating; null before the first.'],
    target_stars: ['integer', 'stars', 'What its profile must hold; null before the first rating.'],
    at_target: ['boolean', '', 'Whether it holds them; null before the first rating.'],
    total_points: ['double precision', 'points', '0 to 100.'],
    target_points: ['double precision', 'points', 'The total that the target stars ask for.'],
    headroom_points: ['double precision', 'points', 'Total above that; negative below it.'],
    standard: ['text', '', 'The standard rated under, `<id>@<version>`.'],
    rated_at: ['timestamp with time zone', '', 'The instant the rating speaks of.'],
    open_orders: ['integer', 'orders', 'Work orders neither closed nor cancelled.'],
    overdue_orders: ['integer', 'orders', 'Open ones past the deadline of their next step.'],
  },
  sql: `
    SELECT c.id AS compound, c.data ->> 'name' AS name, c.data ->> 'district' AS district,
      c.data ->> 'profile' AS profile, (c.data ->> 'households')::integer AS households, c.registered_at,
      coalesce(d.devices, 0)::integer AS devices, h.last_heard_at IS NOT NULL AS connected, h.last_heard_at,
      CASE WHEN h.last_heard_at IS NULL THEN 'not-connected' WHEN r.stars IS NULL THEN 'not-rated'
        ELSE r.stars::text END AS standing,
      r.stars, r.target_stars, r.stars >= r.target_stars AS at_target, r.total AS total_points,
      r.target_total AS target_points, r.total - r.target_total AS headroom_points, r.standard, r.rated_at,
      coalesce(o.open_orders, 0)::integer AS open_orders, coalesce(o.overdue_orders, 0)::integer AS overdue_orders
    FROM hub.registry_compound c
    LEFT JOIN (
      SELECT compound, count(*) AS devices FROM hub.registry_device WHERE retired_at IS NULL GROUP BY compound
    ) d ON d.compound = c.id
    LEFT JOIN hub.compound_heard h ON h.compound = c.id
    LEFT JOIN hub.rating_latest r ON r.compound = c.id
    LEFT JOIN (
      SELECT compound, count(*) AS open_orders, count(*) FILTER (WHERE next_due_at < now()) AS overdue_orders
      FROM hub.work_order WHERE state NOT IN ('closed', 'cancelled') GROUP BY compound
    ) o ON o.compound = c.id`,
};

const ratingChange: ReportingView = {
  name: 'rating_change',
  row: 'One change of a compound’s stars, as the log keeps it.',
  columns: {
    time: ['timestamp with time zone', '', 'When it was found.'],
    compound: ['text', '', 'Id of the compound.'],
    from_stars: ['integer', 'stars', 'Before; null for the first rating.'],
    to_stars: ['integer', 'stars', 'After.'],
    fell: ['boolean', '', 'Whether stars were lost.'],
    total_points: ['double precision', 'points', 'Total at the change.'],
    standard: ['text', '', 'The standard, `<id>@<version>`.'],
    causes: ['text', '', 'Ids of the criteria that caused it, separated by commas; empty for the first rating.'],
    causes_zh: ['text', '', 'The same by their Chinese titles.'],
  },
  sql: `
    SELECT f.at AS time, f.compound, (f.data ->> 'from')::integer AS from_stars, (f.data ->> 'to')::integer AS to_stars,
      coalesce((f.data ->> 'to')::integer < (f.data ->> 'from')::integer, false) AS fell,
      (f.data ->> 'total')::double precision AS total_points, f.data ->> 'standard' AS standard,
      array_to_string(ARRAY(SELECT jsonb_array_elements_text(f.data -> 'causes')), ', ') AS causes,
      coalesce((SELECT string_agg(criterion #>> '{title,zh}', '、')
        FROM hub.rating_latest r, jsonb_array_elements(r.rating -> 'criteria') AS criterion
        WHERE r.compound = f.compound AND f.data -> 'causes' ? (criterion ->> 'id')), '') AS causes_zh
    FROM hub.rating_fact f WHERE f.type = 'rating.changed'`,
};

const programme: ReportingView = {
  name: 'programme',
  row: 'One compound in the yearly programme of star compounds.',
  columns: {
    compound: ['text', '', 'Id of the compound.'],
    name: ['text', '', 'Its name.'],
    district: ['text', '', 'Its district; null where nobody registered one.'],
    profile: ['text', '', '`new` or `retrofit`.'],
    target_stars: ['integer', 'stars', 'What its profile must hold.'],
    reached_at: ['timestamp with time zone', '', 'When it first held them; null until then.'],
    reached_year: ['integer', 'year', 'The year of that, by its own calendar.'],
    holds_now: ['boolean', '', 'Whether it holds them now.'],
  },
  sql: `
    SELECT c.compound, c.name, c.district, c.profile, c.target_stars, first.at AS reached_at,
      extract(year FROM first.at AT TIME ZONE (registered.data ->> 'timeZone'))::integer AS reached_year,
      coalesce(c.at_target, false) AS holds_now
    FROM reporting_v1.compound c JOIN hub.registry_compound registered ON registered.id = c.compound
    LEFT JOIN LATERAL (SELECT min(f.at) AS at FROM hub.rating_fact f WHERE f.compound = c.compound
      AND f.type = 'rating.changed' AND (f.data ->> 'to')::integer >= c.target_stars) first ON true`,
};

const ratingDay: ReportingView = {
  name: 'rating_day',
  row: 'One compound and day: its last rating of that day. Days on which no hub ran are missing.',
  columns: {
    time: ['timestamp with time zone', '', 'Beginning of the day by the compound’s calendar.'],
    compound: ['text', '', 'Id of the compound.'],
    day: ['date', '', 'The day.'],
    stars: ['integer', 'stars', '0 to 5.'],
    target_stars: ['integer', 'stars', 'What its profile had to hold.'],
    total_points: ['double precision', 'points', '0 to 100.'],
    standard: ['text', '', 'The standard, `<id>@<version>`.'],
    rated_at: ['timestamp with time zone', '', 'The instant the rating speaks of.'],
  },
  sql: `
    SELECT day_start AS time, compound, day, stars, target_stars, total AS total_points, standard, rated_at
    FROM hub.rating_day`,
};

const categoryDay: ReportingView = {
  name: 'category_day',
  row: 'One compound, day and category.',
  columns: {
    time: ['timestamp with time zone', '', 'Beginning of the day by the compound’s calendar.'],
    compound: ['text', '', 'Id of the compound.'],
    category: ['text', '', 'Id of the category, such as `ACC`.'],
    points: ['double precision', 'points', 'Earned.'],
    points_max: ['double precision', 'points', 'To be had.'],
    floor_points: ['double precision', 'points', 'What any star asks of the category.'],
  },
  sql: `
    SELECT d.day_start AS time, d.compound, c ->> 'id' AS category, (c ->> 'points')::double precision AS points,
      (c ->> 'pointsMax')::double precision AS points_max, (c ->> 'floorPoints')::double precision AS floor_points
    FROM hub.rating_day d, jsonb_array_elements(d.categories) AS c`,
};

const criterionDay: ReportingView = {
  name: 'criterion_day',
  row: 'One compound, day and criterion.',
  columns: {
    time: ['timestamp with time zone', '', 'Beginning of the day by the compound’s calendar.'],
    compound: ['text', '', 'Id of the compound.'],
    criterion: ['text', '', 'Its id, such as `ACC-4`.'],
    value: ['double precision', 'see `criterion.unit`', 'What was measured; null without evidence.'],
    points: ['double precision', 'points', 'Earned.'],
    points_max: ['double precision', 'points', 'To be had; 0 for control items and what does not apply.'],
    verdict: ['text', '', '`met`, `not-met`, `no-evidence` or `not-applicable`, against the target stars.'],
  },
  sql: `
    SELECT d.day_start AS time, d.compound, c ->> 'id' AS criterion, (c ->> 'value')::double precision AS value,
      (c ->> 'points')::double precision AS points, (c ->> 'pointsMax')::double precision AS points_max,
      c ->> 'verdict' AS verdict
    FROM hub.rating_day d, jsonb_array_elements(d.criteria) AS c`,
};

const criterion: ReportingView = {
  name: 'criterion',
  row: 'One compound and criterion by the newest rating.',
  columns: {
    compound: ['text', '', 'Id of the compound.'],
    criterion: ['text', '', 'Its id, such as `ACC-4`.'],
    title_zh: ['text', '', 'Its title in Chinese.'],
    title_en: ['text', '', 'Its title in English.'],
    category: ['text', '', 'Id of its category; `control` for control items.'],
    control: ['boolean', '', 'A control item passes or fails and carries no points.'],
    mandatory_from: ['integer', 'stars', 'Mandatory from this star on; null: never.'],
    unit: ['text', '', 'Unit of `value`: `%`, `d` (days), or empty for a plain ratio.'],
    value: ['double precision', 'see `unit`', 'What was measured; null without evidence.'],
    threshold_3: ['double precision', 'see `unit`', 'What three stars ask for.'],
    threshold_4: ['double precision', 'see `unit`', 'What four stars ask for.'],
    threshold_5: ['double precision', 'see `unit`', 'What five stars ask for.'],
    points: ['double precision', 'points', 'Earned.'],
    points_max: ['double precision', 'points', 'To be had.'],
    verdict: ['text', '', '`met`, `not-met`, `no-evidence` or `not-applicable`, against the target stars.'],
    explanation_zh: ['text', '', 'One Chinese sentence: what was measured, against what.'],
    explanation_en: ['text', '', 'The same in English.'],
    basis: ['text', '', 'Where its numbers come from, a letter of the standard’s legend, by column where they differ.'],
  },
  sql: `
    SELECT r.compound, c ->> 'id' AS criterion, c #>> '{title,zh}' AS title_zh, c #>> '{title,en}' AS title_en,
      c ->> 'category' AS category, (c ->> 'control')::boolean AS control,
      (c ->> 'mandatoryFrom')::integer AS mandatory_from, c ->> 'unit' AS unit,
      (c ->> 'value')::double precision AS value, (c #>> '{thresholds,3}')::double precision AS threshold_3,
      (c #>> '{thresholds,4}')::double precision AS threshold_4,
      (c #>> '{thresholds,5}')::double precision AS threshold_5, (c ->> 'points')::double precision AS points,
      (c ->> 'pointsMax')::double precision AS points_max, c ->> 'verdict' AS verdict,
      c #>> '{explanation,zh}' AS explanation_zh, c #>> '{explanation,en}' AS explanation_en, c ->> 'basis' AS basis
    FROM hub.rating_latest r, jsonb_array_elements(r.rating -> 'criteria') AS c`,
};

const missing: ReportingView = {
  name: 'missing',
  row: 'One thing that stands between a compound and a star above its own, by the newest rating.',
  columns: {
    compound: ['text', '', 'Id of the compound.'],
    for_stars: ['integer', 'stars', 'The star it is missing for.'],
    is_next: ['boolean', '', 'Whether that is the next star.'],
    about: ['text', '', '`criterion`, `floor` of a category, or the `total`.'],
    item: ['text', '', 'Id of the criterion or category, or `total`.'],
    text_zh: ['text', '', 'What is to be done, in Chinese.'],
    text_en: ['text', '', 'The same in English.'],
  },
  sql: `
    SELECT r.compound, (m ->> 'stars')::integer AS for_stars,
      (m ->> 'stars')::integer = (r.rating ->> 'stars')::integer + 1 AS is_next, i ->> 'about' AS about,
      i ->> 'id' AS item, i #>> '{text,zh}' AS text_zh, i #>> '{text,en}' AS text_en
    FROM hub.rating_latest r, jsonb_array_elements(r.rating -> 'missingFor') AS m,
      jsonb_array_elements(m -> 'items') AS i`,
};

/** In an order in which each stands on those before it. */
export const compoundViews: readonly ReportingView[] = [
  compound,
  ratingChange,
  programme,
  ratingDay,
  categoryDay,
  criterionDay,
  criterion,
  missing,
];
