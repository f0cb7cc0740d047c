import type { Projection } from '../../event-log/projection.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.dead_letter (
    id uuid PRIMARY KEY,
    received_at timestamptz NOT NULL,
    compound text,
    device text,
    data jsonb NOT NULL,
    replayed_at timestamptz,
    replay_outcome text);
  CREATE INDEX IF NOT EXISTS dead_letter_newest ON hub.dead_letter (received_at DESC, id DESC)`;

interface Replayed {
  deadLetter: string;
  outcome: string;
}

/** The refused payloads and what became of them when they were taken up again. The bytes stand in `refused_payload`. */
export const deadLettersProjection: Projection = {
  name: 'dead-letters',
  version: 1,
  schema,
  tables: ['hub.dead_letter'],
  handles: ['ingest.payload-refused', 'ingest.payload-replayed'],
  async apply(sql, events) {
    for (const { id, type, data, meta } of events) {
      if (type === 'ingest.payload-refused') {
        await sql.query(
          `INSERT INTO hub.dead_letter (id, received_at, compound, device, data) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT DO NOTHING`,
          [id, meta.receivedAt, meta.compound ?? null, meta.device ?? null, data],
        );
      } else {
        const { deadLetter, outcome } = data as Replayed;
        await sql.query('UPDATE hub.dead_letter SET replayed_at = $2, replay_outcome = $3 WHERE id = $1', [
          deadLetter,
          meta.occurredAt,
          outcome,
        ]);
      }
    }
  },
};
