import type { RecordedEvent } from '../event-log/event.ts';
import { isoTime } from '../runtime/clock.ts';
import type { Sql } from '../runtime/sql.ts';
import { type DeliveryState, initialDelivery } from './delivery-state.ts';

/** What a target hasn't taken yet, as far as it was read. */
export interface Waiting {
  event: string;
  type: string;
  since: string;
  /** At least so many, itself among them. */
  count: number;
  more: boolean;
}

export interface DeadLetterRow {
  eventId: string;
  stream: string;
  revision: number;
  type: string;
  compound: string | null;
  reason: string;
  diedAt: string;
  state: 'dead' | 'wished' | 'delivered';
  wishedBy: string | null;
  deliveredAt: string | null;
  number: string;
}

/** Where one target stands. */
export const createDeliveryStore = (sql: Sql, target: string) => ({
  async load(): Promise<DeliveryState | undefined> {
    const { rows } = await sql.query<{ state: DeliveryState }>(
      'SELECT state FROM hub.outbound_delivery WHERE target = $1',
      [target],
    );
    return rows[0] === undefined ? undefined : { ...initialDelivery, ...rows[0].state };
  },
  async save(state: DeliveryState, waiting: Waiting | null): Promise<void> {
    await sql.query(
      `INSERT INTO hub.outbound_delivery (target, state, waiting) VALUES ($1, $2, $3)
       ON CONFLICT (target) DO UPDATE SET state = excluded.state, waiting = excluded.waiting, updated_at = now()`,
      [target, JSON.stringify(state), waiting === null ? null : JSON.stringify(waiting)],
    );
  },
  /** Known already: it was replayed and failed again. */
  async bury(event: RecordedEvent, reason: string, nowMs: number): Promise<void> {
    await sql.query(
      `INSERT INTO hub.outbound_dead_letter (target, event_id, stream, revision, type, compound, reason, died_at, state)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'dead')
       ON CONFLICT (target, event_id) DO UPDATE SET state = 'dead', reason = excluded.reason, died_at = excluded.died_at`,
      [target, event.id, event.stream, event.revision, event.type, event.meta.compound ?? null, reason, isoTime(nowMs)],
    );
  },
  async wished(limit: number): Promise<Pick<DeadLetterRow, 'eventId' | 'stream' | 'revision'>[]> {
    const { rows } = await sql.query<Pick<DeadLetterRow, 'eventId' | 'stream' | 'revision'>>(
      `SELECT event_id AS "eventId", stream, revision FROM hub.outbound_dead_letter
       WHERE target = $1 AND state = 'wished' ORDER BY number LIMIT $2`,
      [target, limit],
    );
    return rows;
  },
  async raised(eventId: string, nowMs: number): Promise<void> {
    await sql.query(
      `UPDATE hub.outbound_dead_letter SET state = 'delivered', delivered_at = $3 WHERE target = $1 AND event_id = $2`,
      [target, eventId, isoTime(nowMs)],
    );
  },
});

export type DeliveryStore = ReturnType<typeof createDeliveryStore>;

/** The secrets that a target's messages are signed with, the newest first. */
export const signingSecrets = async (sql: Sql, target: string, nowMs: number): Promise<string[]> => {
  const { rows } = await sql.query<{ secret: string }>(
    `SELECT secret FROM hub.outbound_secret WHERE target = $1 AND (until_at IS NULL OR until_at > $2)
     ORDER BY until_at DESC NULLS FIRST`,
    [target, isoTime(nowMs)],
  );
  return rows.map(({ secret }) => secret);
};

/** A new secret signs beside the one before until then, and alone after it. */
export const keepSecret = async (sql: Sql, target: string, secret: string, previousUntil: string): Promise<void> => {
  await sql.query('DELETE FROM hub.outbound_secret WHERE target = $1 AND until_at IS NOT NULL', [target]);
  await sql.query('UPDATE hub.outbound_secret SET until_at = $2 WHERE target = $1', [target, previousUntil]);
  await sql.query('INSERT INTO hub.outbound_secret (target, secret) VALUES ($1, $2)', [target, secret]);
};

export const forgetSecrets = async (sql: Sql, target: string): Promise<void> => {
  await sql.query('DELETE FROM hub.outbound_secret WHERE target = $1', [target]);
};
