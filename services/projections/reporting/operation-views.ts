import { kinds } from '../../../devices/kinds/registry.ts';
import { deviceModels } from '../../../devices/model.ts';
import { silentAfterMs } from '../star-rating/kind-silence.ts';
import type { ReportingView } from './view.ts';

/** `CASE` over the models' and the kinds' own limits, so that the view can't say otherwise than the hub. */
const silentAfterSecondsSql = (device: string): string => {
  const known = [...kinds.map((contract) => contract.kind), 'gateway'];
  const cases = known.map((name) => `WHEN '${name}' THEN ${silentAfterMs(name) / 1000}`);
  const ofKind = `CASE ${device} ->> 'kind' ${cases.join(' ')} ELSE ${silentAfterMs(undefined) / 1000} END`;
  const models = deviceModels.map(({ id, silentAfterSeconds }) => `WHEN '${id}' THEN ${silentAfterSeconds}`);
  return `CASE ${device} ->> 'model' ${models.join(' ')} ELSE ${ofKind} END`;
};

const device: ReportingView = {
  name: 'device',
  row: 'One registered device that is not retired, as it stands now.',
  columns: {
    device: ['text', '', 'Its id.'],
    compound: ['text', '', 'Id of its compound.'],
    name: ['text', '', 'Its name.'],
    kind: ['text', '', '`access-gate`, `camera`, `charging-post`, `sensor` or `gateway`.'],
    position: ['text', '', 'Name of the position where it stands; null where none is registered.'],
    position_kind: ['text', '', 'Kind of that position.'],
    adopted: ['boolean', '', 'Taken in by the hub as it was heard beneath a gateway.'],
    registered_at: ['timestamp with time zone', '', 'When it was registered.'],
    state: ['text', '', '`online`, `offline` (said so), `silent` (beyond its limit) or `never-heard`.'],
    last_heard_at: ['timestamp with time zone', '', 'Newest word from it; null before the first.'],
    silent_after_seconds: ['integer', 's', 'The limit of its model, or of its kind.'],
    battery_percent: ['double precision', '%', 'By its newest report; null where it gives none.'],
    standing_faults: ['integer', 'faults', 'Reported and not cleared.'],
    fault_codes: ['text', '', 'Their codes, separated by commas.'],
  },
  sql: `
    SELECT device, compound, name, kind, position, position_kind, adopted, registered_at,
      CASE WHEN connection = 'offline' THEN 'offline'
        WHEN last_heard_at IS NULL AND connection IS NULL THEN 'never-heard'
        WHEN now() > coalesce(last_heard_at, connection_at) + silent_after_seconds * interval '1 second' THEN 'silent'
        ELSE 'online' END AS state,
      last_heard_at, silent_after_seconds, (health ->> 'batteryPercent')::double precision AS battery_percent,
      coalesce(json_array_length(health -> 'faults'), 0)::integer AS standing_faults,
      coalesce((SELECT string_agg(fault ->> 'code', ', ' ORDER BY fault ->> 'code')
        FROM json_array_elements(health -> 'faults') AS fault), '') AS fault_codes
    FROM (
      SELECT d.id AS device, d.compound, d.data ->> 'name' AS name, d.data ->> 'kind' AS kind, p.name AS position,
        p.kind AS position_kind, coalesce((d.data ->> 'adopted')::boolean, false) AS adopted, d.registered_at,
        h.connection, h.connection_at, h.last_heard_at, h.health,
        (${silentAfterSecondsSql('d.data')})::integer AS silent_after_seconds
      FROM hub.registry_device d LEFT JOIN hub.device_health h ON h.device = d.id
      LEFT JOIN (SELECT c.id AS compound, p ->> 'id' AS id, p ->> 'name' AS name, p ->> 'kind' AS kind
        FROM hub.registry_compound c, jsonb_array_elements(c.data -> 'positions') AS p) p
        ON p.compound = d.compound AND p.id = d.data ->> 'position'
      WHERE d.retired_at IS NULL
    ) known`,
};

const onTimeSql = (due: string, done: string): string =>
  `CASE WHEN ${due} IS NULL OR state = 'cancelled' THEN NULL WHEN ${done} IS NOT NULL THEN ${done} <= ${due}
    WHEN now() > ${due} THEN false END`;

const workOrder: ReportingView = {
  name: 'work_order',
  row: 'One work order. Nobody’s name is in it.',
  columns: {
    work_order: ['text', '', 'Its id.'],
    compound: ['text', '', 'Id of its compound.'],
    device: ['text', '', 'Id of its device; null where a person raised it without one.'],
    code: ['text', '', 'Code of the fault.'],
    title_zh: ['text', '', 'What is wrong, in Chinese.'],
    title_en: ['text', '', 'The same in English.'],
    priority: ['text', '', '`P0` (danger) to `P3`.'],
    service_level: ['text', '', 'Name of the service level that gave the deadlines.'],
    state: [
      'text',
      '',
      '`raised`, `acknowledged`, `dispatched`, `accepted`, `on-site`, `paused`, `resolved`, `confirmed`, `closed` or `cancelled`.',
    ],
    open: ['boolean', '', 'Neither closed nor cancelled.'],
    overdue: ['boolean', '', 'Open and past the deadline of its next step.'],
    outcome: ['text', '', 'How it was closed; null before.'],
    raised_at: ['timestamp with time zone', '', 'When the fault began.'],
    acknowledged_at: ['timestamp with time zone', '', 'First acknowledged; null before.'],
    arrived_at: ['timestamp with time zone', '', 'First on site; null before.'],
    resolved_at: ['timestamp with time zone', '', 'Resolved; null before, and again once reopened.'],
    recovered_at: ['timestamp with time zone', '', 'When the device itself said that the fault was over.'],
    closed_at: ['timestamp with time zone', '', 'Closed or cancelled; null before.'],
    next_due_at: ['timestamp with time zone', '', 'Deadline of its next step; null where there is none.'],
    acknowledge_due_at: ['timestamp with time zone', '', 'Deadline of the acknowledgement; null where none is set.'],
    on_site_due_at: [
      'timestamp with time zone',
      '',
      'Deadline of the arrival; null where none is set or its clock stands still.',
    ],
    resolve_due_at: [
      'timestamp with time zone',
      '',
      'Deadline of the repair; null where none is set or its clock stands still.',
    ],
    acknowledged_on_time: ['boolean', '', 'Null without a deadline, while there is time left, and once cancelled.'],
    arrived_on_time: ['boolean', '', 'Likewise; a repair without an arrival counts as the arrival.'],
    resolved_on_time: ['boolean', '', 'Likewise; closing without a repair counts as the repair.'],
    reports: ['integer', 'reports', 'How often the fault came while the order was open.'],
    late: ['boolean', '', 'The fault was reported late, so that no alarm sounded.'],
  },
  sql: `
    SELECT work_order, compound, device, code, title_zh, title_en, priority, service_level, state, open,
      open AND coalesce(next_due_at < now(), false) AS overdue, outcome, raised_at, acknowledged_at, arrived_at,
      resolved_at, recovered_at, closed_at, next_due_at, acknowledge_due_at, on_site_due_at, resolve_due_at,
      ${onTimeSql('acknowledge_due_at', 'coalesce(acknowledged_at, arrived_at, resolved_at, closed_at)')}
        AS acknowledged_on_time,
      ${onTimeSql('on_site_due_at', 'coalesce(arrived_at, resolved_at, closed_at)')} AS arrived_on_time,
      ${onTimeSql('resolve_due_at', 'coalesce(resolved_at, closed_at)')} AS resolved_on_time, reports, late
    FROM (
      SELECT id AS work_order, compound, device, code, item #>> '{raised,title,zh}' AS title_zh,
        item #>> '{raised,title,en}' AS title_en, priority, service_level, state,
        state NOT IN ('closed', 'cancelled') AS open, outcome, raised_at, acknowledged_at, arrived_at, resolved_at,
        recovered_at, closed_at, next_due_at,
        (item #>> '{deadlines,acknowledge}')::timestamptz AS acknowledge_due_at,
        (item #>> '{deadlines,onSite}')::timestamptz AS on_site_due_at,
        (item #>> '{deadlines,resolve}')::timestamptz AS resolve_due_at, reports, late
      FROM hub.work_order
    ) known`,
};

const ingestHour: ReportingView = {
  name: 'ingest_hour',
  row: 'One compound, hour of receipt and subject of what its devices said.',
  columns: {
    time: ['timestamp with time zone', '', 'Beginning of the hour.'],
    compound: ['text', '', 'Id of the compound.'],
    subject: ['text', '', '`gate`, `charging`, `camera`, `sensor`, `device`, or `ingest` for refused payloads.'],
    events: ['integer', 'events', 'Recorded.'],
    late: ['integer', 'events', 'Of them, received more than 60 s after they happened.'],
    clock_untrusted: ['integer', 'events', 'Of them, with a clock that was not believed.'],
  },
  sql: 'SELECT hour AS time, compound, subject, events, late, clock_untrusted FROM hub.ingest_hour',
};

const deadLetter: ReportingView = {
  name: 'dead_letter',
  row: 'One refused payload. Its bytes, topic and reason stay with the hub: they may name people.',
  columns: {
    time: ['timestamp with time zone', '', 'When it was received.'],
    dead_letter: ['uuid', '', 'Its id.'],
    compound: ['text', '', 'Compound of the sender.'],
    device: ['text', '', 'Device or gateway whose credential sent it.'],
    dialect: ['text', '', 'The dialect that refused it; null where none took it.'],
    code: ['text', '', 'Why, as a stable code.'],
    size_bytes: ['integer', 'B', 'Size of the payload.'],
    replayed_at: ['timestamp with time zone', '', 'When it was taken up again; null before.'],
    replay_outcome: ['text', '', 'What came of that.'],
  },
  sql: `
    SELECT received_at AS time, id AS dead_letter, compound, device, data ->> 'dialect' AS dialect,
      data ->> 'code' AS code, (data ->> 'sizeBytes')::integer AS size_bytes, replayed_at, replay_outcome
    FROM hub.dead_letter`,
};

const projection: ReportingView = {
  name: 'projection',
  row: 'One read model and how far it stands behind the log.',
  columns: {
    projection: ['text', '', 'Its name.'],
    updated_at: ['timestamp with time zone', '', 'When it last moved; the log may have been quiet since.'],
    events_behind: ['bigint', 'events', 'In the log and not yet in the read model; null where the log is elsewhere.'],
    lag_seconds: ['double precision', 's', 'Age of the oldest commit not yet in it; null likewise.'],
  },
  sql: `
    SELECT at.projection, at.updated_at, greatest(0, head.last_position - at.position) AS events_behind,
      CASE WHEN head.last_position IS NOT NULL AND at.position IS NOT NULL THEN
        coalesce(greatest(0, extract(epoch FROM now() - waiting.sealed_at)), 0)::double precision END AS lag_seconds
    FROM (SELECT projection, updated_at, CASE WHEN position IS NULL THEN 0
        WHEN position ~ '^[0-9]{1,18}$' THEN position::bigint END AS position
      FROM hub.projection_checkpoint) at
    LEFT JOIN LATERAL (SELECT last_position FROM hub.seal ORDER BY last_position DESC LIMIT 1) head ON true
    LEFT JOIN LATERAL (SELECT sealed_at FROM hub.seal WHERE last_position > at.position
      ORDER BY last_position LIMIT 1) waiting ON true`,
};

const reading: ReportingView = {
  name: 'reading',
  row: 'One measured value. Large: always narrow it by compound or device, and by time.',
  columns: {
    time: ['timestamp with time zone', '', 'When it was measured.'],
    compound: ['text', '', 'Id of the compound.'],
    device: ['text', '', 'Id of the device.'],
    quantity: ['text', '', 'What was measured, with its unit last, such as `temperatureC` or `pressureKPa`.'],
    channel: ['text', '', 'Channel or connector of the device; null where it has one only.'],
    value: ['double precision', 'see `quantity`', 'The value.'],
  },
  sql: `SELECT at AS time, compound, device, quantity, channel, value
    FROM hub.reading JOIN hub.reading_series AS known ON known.id = series`,
};

export const operationViews: readonly ReportingView[] = [
  device,
  workOrder,
  ingestHour,
  deadLetter,
  projection,
  reading,
];
