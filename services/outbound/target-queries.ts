import { z } from 'zod';
import { instant } from '../runtime/schema.ts';
import type { Sql } from '../runtime/sql.ts';
import { type DeliveryState, initialDelivery } from './delivery-state.ts';
import type { DeadLetterRow, Waiting } from './delivery-store.ts';
import type { TargetRow } from './targets-projection.ts';

export const targetItem = z.object({
  id: z.string(),
  /** `atlas-cmms`: the connector that the hub's settings name. */
  kind: z.enum(['webhook', 'atlas-cmms']),
  name: z.string(),
  url: z.string(),
  /** None: all of them. */
  compounds: z.array(z.string()),
  types: z.array(z.string()),
  status: z.enum(['active', 'paused', 'removed']),
  registeredAt: instant.nullable(),
  /** Everything in the log up to here it has taken, or it is a dead letter. */
  position: z.string().nullable(),
  delivered: z.int(),
  /** What it hasn't taken yet: the next event, since when that waits, and how many wait at least. */
  waiting: z
    .object({ event: z.string(), type: z.string(), since: instant, count: z.int(), more: z.boolean() })
    .nullable(),
  /** `open`: it counts as down until `nextTryAt`; `half-open`: its next event is the trial. */
  breaker: z.enum(['closed', 'open', 'half-open']),
  failingSince: instant.nullable(),
  nextTryAt: instant.nullable(),
  lastAnswer: z.string().nullable(),
  lastAnswerAt: instant.nullable(),
  lastTakenAt: instant.nullable(),
  deadLetters: z.int(),
  /** Of a connector: what was wished over there and refused here. */
  troubles: z.array(z.object({ order: z.string(), text: z.string() })),
});
export type TargetItem = z.infer<typeof targetItem>;

export const targetDeadLetter = z.object({
  event: z.string(),
  order: z.string(),
  type: z.string(),
  compound: z.string().nullable(),
  reason: z.string(),
  diedAt: instant,
  /** `wished`: it is being sent again. */
  state: z.enum(['dead', 'wished', 'delivered']),
  wishedBy: z.string().nullable(),
  deliveredAt: instant.nullable(),
});
export type TargetDeadLetter = z.infer<typeof targetDeadLetter>;

/** Another system that the hub's settings name. */
export interface Connector {
  id: 'atlas-cmms';
  name: string;
  url: string;
  /** None: all of them. */
  compounds: string[];
}

interface Standing {
  state: DeliveryState;
  waiting: Waiting | null;
  deadLetters: number;
  troubles: { order: string; text: string }[];
}

const troublesMax = 20;

/** Where every target stands; also those that stand in no register (connectors). */
export const standings = async (sql: Sql): Promise<Map<string, Standing>> => {
  const { rows } = await sql.query<Standing & { target: string }>(
    `SELECT target, state, waiting,
            (SELECT count(*)::integer FROM hub.outbound_dead_letter d
             WHERE d.target = o.target AND d.state <> 'delivered') AS "deadLetters",
            (SELECT coalesce(jsonb_agg(jsonb_build_object('order', work_order, 'text', trouble)), '[]') FROM (
               SELECT work_order, trouble FROM hub.connector_link
               WHERE connector = o.target AND trouble IS NOT NULL ORDER BY work_order LIMIT $1) t) AS troubles
     FROM hub.outbound_delivery o ORDER BY target`,
    [troublesMax],
  );
  return new Map(rows.map(({ target, ...standing }) => [target, standing]));
};

const itemOf = (
  described: Pick<TargetItem, 'id' | 'kind' | 'name' | 'url' | 'compounds' | 'types' | 'status' | 'registeredAt'>,
  standing: Standing | undefined,
  nowMs: number,
): TargetItem => {
  const { state, waiting = null, deadLetters = 0, troubles = [] } = standing ?? { state: initialDelivery };
  const { breaker, nextTryAt, attempts: _attempts, failures: _failures, ...rest } = state;
  const isTrial = breaker === 'open' && (nextTryAt === null || Date.parse(nextTryAt) <= nowMs);
  return {
    ...described,
    ...rest,
    ...{ nextTryAt, waiting, deadLetters, troubles },
    breaker: isTrial ? 'half-open' : breaker,
  };
};

export const targetItemOf = (
  { id, name, url, compounds, types, status, registeredAt }: Omit<TargetRow, 'from' | 'activeSince' | 'revision'>,
  standing: Standing | undefined,
  nowMs: number,
): TargetItem => {
  const now = status === 'none' ? 'removed' : status;
  return itemOf({ id, kind: 'webhook', name, url, compounds, types, registeredAt, status: now }, standing, nowMs);
};

export const connectorItemOf = (
  { id, name, url, compounds }: Connector,
  standing: Standing | undefined,
  nowMs: number,
): TargetItem => {
  const settings = { types: ['work-order.*'], status: 'active' as const, registeredAt: null };
  return itemOf({ id, kind: id, name, url, compounds, ...settings }, standing, nowMs);
};

export const targetDeadLetters = async (
  sql: Sql,
  target: string,
  { limit, cursor, state }: { limit: number; cursor?: string | undefined; state?: DeadLetterRow['state'] | undefined },
): Promise<{ items: TargetDeadLetter[]; next: string | null }> => {
  const { rows } = await sql.query<
    Omit<DeadLetterRow, 'diedAt' | 'deliveredAt'> & { diedAt: Date; deliveredAt: Date | null }
  >(
    `SELECT number, event_id AS "eventId", stream, type, compound, reason, died_at AS "diedAt", state,
            wished_by AS "wishedBy", delivered_at AS "deliveredAt"
     FROM hub.outbound_dead_letter
     WHERE target = $1 AND ($2::bigint IS NULL OR number < $2) AND ($3::text IS NULL OR state = $3)
     ORDER BY number DESC LIMIT $4`,
    [target, /^\d+$/.test(cursor ?? '') ? cursor : null, state ?? null, limit + 1],
  );
  const shown = rows.slice(0, limit);
  return {
    items: shown.map(({ eventId, stream, type, compound, reason, diedAt, state: now, wishedBy, deliveredAt }) => ({
      ...{ event: eventId, order: stream.replace('work-order-', ''), type, compound, reason, state: now, wishedBy },
      diedAt: diedAt.toISOString(),
      deliveredAt: deliveredAt?.toISOString() ?? null,
    })),
    next: rows.length > limit ? shown.at(-1)!.number : null,
  };
};

/** Wishes dead letters to be sent again, all of them or those of these events. Answers how many. */
export const wishDeadLetters = async (
  sql: Sql,
  target: string,
  { events, by, now }: { events: string[] | undefined; by: string; now: string },
): Promise<number> => {
  const { rowCount } = await sql.query(
    `UPDATE hub.outbound_dead_letter SET state = 'wished', wished_by = $3, wished_at = $4
     WHERE target = $1 AND state = 'dead' AND ($2::text[] IS NULL OR event_id = ANY($2))`,
    [target, events ?? null, by, now],
  );
  return rowCount ?? 0;
};
