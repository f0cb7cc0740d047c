import type { z } from 'zod';
import type { RecordedEvent } from '../../event-log/event.ts';
import { isoTime } from '../../runtime/clock.ts';
import type { Sql } from '../../runtime/sql.ts';
import { clockSteps, type priorities } from '../../work-orders/commands.ts';
import type { shiftFigures } from '../../work-orders/handover.ts';
import { offersClose } from '../../work-orders/order-state.ts';
import { allowedCommands } from '../../work-orders/transitions.ts';
import type { WorkOrderDetail, WorkOrderItem } from './board.ts';
import { evolveRow, openDeadlines, type WorkOrderRow } from './row.ts';
import { pairsOf, wordsOf } from './search.ts';

type Priority = (typeof priorities)[number];

export interface WorkOrderFilter {
  compound?: string;
  /** `open`: neither closed nor cancelled; `ended`: either; else one state. */
  state?: 'open' | 'ended' | WorkOrderItem['state'];
  priority?: WorkOrderItem['priority'];
  device?: string;
  building?: string;
  trade?: string;
  assignee?: string;
  /** The service level, e.g. `gate-out-of-order`. */
  class?: string;
  /** Past the deadline of its next step at this instant. */
  overdueAt?: string;
  /** Words, each of which occurs in the order as it was raised or in its device's name. */
  text?: string;
  limit: number;
  /** `next` of the page before. */
  cursor?: string;
}

export interface WorkOrderPage {
  rows: WorkOrderRow[];
  next: string | null;
}

const stateCondition = (state: WorkOrderFilter['state'], value: (given: unknown) => string): string => {
  // The sort key begins with 0 for open orders, so one index serves filter and order.
  if (state === 'open') return `sort_key < '1'`;
  if (state === 'ended') return `sort_key >= '1'`;
  return `state = ${value(state)}`;
};

/** PostgreSQL takes no NUL in a text, and a cursor comes from outside. */
const cursorText = (cursor: string): string => Buffer.from(cursor, 'base64url').toString('utf8').replaceAll('\0', '');

/** Signs that mean something to LIKE stand for themselves. */
const likely = (word: string): string => `%${word.replace(/[\\%_]/g, '\\$&')}%`;

const textCondition = (text: string, value: (given: unknown) => string): string[] => {
  const words = wordsOf(text.replaceAll('\0', ''));
  if (words.length === 0) return [];
  const pairs = words.flatMap(pairsOf);
  const found = [
    ...(pairs.length === 0 ? [] : [`pairs @> ${value(pairs)}`]),
    ...words.map((word) => `words LIKE ${value(likely(word))}`),
  ];
  return [`id IN (SELECT work_order FROM hub.work_order_search WHERE ${found.join(' AND ')})`];
};

/** Columns that a filter compares as they are. */
const columns = {
  compound: 'compound',
  device: 'device',
  building: 'building',
  trade: 'trade',
  assignee: 'assignee',
  class: 'service_level',
  priority: 'priority',
} as const;

/** Open orders first, by priority, next deadline and age; then the ended ones, newest first. */
export const workOrders = async (sql: Sql, filter: WorkOrderFilter): Promise<WorkOrderPage> => {
  const values: unknown[] = [];
  const value = (given: unknown): string => `$${values.push(given)}`;
  const conditions: string[] = [];
  for (const [field, column] of Object.entries(columns) as [keyof typeof columns, string][]) {
    if (filter[field] !== undefined) conditions.push(`${column} = ${value(filter[field])}`);
  }
  if (filter.state !== undefined) conditions.push(stateCondition(filter.state, value));
  if (filter.overdueAt !== undefined) conditions.push(`next_due_at < ${value(filter.overdueAt)}`);
  if (filter.text !== undefined) conditions.push(...textCondition(filter.text, value));
  if (filter.cursor !== undefined) {
    conditions.push(`sort_key > ${value(cursorText(filter.cursor))}`);
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const { rows } = await sql.query<{ item: WorkOrderRow }>(
    `SELECT item FROM hub.work_order ${where} ORDER BY sort_key LIMIT ${value(filter.limit + 1)}`,
    values,
  );
  const page = rows.slice(0, filter.limit).map(({ item }) => item);
  const last = page.at(-1);
  const next =
    rows.length > filter.limit && last !== undefined ? Buffer.from(last.sortKey).toString('base64url') : null;
  return { rows: page, next };
};

/** Which compound each of these orders belongs to; an unknown one is missing. */
export const compoundsOfOrders = async (sql: Sql, ids: readonly string[]): Promise<Map<string, string>> => {
  const { rows } = await sql.query<{ id: string; compound: string }>(
    'SELECT id, compound FROM hub.work_order WHERE id = ANY($1)',
    [ids],
  );
  return new Map(rows.map(({ id, compound }) => [id, compound]));
};

/** How a compound stands as a shift ends: open by class, and what came and went since `since` (`null`: ever). */
export const countShift = async (
  sql: Sql,
  compound: string,
  since: string | null,
): Promise<z.infer<typeof shiftFigures>> => {
  const { rows } = await sql.query<{ priority: Priority; open: number; raised: number; closed: number }>(
    `SELECT priority, count(*) FILTER (WHERE sort_key < '1')::int AS open,
            count(*) FILTER (WHERE raised_at >= $2)::int AS raised,
            count(*) FILTER (WHERE closed_at >= $2)::int AS closed
     FROM hub.work_order WHERE compound = $1 GROUP BY priority`,
    [compound, since ?? '-infinity'],
  );
  const of = (priority: Priority) => rows.find((row) => row.priority === priority)?.open ?? 0;
  const total = (name: 'raised' | 'closed') => rows.reduce((sum, row) => sum + row[name], 0);
  return {
    since,
    raised: total('raised'),
    closed: total('closed'),
    open: { P0: of('P0'), P1: of('P1'), P2: of('P2'), P3: of('P3') },
  };
};

/** Who was sent last in turn in a compound; `null` where nobody was. */
export const lastInRotation = async (sql: Sql, compound: string): Promise<string | null> => {
  const { rows } = await sql.query<{ person: string | null }>(
    `SELECT dispatched_to AS person FROM hub.work_order WHERE compound = $1 AND dispatched_by = 'rotation'
     ORDER BY dispatched_at DESC LIMIT 1`,
    [compound],
  );
  return rows[0]?.person ?? null;
};

/**
 * Orders of which the hub has something to say at an instant: a clock ran out or a pause ended, the longest ago first,
 * or what was said turns out to lie ahead.
 */
export const ordersDue = async (sql: Sql, at: string, limit: number): Promise<WorkOrderRow[]> => {
  const { rows } = await sql.query<{ item: WorkOrderRow }>(
    `(SELECT item FROM hub.work_order WHERE timer_at <= $1 ORDER BY timer_at LIMIT $2)
     UNION ALL
     (SELECT item FROM hub.work_order WHERE overdue_until > $1 AND (timer_at > $1 OR timer_at IS NULL) LIMIT $2)`,
    [at, limit],
  );
  return rows.map(({ item }) => item);
};

export interface WorkOrderWithTimeline {
  row: WorkOrderRow;
  timeline: WorkOrderDetail['timeline'];
}

export const workOrder = async (sql: Sql, id: string): Promise<WorkOrderWithTimeline | null> => {
  // In one statement: between two the order may go on, and its steps would say more than its clocks.
  const { rows } = await sql.query<{ item: WorkOrderRow; timeline: WorkOrderDetail['timeline'] }>(
    `SELECT item, coalesce((
       SELECT json_agg(json_build_object('type', type, 'at', at, 'actor', actor, 'data', data) ORDER BY revision)
       FROM hub.work_order_step WHERE work_order = $1), '[]') AS timeline
     FROM hub.work_order WHERE id = $1`,
    [id],
  );
  const [order] = rows;
  if (order === undefined) return null;
  return { row: order.item, timeline: order.timeline.map((step) => ({ ...step, at: isoTime(Date.parse(step.at)) })) };
};

/** An order from its own stream, for whoever has just changed it and can't wait for the board; `null` for no stream. */
export const withTimeline = (stream: RecordedEvent[]): WorkOrderWithTimeline | null => {
  const row = stream.reduce<WorkOrderRow | undefined>(evolveRow, undefined);
  if (row === undefined) return null;
  const timeline = stream.map(({ type, data, meta }) => ({
    type,
    at: meta.occurredAt,
    actor: meta.actor ?? null,
    data: data as Record<string, unknown>,
  }));
  return { row, timeline };
};

/** Open orders of each compound that has any. */
export const openWorkOrderCounts = async (sql: Sql): Promise<Map<string, number>> => {
  const { rows } = await sql.query<{ compound: string; count: number }>(
    `SELECT compound, count(*)::integer AS count FROM hub.work_order WHERE sort_key < '1' GROUP BY compound`,
  );
  return new Map(rows.map(({ compound, count }) => [compound, count]));
};

/** Ids of the open orders of each of these devices that has any, most pressing first. */
export const openWorkOrdersByDevice = async (sql: Sql, devices: string[]): Promise<Map<string, string[]>> => {
  const { rows } = await sql.query<{ device: string; ids: string[] }>(
    `SELECT device, array_agg(id ORDER BY sort_key) AS ids FROM hub.work_order
     WHERE sort_key < '1' AND device = ANY($1) GROUP BY device`,
    [devices],
  );
  return new Map(rows.map(({ device, ids }) => [device, ids]));
};

/** What the registry calls the order's compound, device and place today. */
export interface WorkOrderNames {
  compoundName: string;
  deviceName: string | null;
  place: string | null;
}

export const toItem = (row: WorkOrderRow, names: WorkOrderNames): WorkOrderItem => {
  const { raised, state, pause } = row;
  return {
    id: row.id,
    compound: row.compound,
    compoundName: names.compoundName,
    device: row.device,
    deviceName: names.deviceName ?? raised.deviceName ?? null,
    place: names.place,
    code: row.code,
    title: raised.title,
    text: raised.text ?? null,
    serviceLevel: row.serviceLevel,
    priority: row.priority,
    state: state === 'none' ? 'raised' : state,
    assignee: row.assignee,
    trade: row.trade,
    building: row.building,
    offered: row.offered,
    raisedAt: row.raisedAt,
    late: raised.late,
    faultStanding: row.faultStanding,
    recoveredAt: row.recoveredAt,
    deadlines: openDeadlines(row),
    overdue: clockSteps.filter((step) => row.overdue[step] !== undefined),
    pause: pause === null ? null : { reason: pause.reason, at: pause.at, until: pause.until, stops: [...pause.stops] },
    acknowledgedAt: row.acknowledgedAt,
    dispatchedAt: row.dispatchedAt,
    acceptedAt: row.acceptedAt,
    arrivedAt: row.arrivedAt,
    resolvedAt: row.resolvedAt,
    confirmedAt: row.confirmedAt,
    closedAt: row.closedAt,
    outcome: row.outcome,
    resolvedWithoutRecovery: row.resolvedWithoutRecovery,
    offersClose: offersClose(row),
    costFen: row.costFen,
    photos: [...row.photos],
    reports: row.reports,
  };
};

export const toDetail = ({ row, timeline }: WorkOrderWithTimeline, names: WorkOrderNames): WorkOrderDetail => ({
  ...toItem(row, names),
  timeline,
  allowed: allowedCommands(row),
});
