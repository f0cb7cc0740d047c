import type { RecordedEvent } from '../event-log/event.ts';
import type { Sql } from '../runtime/sql.ts';
import type { Notice } from './notice-events.ts';

/** In the place of a person: the compound's topic, or the fact that the roster knew nobody. */
export const everybody = '*';

export interface NewDelivery {
  notice: string;
  person: string;
  channel: string;
  compound: string;
  order: string | null;
  data: Notice;
  issuedAt: string;
  state: 'waiting' | 'sent' | 'failed';
  outcome: string | null;
}

/** What a notice sends: to each person by each channel that goes to a person, and once to the topic. */
export const plannedDeliveries = (event: RecordedEvent, notice: Notice): NewDelivery[] => {
  const { occurredAt: issuedAt } = event.meta;
  const base = { notice: event.id, compound: notice.compound, order: notice.order ?? null, data: notice, issuedAt };
  const personal = notice.channels.filter((channel) => channel !== 'mqtt');
  const toPeople = notice.tells.flatMap(({ person }) =>
    personal.map((channel) => ({ ...base, person, channel, state: 'waiting' as const, outcome: null })),
  );
  // The topic is told from the log itself, at least once.
  const toTopic = notice.channels.includes('mqtt')
    ? [{ ...base, person: everybody, channel: 'mqtt', state: 'sent' as const, outcome: 'told on the topic' }]
    : [];
  const toNobody =
    notice.tells.length === 0 && personal.length > 0
      ? [{ ...base, person: everybody, channel: 'roster', state: 'failed' as const, outcome: 'nobody has duty' }]
      : [];
  return [...toPeople, ...toTopic, ...toNobody];
};

export const putDeliveries = async (sql: Sql, deliveries: readonly NewDelivery[]): Promise<void> => {
  if (deliveries.length === 0) return;
  await sql.query(
    `INSERT INTO hub.notice_delivery (notice, person, channel, compound, work_order, data, issued_at, state, outcome,
         next_try_at, settled_at)
       SELECT row->>'notice', row->>'person', row->>'channel', row->>'compound', row->>'order', row->'data',
              (row->>'issuedAt')::timestamptz, row->>'state', row->>'outcome',
              CASE row->>'state' WHEN 'waiting' THEN (row->>'issuedAt')::timestamptz END,
              CASE row->>'state' WHEN 'waiting' THEN NULL ELSE (row->>'issuedAt')::timestamptz END
       FROM jsonb_array_elements($1::jsonb) AS row
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(deliveries)],
  );
};

export interface DueDelivery {
  notice: string;
  person: string;
  channel: string;
  data: Notice;
  issuedAt: Date;
  attempts: number;
}

export const dueDeliveries = async (sql: Sql, now: string, limit: number): Promise<DueDelivery[]> => {
  const { rows } = await sql.query<DueDelivery>(
    `SELECT notice, person, channel, data, issued_at AS "issuedAt", attempts FROM hub.notice_delivery
     WHERE state = 'waiting' AND next_try_at <= $1 ORDER BY next_try_at LIMIT $2`,
    [now, limit],
  );
  return rows;
};

export interface Settled {
  state: 'waiting' | 'sent' | 'failed';
  outcome: string;
  nextTryAt: string | null;
}

export const settleDelivery = async (
  sql: Sql,
  { notice, person, channel }: Pick<DueDelivery, 'notice' | 'person' | 'channel'>,
  { state, outcome, nextTryAt }: Settled,
  now: string,
): Promise<void> => {
  await sql.query(
    `UPDATE hub.notice_delivery SET state = $4, outcome = $5, next_try_at = $6, attempts = attempts + 1,
       settled_at = CASE WHEN $4 = 'waiting' THEN NULL ELSE $7::timestamptz END
     WHERE notice = $1 AND person = $2 AND channel = $3`,
    [notice, person, channel, state, outcome, nextTryAt, now],
  );
};
