import { Refusal } from '../../event-log/decider.ts';
import type { RecordedEvent } from '../../event-log/event.ts';
import type { Sql } from '../../runtime/sql.ts';
import type { Counts, RatingReplay, RatingReplayEvent, ReplayChange } from './replay.ts';

interface Row {
  id: string;
  standard: string;
  from_day: string;
  to_day: string;
  requested_at: Date;
  requested_by: string;
  ended: 'finished' | 'cancelled' | 'failed' | null;
  ended_at: Date | null;
  reason: string | null;
  summary: Counts | null;
  days: Counts | null;
  is_planned: boolean;
  done: number;
  total: number;
}

const progressColumns = (id: string): string => `
  EXISTS (SELECT FROM hub.rating_replay_run WHERE replay = ${id}) AS is_planned,
  (SELECT count(*)::integer FROM hub.rating_replay_compound WHERE replay = ${id}) AS total,
  (SELECT count(*)::integer FROM hub.rating_replay_compound WHERE replay = ${id} AND done_at IS NOT NULL) AS done`;

const stateOf = ({ ended, is_planned }: Pick<Row, 'ended' | 'is_planned'>): RatingReplay['state'] => {
  if (ended !== null) return ended === 'finished' ? 'done' : ended;
  return is_planned ? 'running' : 'queued';
};

const replayOf = (row: Row): RatingReplay => ({
  id: row.id,
  standard: row.standard,
  from: row.from_day,
  to: row.to_day,
  requestedAt: row.requested_at.toISOString(),
  requestedBy: row.requested_by,
  state: stateOf(row),
  progress: { done: row.done, total: row.total },
  finishedAt: row.ended_at?.toISOString() ?? null,
  failure: row.reason,
  summary: row.summary,
  days: row.days,
});

const keysetOf = (cursor: string | undefined): string[] =>
  cursor === undefined ? [] : Buffer.from(cursor, 'base64url').toString('utf8').replaceAll('\0', '').split(' ');
const cursorOf = (...keys: string[]): string => Buffer.from(keys.join(' ')).toString('base64url');

/** Newest first. */
export const ratingReplays = async (
  sql: Sql,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: RatingReplay[]; next: string | null }> => {
  const [before] = keysetOf(cursor);
  const { rows } = await sql.query<Row>(
    `SELECT id, standard, from_day::text, to_day::text, requested_at, requested_by, ended, ended_at, reason, summary,
       days, ${progressColumns('id')}
     FROM hub.rating_replay
     WHERE $2::text IS NULL
       OR (requested_at, id) < (SELECT r.requested_at, r.id FROM hub.rating_replay AS r WHERE r.id = $2)
     ORDER BY requested_at DESC, id DESC LIMIT $1`,
    [limit + 1, before ?? null],
  );
  const items = rows.slice(0, limit).map(replayOf);
  return { items, next: rows.length > limit ? cursorOf(items.at(-1)!.id) : null };
};

/** A replay by its own stream, for whoever has just asked for it and can't wait for the read model; `null` for none. */
export const ratingReplayOf = async (sql: Sql, stream: readonly RecordedEvent[]): Promise<RatingReplay | null> => {
  const [requested] = stream as readonly (RecordedEvent & RatingReplayEvent)[];
  if (requested?.type !== 'rating-replay.requested') return null;
  const id = requested.stream.slice('rating-replay-'.length);
  const end = stream.slice(1).at(-1) as (RecordedEvent & RatingReplayEvent) | undefined;
  const { rows } = await sql.query<Pick<Row, 'is_planned' | 'done' | 'total'>>(`SELECT ${progressColumns('$1')}`, [id]);
  const finished = end?.type === 'rating-replay.finished' ? end.data : { summary: null, days: null };
  return replayOf({
    id,
    standard: requested.data.standard,
    from_day: requested.data.from,
    to_day: requested.data.to,
    requested_at: new Date(requested.meta.occurredAt),
    requested_by: requested.meta.actor ?? '',
    ended: (end?.type.slice('rating-replay.'.length) as Row['ended'] | undefined) ?? null,
    ended_at: end === undefined ? null : new Date(end.meta.occurredAt),
    reason: end?.type === 'rating-replay.failed' ? end.data.reason : null,
    ...finished,
    ...rows[0]!,
  });
};

/** Replays that wait or run. */
export const openReplayCount = async (sql: Sql): Promise<number> => {
  const { rows } = await sql.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM hub.rating_replay WHERE ended IS NULL',
  );
  return rows[0]!.count;
};

export interface ChangesFilter {
  replay: string;
  direction?: 'up' | 'down' | undefined;
  compound?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** Who would have stood elsewhere and when, by compound and day. Refuses a replay whose results were given up. */
export const replayChanges = async (
  sql: Sql,
  { replay, direction, compound, limit, cursor }: ChangesFilter,
): Promise<{ items: Omit<ReplayChange, 'name'>[]; next: string | null }> => {
  const { rows: runs } = await sql.query<{ dropped: boolean }>(
    `SELECT NOT EXISTS (SELECT FROM hub.rating_replay_run WHERE replay = $1) AS dropped
     FROM hub.rating_replay WHERE id = $1 AND ended = 'finished'`,
    [replay],
  );
  if (runs[0]?.dropped)
    throw new Refusal('rating-replay.dropped', 'newer replays have taken the place of its results; ask for it again');
  const [afterCompound, afterDay] = keysetOf(cursor);
  const { rows } = await sql.query<Omit<ReplayChange, 'name'>>(
    `SELECT compound, day::text, until_day::text AS until, days, stars_in_force AS "starsInForce",
       stars_replayed AS "starsReplayed", criteria
     FROM hub.rating_replay_change
     WHERE replay = $1 AND ($2::text IS NULL OR compound = $2)
       AND ($3::text IS NULL OR (stars_replayed > stars_in_force) = ($3 = 'up'))
       AND ($4::text IS NULL OR (compound, day::text) > ($4, $5))
     ORDER BY compound, day LIMIT $6`,
    [replay, compound ?? null, direction ?? null, afterCompound ?? null, afterDay ?? '', limit + 1],
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? cursorOf(last.compound, last.day) : null };
};
