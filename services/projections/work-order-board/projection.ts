import { type RecordedEvent, workOrderStream } from '../../event-log/event.ts';
import type { Projection } from '../../event-log/projection.ts';
import type { Sql } from '../../runtime/sql.ts';
import { type Raised, workOrderEvents } from '../../work-orders/order-events.ts';
import { evolveRow, type WorkOrderRow } from './row.ts';
import { pairsOf, searchText } from './search.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.work_order (
    id text PRIMARY KEY, compound text NOT NULL, device text, code text NOT NULL, priority text NOT NULL,
    service_level text NOT NULL, state text NOT NULL, assignee text, outcome text,
    fault_standing boolean NOT NULL, recovered boolean NOT NULL, late boolean NOT NULL, reports integer NOT NULL,
    raised_at timestamptz NOT NULL, recovered_at timestamptz, acknowledged_at timestamptz, arrived_at timestamptz,
    resolved_at timestamptz, closed_at timestamptz, next_due_at timestamptz,
    trade text, building text, dispatched_by text, dispatched_to text, dispatched_at timestamptz, timer_at timestamptz,
    overdue_until timestamptz,
    sort_key text COLLATE "C" NOT NULL, item jsonb NOT NULL, revision integer NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS work_order_sort ON hub.work_order (sort_key);
  CREATE UNIQUE INDEX IF NOT EXISTS work_order_compound ON hub.work_order (compound, sort_key);
  CREATE INDEX IF NOT EXISTS work_order_device ON hub.work_order (device, sort_key);
  CREATE INDEX IF NOT EXISTS work_order_state ON hub.work_order (state, sort_key);
  CREATE INDEX IF NOT EXISTS work_order_trade ON hub.work_order (trade, sort_key);
  CREATE INDEX IF NOT EXISTS work_order_assignee ON hub.work_order (assignee, sort_key);
  CREATE INDEX IF NOT EXISTS work_order_service_level ON hub.work_order (service_level, sort_key);
  CREATE INDEX IF NOT EXISTS work_order_building ON hub.work_order (compound, building, sort_key);
  CREATE INDEX IF NOT EXISTS work_order_due ON hub.work_order (next_due_at) WHERE next_due_at IS NOT NULL;
  CREATE INDEX IF NOT EXISTS work_order_timer ON hub.work_order (timer_at) WHERE timer_at IS NOT NULL;
  CREATE INDEX IF NOT EXISTS work_order_overdue ON hub.work_order (overdue_until) WHERE overdue_until IS NOT NULL;
  CREATE INDEX IF NOT EXISTS work_order_rotation ON hub.work_order (compound, dispatched_at)
    WHERE dispatched_by = 'rotation';
  CREATE TABLE IF NOT EXISTS hub.work_order_step (
    work_order text NOT NULL, revision integer NOT NULL, type text NOT NULL, at timestamptz NOT NULL,
    actor text, data jsonb NOT NULL, PRIMARY KEY (work_order, revision));
  CREATE TABLE IF NOT EXISTS hub.work_order_search (
    work_order text PRIMARY KEY, words text NOT NULL, pairs text[] NOT NULL);
  CREATE INDEX IF NOT EXISTS work_order_search_pairs ON hub.work_order_search USING gin (pairs)`;

const orderIdOf = (event: RecordedEvent): string => event.stream.slice(workOrderStream('').length);

const readRows = async (sql: Sql, ids: string[]): Promise<Map<string, WorkOrderRow>> => {
  const { rows } = await sql.query<{ item: WorkOrderRow }>('SELECT item FROM hub.work_order WHERE id = ANY($1)', [ids]);
  return new Map(rows.map(({ item }) => [item.id, item]));
};

/** The columns are for filters and for Grafana; `item` is the row itself. */
const writeRows = async (sql: Sql, rows: WorkOrderRow[]): Promise<void> => {
  await sql.query(
    `INSERT INTO hub.work_order
       SELECT item->>'id', item->>'compound', item->>'device', item->>'code', item->>'priority',
              item->>'serviceLevel', item->>'state', item->>'assignee', item->>'outcome',
              (item->>'faultStanding')::boolean, (item->>'recovered')::boolean, (item->'raised'->>'late')::boolean,
              (item->>'reports')::integer,
              (item->>'raisedAt')::timestamptz, (item->>'recoveredAt')::timestamptz,
              (item->>'acknowledgedAt')::timestamptz, (item->>'arrivedAt')::timestamptz,
              (item->>'resolvedAt')::timestamptz, (item->>'closedAt')::timestamptz, (item->>'nextDueAt')::timestamptz,
              item->>'trade', item->>'building', item->>'dispatchedBy', item->>'dispatchedTo', (item->>'dispatchedAt')::timestamptz,
              (item->>'timerAt')::timestamptz, (item->>'overdueUntil')::timestamptz, item->>'sortKey', item, (item->>'revision')::integer
       FROM jsonb_array_elements($1::jsonb) AS item
     ON CONFLICT (id) DO UPDATE SET
       state = excluded.state, assignee = excluded.assignee, outcome = excluded.outcome,
       fault_standing = excluded.fault_standing, recovered = excluded.recovered, reports = excluded.reports,
       recovered_at = excluded.recovered_at, acknowledged_at = excluded.acknowledged_at,
       arrived_at = excluded.arrived_at, resolved_at = excluded.resolved_at, closed_at = excluded.closed_at,
       next_due_at = excluded.next_due_at, trade = excluded.trade, dispatched_by = excluded.dispatched_by,
       dispatched_to = excluded.dispatched_to,
       dispatched_at = excluded.dispatched_at, timer_at = excluded.timer_at,
       overdue_until = excluded.overdue_until, sort_key = excluded.sort_key, item = excluded.item,
       revision = excluded.revision
     WHERE work_order.revision < excluded.revision`,
    [JSON.stringify(rows)],
  );
};

const writeSteps = async (sql: Sql, events: RecordedEvent[]): Promise<void> => {
  const steps = events.map((event) => ({
    work_order: orderIdOf(event),
    revision: event.revision,
    type: event.type,
    at: event.meta.occurredAt,
    actor: event.meta.actor ?? null,
    data: event.data,
  }));
  await sql.query(
    `INSERT INTO hub.work_order_step
       SELECT * FROM jsonb_populate_recordset(NULL::hub.work_order_step, $1::jsonb)
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(steps)],
  );
};

/** Written once, as an order is raised: what changes with it would cost the index dear. */
const writeSearch = async (sql: Sql, events: RecordedEvent[]): Promise<void> => {
  const raised = events
    .filter(({ type }) => type === 'work-order.raised')
    .map((event) => ({ work_order: orderIdOf(event), words: searchText(orderIdOf(event), event.data as Raised) }))
    .map((found) => ({ ...found, pairs: pairsOf(found.words) }));
  if (raised.length === 0) return;
  await sql.query(
    `INSERT INTO hub.work_order_search
       SELECT * FROM jsonb_populate_recordset(NULL::hub.work_order_search, $1::jsonb)
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(raised)],
  );
};

/** The work orders with their state, clocks and timeline. */
export const workOrderBoard: Projection = {
  name: 'work-order-board',
  version: 2,
  schema,
  tables: ['hub.work_order', 'hub.work_order_step', 'hub.work_order_search'],
  handles: Object.keys(workOrderEvents),
  async apply(sql, events) {
    const rows = await readRows(sql, [...new Set(events.map(orderIdOf))]);
    for (const event of events) {
      const row = evolveRow(rows.get(orderIdOf(event)), event);
      if (row !== undefined) rows.set(row.id, row);
    }
    await writeRows(sql, [...rows.values()]);
    await writeSteps(sql, events);
    await writeSearch(sql, events);
  },
};
