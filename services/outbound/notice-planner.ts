import type { RecordedEvent } from '../event-log/event.ts';
import type { Projection } from '../event-log/projection.ts';
import type { Sql } from '../runtime/sql.ts';
import { workOrderEvents } from '../work-orders/order-events.ts';
import { type NewDelivery, plannedDeliveries, putDeliveries } from './notice-deliveries.ts';
import type { Notice } from './notice-events.ts';
import {
  type Noted,
  type NotedOrder,
  type NoticeContext,
  type NoticeTimer,
  noteNotice,
  noteOrderEvent,
  orderOf,
} from './notice-plan.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.notice_order (
    work_order text PRIMARY KEY, compound text NOT NULL, digest_at timestamptz, item jsonb NOT NULL);
  CREATE INDEX IF NOT EXISTS notice_order_digest ON hub.notice_order (digest_at) WHERE digest_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS hub.notice_timer (
    work_order text NOT NULL, rule text NOT NULL, trigger text NOT NULL, step integer NOT NULL,
    due_at timestamptz NOT NULL, PRIMARY KEY (work_order, rule, trigger, step));
  CREATE INDEX IF NOT EXISTS notice_timer_due ON hub.notice_timer (due_at)`;

const read = async (sql: Sql, orders: string[]): Promise<Map<string, Noted>> => {
  const { rows } = await sql.query<{ item: NotedOrder }>(
    'SELECT item FROM hub.notice_order WHERE work_order = ANY($1)',
    [orders],
  );
  const noted = new Map<string, Noted>(rows.map(({ item }) => [item.order, { order: item, timers: [] }]));
  const { rows: timers } = await sql.query<Omit<NoticeTimer, 'dueAt'> & { dueAt: Date }>(
    `SELECT work_order AS "order", rule, trigger, step, due_at AS "dueAt" FROM hub.notice_timer
     WHERE work_order = ANY($1) ORDER BY due_at, step`,
    [orders],
  );
  for (const timer of timers) noted.get(timer.order)?.timers.push({ ...timer, dueAt: timer.dueAt.toISOString() });
  return noted;
};

const write = async (sql: Sql, orders: string[], noted: ReadonlyMap<string, Noted>): Promise<void> => {
  await sql.query('DELETE FROM hub.notice_timer WHERE work_order = ANY($1)', [orders]);
  await sql.query('DELETE FROM hub.notice_order WHERE work_order = ANY($1)', [orders]);
  const rest = [...noted.values()];
  await sql.query(
    `INSERT INTO hub.notice_order
       SELECT item->>'order', item->>'compound', (item->>'digestAt')::timestamptz, item
       FROM jsonb_array_elements($1::jsonb) AS item`,
    [JSON.stringify(rest.map(({ order }) => order))],
  );
  await sql.query(
    `INSERT INTO hub.notice_timer
       SELECT "order", rule, trigger, step, "dueAt" FROM jsonb_to_recordset($1::jsonb)
         AS timer ("order" text, rule text, trigger text, step integer, "dueAt" timestamptz)`,
    [JSON.stringify(rest.flatMap(({ timers }) => timers))],
  );
};

/** Orders that a digest told of, up to its own instant. */
const forgetDigest = async (sql: Sql, { compound, dueAt }: Notice): Promise<void> => {
  await sql.query(
    `UPDATE hub.notice_order SET digest_at = NULL, item = jsonb_set(item, '{digestAt}', 'null')
     WHERE compound = $1 AND digest_at <= $2`,
    [compound, dueAt],
  );
};

/**
 * Holds by when somebody is to be told of which order, and what was decided to be sent. It reads the log alone; who
 * looks at its timers says in the log what is told, and it hears that here. Never rebuilt on request: the instants of
 * rules that changed meanwhile would be others.
 */
export const createNoticePlanner = (context: () => NoticeContext): Projection => ({
  name: 'notice-planner',
  version: 1,
  rebuildable: false,
  schema,
  tables: ['hub.notice_order', 'hub.notice_timer'],
  handles: [...Object.keys(workOrderEvents), 'notice.issued'],
  async apply(sql, events) {
    const now = context();
    const orderNamed = (event: RecordedEvent): string | undefined =>
      event.type === 'notice.issued' ? (event.data as Notice).order : orderOf(event);
    const orders = [...new Set(events.flatMap((event) => orderNamed(event) ?? []))];
    const noted = await read(sql, orders);
    const deliveries: NewDelivery[] = [];
    const digests: Notice[] = [];
    for (const event of events) {
      const order = orderNamed(event);
      const before = order === undefined ? undefined : noted.get(order);
      let after = before;
      if (event.type === 'notice.issued') {
        const notice = event.data as Notice;
        deliveries.push(...plannedDeliveries(event, notice));
        if (notice.kind === 'digest') digests.push(notice);
        after = before && noteNotice(before, notice);
      } else after = noteOrderEvent(before, event, now);
      if (order === undefined) continue;
      if (after === undefined) noted.delete(order);
      else noted.set(order, after);
    }
    await write(sql, orders, noted);
    for (const notice of digests) await forgetDigest(sql, notice);
    await putDeliveries(sql, deliveries);
  },
});
