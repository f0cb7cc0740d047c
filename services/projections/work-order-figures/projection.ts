import { compoundStream, type RecordedEvent, workOrderStream } from '../../event-log/event.ts';
import type { Projection } from '../../event-log/projection.ts';
import type { Sql } from '../../runtime/sql.ts';
import { workOrderEvents } from '../../work-orders/order-events.ts';
import { type RoundEvent, roundOf } from '../../work-orders/round-events.ts';
import { evolveOrder, type OrderRow } from './order-row.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.work_order_figure (
    work_order text PRIMARY KEY, compound text NOT NULL, source text NOT NULL, device text, code text NOT NULL,
    priority text NOT NULL, service_level text NOT NULL, late boolean NOT NULL, raised_at timestamptz NOT NULL,
    due_acknowledge timestamptz, due_on_site timestamptz, due_resolve timestamptz,
    acknowledged_at timestamptz, arrived_at timestamptz, resolved_at timestamptz, closed_at timestamptz,
    cancelled_at timestamptz, outcome text, failed_at timestamptz, rated_at timestamptz, score integer,
    item jsonb NOT NULL, revision integer NOT NULL);
  CREATE INDEX IF NOT EXISTS work_order_figure_raised ON hub.work_order_figure (raised_at);
  CREATE INDEX IF NOT EXISTS work_order_figure_repeat ON hub.work_order_figure (device, code, raised_at)
    WHERE source = 'device';
  CREATE TABLE IF NOT EXISTS hub.round_figure (
    round text NOT NULL, occurrence text NOT NULL, compound text NOT NULL, due_at timestamptz NOT NULL,
    done_at timestamptz, missed_at timestamptz, findings integer NOT NULL DEFAULT 0, PRIMARY KEY (round, occurrence));
  CREATE INDEX IF NOT EXISTS round_figure_due ON hub.round_figure (due_at);
  CREATE TABLE IF NOT EXISTS hub.figure_register (
    compound text NOT NULL, revision integer NOT NULL, field text NOT NULL, at timestamptz NOT NULL,
    value jsonb, PRIMARY KEY (compound, revision, field))`;

const orderIdOf = ({ stream }: RecordedEvent): string => stream.slice(workOrderStream('').length);

const applyOrders = async (sql: Sql, events: RecordedEvent[]): Promise<void> => {
  const { rows } = await sql.query<{ item: OrderRow }>(
    'SELECT item FROM hub.work_order_figure WHERE work_order = ANY($1)',
    [[...new Set(events.map(orderIdOf))]],
  );
  const known = new Map(rows.map(({ item }) => [item.workOrder, item]));
  for (const event of events) {
    const row = evolveOrder(known.get(orderIdOf(event)), event);
    if (row !== undefined) known.set(row.workOrder, row);
  }
  await sql.query(
    `INSERT INTO hub.work_order_figure
       SELECT item->>'workOrder', item->>'compound', item->>'source', item->>'device', item->>'code',
              item->>'priority', item->>'serviceLevel', (item->>'late')::boolean, (item->>'raisedAt')::timestamptz,
              (item->>'dueAcknowledge')::timestamptz, (item->>'dueOnSite')::timestamptz,
              (item->>'dueResolve')::timestamptz, (item->>'acknowledgedAt')::timestamptz,
              (item->>'arrivedAt')::timestamptz, (item->>'resolvedAt')::timestamptz, (item->>'closedAt')::timestamptz,
              (item->>'cancelledAt')::timestamptz, item->>'outcome', (item->>'failedAt')::timestamptz,
              (item->>'ratedAt')::timestamptz, (item->>'score')::integer, item, (item->>'revision')::integer
       FROM jsonb_array_elements($1::jsonb) AS item
     ON CONFLICT (work_order) DO UPDATE SET
       due_acknowledge = excluded.due_acknowledge, due_on_site = excluded.due_on_site,
       due_resolve = excluded.due_resolve, acknowledged_at = excluded.acknowledged_at,
       arrived_at = excluded.arrived_at, resolved_at = excluded.resolved_at, closed_at = excluded.closed_at,
       cancelled_at = excluded.cancelled_at, outcome = excluded.outcome, failed_at = excluded.failed_at,
       rated_at = excluded.rated_at, score = excluded.score, item = excluded.item, revision = excluded.revision
     WHERE work_order_figure.revision < excluded.revision`,
    [JSON.stringify([...known.values()])],
  );
};

const applyRound = async (sql: Sql, event: RecordedEvent & RoundEvent): Promise<void> => {
  const round = roundOf(event);
  switch (event.type) {
    case 'round.started':
    case 'round.done':
    case 'round.missed': {
      const { occurrence, dueAt } = event.data;
      const [doneAt, findings] =
        event.type === 'round.done' ? [event.meta.occurredAt, event.data.findings] : ([null, 0] as const);
      await sql.query(
        `INSERT INTO hub.round_figure VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (round, occurrence) DO UPDATE SET
           done_at = coalesce(round_figure.done_at, excluded.done_at),
           missed_at = coalesce(round_figure.missed_at, excluded.missed_at),
           findings = greatest(round_figure.findings, excluded.findings)`,
        [
          ...[round, occurrence, event.meta.compound, dueAt, doneAt],
          event.type === 'round.missed' ? event.meta.occurredAt : null,
          findings,
        ],
      );
      return;
    }
    default:
  }
};

const registerFields = ['name', 'timeZone', 'households', 'company'] as const;

/** What the register said and from when on: a month is counted for the company that had the contract then. */
const applyRegister = async (sql: Sql, event: RecordedEvent): Promise<void> => {
  const data = event.data as Partial<Record<string, unknown>>;
  for (const field of registerFields.filter((known) => known in data)) {
    await sql.query('INSERT INTO hub.figure_register VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING', [
      event.stream.slice(compoundStream('').length),
      event.revision,
      field,
      event.meta.occurredAt,
      JSON.stringify(data[field] ?? null),
    ]);
  }
};

/** What the monthly figures of compounds and property companies are counted from. */
export const workOrderFigures: Projection = {
  name: 'work-order-figures',
  version: 1,
  schema,
  tables: ['hub.work_order_figure', 'hub.round_figure', 'hub.figure_register'],
  handles: [
    ...Object.keys(workOrderEvents),
    ...['round.started', 'round.done', 'round.missed'],
    ...['compound.registered', 'compound.changed'],
  ],
  async apply(sql, events) {
    const orders = events.filter(({ type }) => type.startsWith('work-order.'));
    if (orders.length > 0) await applyOrders(sql, orders);
    for (const event of events) {
      if (event.type.startsWith('round.')) await applyRound(sql, event as RecordedEvent & RoundEvent);
      if (event.type.startsWith('compound.')) await applyRegister(sql, event);
    }
  },
};
