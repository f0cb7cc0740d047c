import type { RecordedEvent } from '../../event-log/event.ts';
import type { Projection } from '../../event-log/projection.ts';
import type { Sql } from '../../runtime/sql.ts';
import { type RatingReplayEvent, replayStream } from './replay.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.rating_replay (
    id text PRIMARY KEY, standard text NOT NULL, from_day date NOT NULL, to_day date NOT NULL, compounds jsonb NOT NULL,
    requested_at timestamptz NOT NULL, requested_by text NOT NULL,
    ended text, ended_at timestamptz, reason text, summary jsonb, days jsonb);
  CREATE INDEX IF NOT EXISTS rating_replay_requested ON hub.rating_replay (requested_at, id)`;

const applyOne = async (sql: Sql, event: RecordedEvent & RatingReplayEvent): Promise<void> => {
  const id = event.stream.slice(replayStream('').length);
  const { type, data, meta } = event;
  if (type === 'rating-replay.requested') {
    await sql.query(
      `INSERT INTO hub.rating_replay (id, standard, from_day, to_day, compounds, requested_at, requested_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`,
      [id, data.standard, data.from, data.to, JSON.stringify(data.compounds), meta.occurredAt, meta.actor ?? ''],
    );
    return;
  }
  const counts = type === 'rating-replay.finished' ? data : { summary: null, days: null };
  await sql.query(
    `UPDATE hub.rating_replay SET ended = $2, ended_at = $3, reason = $4, summary = $5, days = $6 WHERE id = $1`,
    [
      id,
      type.slice('rating-replay.'.length),
      meta.occurredAt,
      type === 'rating-replay.failed' ? data.reason : null,
      counts.summary === null ? null : JSON.stringify(counts.summary),
      counts.days === null ? null : JSON.stringify(counts.days),
    ],
  );
};

/** Who asked for which replay of ratings, and how it ended. What it found stands beside, written by whoever rates. */
export const ratingReplayProjection: Projection = {
  name: 'rating-replay',
  version: 1,
  schema,
  tables: ['hub.rating_replay'],
  handles: ['rating-replay.*'],
  async apply(sql, events) {
    for (const event of events) await applyOne(sql, event as RecordedEvent & RatingReplayEvent);
  },
};
