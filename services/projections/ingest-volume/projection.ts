import type { RecordedEvent } from '../../event-log/event.ts';
import type { Projection } from '../../event-log/projection.ts';
import { isSaidByPeople } from '../../registry/events.ts';
import { noteColumns, unseenEvents } from '../unseen-events.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS hub.ingest_stream ${noteColumns};
  CREATE TABLE IF NOT EXISTS hub.ingest_hour (
    compound text NOT NULL, hour timestamptz NOT NULL, subject text NOT NULL,
    events integer NOT NULL, late integer NOT NULL, clock_untrusted integer NOT NULL,
    PRIMARY KEY (compound, hour, subject));
  CREATE INDEX IF NOT EXISTS ingest_hour_hour ON hub.ingest_hour (hour)`;

/** Criterion ACC-5 asks for 60 s from event to receipt; the same limit tells what came late here. */
const lateSeconds = 60;

interface HourCount {
  compound: string;
  hour: string;
  subject: string;
  events: number;
  late: number;
  clock_untrusted: number;
}

const count = (events: readonly RecordedEvent[]): HourCount[] => {
  const counts = new Map<string, HourCount>();
  for (const { type, meta } of events) {
    const { compound, receivedAt, occurredAt } = meta;
    if (compound === undefined || isSaidByPeople(type)) continue;
    const dayAndHour = receivedAt.slice(0, 13);
    const subject = type.slice(0, type.indexOf('.'));
    // Both stand before the compound because no space is in either.
    const key = `${dayAndHour} ${subject} ${compound}`;
    let own = counts.get(key);
    if (own === undefined) {
      own = { compound, hour: `${dayAndHour}:00:00.000Z`, subject, events: 0, late: 0, clock_untrusted: 0 };
      counts.set(key, own);
    }
    own.events += 1;
    // Most say it within the second.
    const isOfOneSecond = receivedAt.startsWith(occurredAt.slice(0, 19));
    if (!isOfOneSecond && Date.parse(receivedAt) - Date.parse(occurredAt) > lateSeconds * 1000) own.late += 1;
    if (meta.clock === 'untrusted') own.clock_untrusted += 1;
  }
  return [...counts.values()];
};

/** How much each compound's devices said, by the hour of receipt, so that no report has to count the log. */
export const ingestVolumeProjection: Projection = {
  name: 'ingest-volume',
  version: 1,
  schema,
  tables: ['hub.ingest_stream', 'hub.ingest_hour'],
  handles: ['device.*', 'gate.*', 'charging.*', 'camera.*', 'sensor.*', 'ingest.*'],
  opens: [],
  async apply(sql, events) {
    const counts = count(await unseenEvents(sql, 'hub.ingest_stream', events));
    if (counts.length === 0) return;
    await sql.query(
      `INSERT INTO hub.ingest_hour (compound, hour, subject, events, late, clock_untrusted)
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS row (compound text, hour timestamptz, subject text,
         events integer, late integer, clock_untrusted integer)
       ON CONFLICT (compound, hour, subject) DO UPDATE SET events = ingest_hour.events + excluded.events,
         late = ingest_hour.late + excluded.late,
         clock_untrusted = ingest_hour.clock_untrusted + excluded.clock_untrusted`,
      [JSON.stringify(counts)],
    );
  },
};
