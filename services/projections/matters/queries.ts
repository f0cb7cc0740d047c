import type { RecordedEvent } from '../../event-log/event.ts';
import type { Sql } from '../../runtime/sql.ts';
import type { WatchedOrder } from '../../work-orders/ladder/climbing.ts';
import { departmentTitle, type Ladder } from '../../work-orders/ladder/ladder.ts';
import { openClocks } from '../../work-orders/ladder/matter-clocks.ts';
import { allowedMatterCommands } from '../../work-orders/ladder/matter-transitions.ts';
import type { MatterRow } from './row.ts';
import { evolveMatterRow } from './row.ts';
import type { MatterDetail, MatterItem } from './shapes.ts';

export interface MatterFilter {
  compound?: string | undefined;
  street?: string | undefined;
  /** `open`: neither closed nor declined; `ended`: either; else one state. */
  state?: string | undefined;
  level?: string | undefined;
  department?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** PostgreSQL takes no NUL in a text, and a cursor comes from outside. */
const cursorText = (cursor: string): string => Buffer.from(cursor, 'base64url').toString('utf8').replaceAll('\0', '');

/** Open matters first, the highest level and the next card on top; then the ended ones, newest first. */
export const matters = async (sql: Sql, filter: MatterFilter): Promise<{ rows: MatterRow[]; next: string | null }> => {
  const values: unknown[] = [];
  const value = (given: unknown): string => `$${values.push(given)}`;
  const conditions: string[] = [];
  for (const column of ['compound', 'street', 'level'] as const) {
    if (filter[column] !== undefined) conditions.push(`${column} = ${value(filter[column])}`);
  }
  if (filter.state === 'open') conditions.push(`sort_key < '1'`);
  else if (filter.state === 'ended') conditions.push(`sort_key >= '1'`);
  else if (filter.state !== undefined) conditions.push(`state = ${value(filter.state)}`);
  if (filter.department !== undefined) {
    conditions.push(`id IN (SELECT matter FROM hub.matter_whistle WHERE department = ${value(filter.department)})`);
  }
  if (filter.cursor !== undefined) conditions.push(`sort_key > ${value(cursorText(filter.cursor))}`);
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const { rows } = await sql.query<{ item: MatterRow }>(
    `SELECT item FROM hub.matter ${where} ORDER BY sort_key LIMIT ${value(filter.limit + 1)}`,
    values,
  );
  const page = rows.slice(0, filter.limit).map(({ item }) => item);
  const last = page.at(-1);
  const isMore = rows.length > filter.limit && last !== undefined;
  return { rows: page, next: isMore ? Buffer.from(last.sortKey).toString('base64url') : null };
};

/** The open matter in which an order stands, if any. */
export const openMatterOf = async (sql: Sql, order: string): Promise<string | null> => {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT id FROM hub.matter WHERE sort_key < '1' AND item->'referred'->'orders' ? $1 LIMIT 1`,
    [order],
  );
  return rows[0]?.id ?? null;
};

/** Matters with a card to show at an instant, the newest first: one that can't go on must not hold up the others. */
export const mattersDue = async (sql: Sql, at: string, limit: number): Promise<MatterRow[]> => {
  const { rows } = await sql.query<{ item: MatterRow }>(
    'SELECT item FROM hub.matter WHERE timer_at <= $1 ORDER BY timer_at DESC LIMIT $2',
    [at, limit],
  );
  return rows.map(({ item }) => item);
};

/** Orders that climb, or of whose end their matter hasn't heard; the newest first, for the same reason. */
export const ordersClimbing = async (sql: Sql, at: string, limit: number): Promise<WatchedOrder[]> => {
  const { rows } = await sql.query<{ item: WatchedOrder }>(
    'SELECT item FROM hub.matter_watch WHERE timer_at <= $1 ORDER BY timer_at DESC LIMIT $2',
    [at, limit],
  );
  return rows.map(({ item }) => item);
};

/** Matters with entries that are still to come into their compound's record. */
export const mattersUnrecorded = async (sql: Sql, limit: number): Promise<MatterRow[]> => {
  const { rows } = await sql.query<{ item: MatterRow }>('SELECT item FROM hub.matter WHERE has_records LIMIT $1', [
    limit,
  ]);
  return rows.map(({ item }) => item);
};

export const toMatterItem = (row: MatterRow, ladder: Ladder, compoundName: string): MatterItem => {
  const { referred, cards } = row;
  const cardOf = (clock: string, dueAt: string) =>
    cards.findLast((card) => card.clock === clock && card.dueAt === dueAt)?.colour ?? null;
  return {
    id: row.id,
    compound: referred.compound,
    compoundName,
    street: referred.street ?? null,
    title: referred.title,
    text: referred.text ?? null,
    orders: referred.orders,
    priority: referred.priority ?? null,
    cause: referred.cause,
    state: row.state === 'none' ? 'referred' : row.state,
    level: row.level ?? 'L1',
    referredAt: referred.referredAt,
    closedAt: row.closedAt,
    outcome: row.outcome,
    supervisedFor: row.supervisedFor,
    meeting: row.meeting,
    clocks: openClocks(row).map(({ clock, due }) => ({
      ...{ clock, dueAt: due.at, unit: due.unit },
      card: cardOf(clock, due.at),
    })),
    cards: row.cards,
    returns: row.returns,
    whistles: row.whistles.map(({ id, department, emergency, state, blownAt, ...whistle }) => ({
      ...{ id, department, emergency, state, blownAt },
      departmentTitle: departmentTitle(ladder, department),
      reportInDueAt: whistle.reportIn.at,
      reportedInAt: row.times[id]?.reportedInAt ?? null,
      returnUntil: whistle.returnUntil,
      returnedAt: row.times[id]?.returnedAt ?? null,
      closeDueAt: whistle.close.at,
      extendedDays: whistle.extendedDays,
      finishedAt: row.times[id]?.finishedAt ?? null,
      redone: whistle.redone,
      score: whistle.score,
    })),
  };
};

/** A matter from its own stream, for whoever has just changed it and can't wait; `null` for no stream. */
export const toMatterDetail = (
  stream: readonly RecordedEvent[],
  ladder: Ladder,
  nameOf: (compound: string) => string,
): MatterDetail | null => {
  const row = stream.reduce<MatterRow | undefined>(
    (before, event) => evolveMatterRow(before, event, ladder),
    undefined,
  );
  if (row === undefined) return null;
  const timeline = stream.map(({ type, data, meta }) => ({
    ...{ type, at: meta.occurredAt, actor: meta.actor ?? null },
    data: data as Record<string, unknown>,
  }));
  return { ...toMatterItem(row, ladder, nameOf(row.referred.compound)), timeline, allowed: allowedMatterCommands(row) };
};
