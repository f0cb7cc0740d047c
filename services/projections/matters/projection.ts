import { type RecordedEvent, workOrderStream } from '../../event-log/event.ts';
import type { Projection } from '../../event-log/projection.ts';
import type { Sql } from '../../runtime/sql.ts';
import { ladder } from '../../work-orders/ladder/carry-out-matter.ts';
import { type WatchedOrder, watchedTypes, watchOrder, watchTimer } from '../../work-orders/ladder/climbing.ts';
import { type MatterEvent, matterEvents, matterOf } from '../../work-orders/ladder/matter-events.ts';
import { isOpenMatter } from '../../work-orders/ladder/matter-state.ts';
import type { WorkOrderEvent } from '../../work-orders/order-events.ts';
import { evolveMatterRow, type MatterRow, withoutRecord } from './row.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.matter (
    id text PRIMARY KEY, compound text NOT NULL, street text, state text NOT NULL, level text,
    referred_at timestamptz NOT NULL, closed_at timestamptz, timer_at timestamptz, has_records boolean NOT NULL,
    sort_key text COLLATE "C" NOT NULL, item jsonb NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS matter_sort ON hub.matter (sort_key);
  CREATE UNIQUE INDEX IF NOT EXISTS matter_compound ON hub.matter (compound, sort_key);
  CREATE INDEX IF NOT EXISTS matter_timer ON hub.matter (timer_at) WHERE timer_at IS NOT NULL;
  CREATE INDEX IF NOT EXISTS matter_records ON hub.matter (id) WHERE has_records;
  CREATE INDEX IF NOT EXISTS matter_referred ON hub.matter (referred_at);
  CREATE TABLE IF NOT EXISTS hub.matter_whistle (
    matter text NOT NULL, whistle text NOT NULL, compound text NOT NULL, street text, department text NOT NULL,
    emergency boolean NOT NULL, blown_at timestamptz NOT NULL, report_in_due_at timestamptz NOT NULL,
    reported_in_at timestamptz, returned_at timestamptz, close_due_at timestamptz NOT NULL,
    finished_at timestamptz, score integer, redone integer NOT NULL, PRIMARY KEY (matter, whistle));
  CREATE INDEX IF NOT EXISTS matter_whistle_blown ON hub.matter_whistle (blown_at);
  CREATE TABLE IF NOT EXISTS hub.matter_watch (
    work_order text PRIMARY KEY, timer_at timestamptz, item jsonb NOT NULL);
  CREATE INDEX IF NOT EXISTS matter_watch_timer ON hub.matter_watch (timer_at) WHERE timer_at IS NOT NULL`;

const recordTypes = ['meeting.planned', 'meeting.held', 'whistle.blown', 'whistle.answered'];

const readItems = async <Item>(sql: Sql, table: 'matter' | 'matter_watch', ids: Iterable<string>) => {
  const column = table === 'matter' ? 'id' : 'work_order';
  const { rows } = await sql.query<{ key: string; item: Item }>(
    `SELECT ${column} AS key, item FROM hub.${table} WHERE ${column} = ANY($1)`,
    [[...ids]],
  );
  return new Map(rows.map(({ key, item }) => [key, item]));
};

const writeMatters = async (sql: Sql, rows: MatterRow[]): Promise<void> => {
  if (rows.length === 0) return;
  await sql.query(
    `INSERT INTO hub.matter
       SELECT item->>'id', item->'referred'->>'compound', item->'referred'->>'street', item->>'state', item->>'level',
              (item->'referred'->>'referredAt')::timestamptz, (item->>'closedAt')::timestamptz,
              (item->>'timerAt')::timestamptz, jsonb_array_length(item->'records') > 0, item->>'sortKey', item
       FROM jsonb_array_elements($1::jsonb) AS item
     ON CONFLICT (id) DO UPDATE SET
       state = excluded.state, level = excluded.level, closed_at = excluded.closed_at, timer_at = excluded.timer_at,
       has_records = excluded.has_records, sort_key = excluded.sort_key, item = excluded.item`,
    [JSON.stringify(rows)],
  );
};

const writeWhistles = async (sql: Sql, rows: MatterRow[]): Promise<void> => {
  const whistles = rows.flatMap(({ id, referred, whistles, times }) =>
    whistles.map((whistle) => ({
      matter: id,
      whistle: whistle.id,
      compound: referred.compound,
      street: referred.street ?? null,
      department: whistle.department,
      emergency: whistle.emergency,
      blown_at: whistle.blownAt,
      report_in_due_at: whistle.reportIn.at,
      reported_in_at: times[whistle.id]?.reportedInAt ?? null,
      returned_at: times[whistle.id]?.returnedAt ?? null,
      close_due_at: whistle.close.at,
      finished_at: times[whistle.id]?.finishedAt ?? null,
      score: whistle.score,
      redone: whistle.redone,
    })),
  );
  if (whistles.length === 0) return;
  await sql.query(
    `INSERT INTO hub.matter_whistle
       SELECT * FROM jsonb_populate_recordset(NULL::hub.matter_whistle, $1::jsonb)
     ON CONFLICT (matter, whistle) DO UPDATE SET
       reported_in_at = excluded.reported_in_at, returned_at = excluded.returned_at,
       close_due_at = excluded.close_due_at, finished_at = excluded.finished_at, score = excluded.score,
       redone = excluded.redone`,
    [JSON.stringify(whistles)],
  );
};

const writeWatched = async (sql: Sql, watched: Map<string, WatchedOrder | null>): Promise<void> => {
  const gone = [...watched].flatMap(([order, item]) => (item === null ? [order] : []));
  if (gone.length > 0) await sql.query('DELETE FROM hub.matter_watch WHERE work_order = ANY($1)', [gone]);
  const rows = [...watched.values()].flatMap((item) =>
    item === null ? [] : [{ work_order: item.order, timer_at: watchTimer(item, ladder), item }],
  );
  if (rows.length === 0) return;
  await sql.query(
    `INSERT INTO hub.matter_watch
       SELECT * FROM jsonb_populate_recordset(NULL::hub.matter_watch, $1::jsonb)
     ON CONFLICT (work_order) DO UPDATE SET timer_at = excluded.timer_at, item = excluded.item`,
    [JSON.stringify(rows)],
  );
};

/** An ended order is watched on only until its open matter has heard of it. */
const settled = (watched: WatchedOrder): WatchedOrder | null =>
  watched.ended !== null && !watched.matterOpen ? null : watched;

/** What a matter's event tells of its orders. */
const afterMatter = (watched: WatchedOrder, row: MatterRow, event: MatterEvent): WatchedOrder | null => {
  const urged = watched.urged || (event.type === 'matter.whistled' && event.data.emergency);
  if (isOpenMatter(row) && !row.endedOrders.includes(watched.order))
    return { ...watched, matter: row.id, matterOpen: true, urged };
  // What came of the matter stands; the order doesn't climb once more by itself.
  return watched.ended === null ? { ...watched, matter: row.id, matterOpen: false, urged } : null;
};

const orderOf = (event: RecordedEvent): string => event.stream.slice(workOrderStream('').length);
const isOfOrder = ({ type }: RecordedEvent): boolean => type.startsWith('work-order.');
const isOfMatter = ({ type }: RecordedEvent): boolean => type.startsWith('matter.');
const recordedMatter = ({ type, data }: RecordedEvent): string | undefined => {
  const { matter } = data as { matter?: unknown };
  return recordTypes.includes(type) && typeof matter === 'string' ? matter : undefined;
};

const mattersOf = (events: readonly RecordedEvent[]): Set<string> =>
  new Set(events.flatMap((event) => (isOfMatter(event) ? matterOf(event) : (recordedMatter(event) ?? []))));

const ordersOf = (events: readonly RecordedEvent[], matters: Map<string, MatterRow>): Set<string> => {
  const referred = events.filter(isOfMatter).flatMap((event) => {
    const { type, data } = event as RecordedEvent & MatterEvent;
    return type === 'matter.referred' ? data.orders : [];
  });
  const known = [...matters.values()].flatMap(({ referred: { orders } }) => orders);
  return new Set([...events.filter(isOfOrder).map(orderOf), ...referred, ...known]);
};

/** The matters on the ladder, the whistles, and the orders that may still climb. */
export const mattersProjection: Projection = {
  name: 'matters',
  version: 1,
  schema,
  tables: ['hub.matter', 'hub.matter_whistle', 'hub.matter_watch'],
  handles: [...watchedTypes, ...Object.keys(matterEvents), ...recordTypes],
  async apply(sql, events) {
    const matters = await readItems<MatterRow>(sql, 'matter', mattersOf(events));
    const watched: Map<string, WatchedOrder | null> = await readItems(sql, 'matter_watch', ordersOf(events, matters));
    for (const event of events) {
      if (isOfOrder(event)) {
        const order = orderOf(event);
        const told = { order, revision: event.revision, at: event.meta.occurredAt };
        const after = watchOrder(watched.get(order) ?? undefined, event as RecordedEvent & WorkOrderEvent, told);
        if (after !== undefined) watched.set(order, settled(after));
        continue;
      }
      const id = isOfMatter(event) ? matterOf(event) : recordedMatter(event);
      if (id === undefined) continue;
      const before = matters.get(id);
      const row = isOfMatter(event)
        ? evolveMatterRow(before, event, ladder)
        : before && withoutRecord(before, event.id);
      if (row === undefined) continue;
      matters.set(id, row);
      if (!isOfMatter(event)) continue;
      for (const order of row.referred.orders) {
        const known = watched.get(order);
        if (known != null) watched.set(order, afterMatter(known, row, event as RecordedEvent & MatterEvent));
      }
    }
    await writeMatters(sql, [...matters.values()]);
    await writeWhistles(sql, [...matters.values()]);
    await writeWatched(sql, watched);
  },
};
