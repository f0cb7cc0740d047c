import { isoTime } from '../runtime/clock.ts';
import { type Keeper, keepLooking } from '../runtime/keep-looking.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Sql } from '../runtime/sql.ts';

/** A longer message is a picture for the most part; its beginning tells what it was. */
const payloadBytesMax = 16 * 1024;
const waitingBytesMax = 32 * 1024 * 1024;
/** As many as one look writes: evidence must not take the disk from what devices are told is durable. */
const writtenMax = 2_000;
const everyMs = 1_000;
/** The window of a rating, and a few days to look at it. */
const keptDays = 35;

export interface RawMessage {
  /** Whose credential it came with. */
  sender: string;
  dialect: string;
  topic: string;
  payload: Uint8Array;
  receivedAtMs: number;
}

/** Of a long message the first 16 KiB are kept. */
export interface KeptMessage extends RawMessage {
  sizeBytes: number;
}

export interface RawMessages {
  /** Takes a recorded message, and the ids of the events that it became; never waits. */
  keep(message: RawMessage, events: readonly string[]): void;
}

interface Waiting extends KeptMessage {
  events: readonly string[];
}

const write = async (sql: Sql, rows: readonly Waiting[]): Promise<void> => {
  await sql.query(
    `INSERT INTO hub.raw_message (received_at, sender, dialect, topic, payload, size_bytes, events)
     SELECT received_at, sender, dialect, topic, payload, size_bytes, events::uuid[]
     FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::integer[], $7::text[])
       AS kept (received_at, sender, dialect, topic, payload, size_bytes, events)`,
    [
      rows.map(({ receivedAtMs }) => isoTime(receivedAtMs)),
      rows.map(({ sender }) => sender),
      rows.map(({ dialect }) => dialect),
      rows.map(({ topic }) => topic),
      rows.map(({ payload }) => Buffer.from(payload)),
      rows.map(({ sizeBytes }) => sizeBytes),
      rows.map(({ events }) => `{${events.join(',')}}`),
    ],
  );
};

/** Erases what no rating looks back to any more. */
export const expireRawMessages = async (sql: Sql, nowMs: number): Promise<void> => {
  await sql.query('DELETE FROM hub.raw_message WHERE received_at < $1', [isoTime(nowMs - keptDays * 86_400_000)]);
};

/** The message from which an event came that the hub took in at that instant. */
export const findRawMessage = async (
  sql: Sql,
  event: { id: string; receivedAt: string },
): Promise<KeptMessage | undefined> => {
  const { rows } = await sql.query<Omit<KeptMessage, 'receivedAtMs'> & { receivedAt: Date }>(
    `SELECT sender, dialect, topic, payload, size_bytes AS "sizeBytes", received_at AS "receivedAt"
     FROM hub.raw_message WHERE received_at = $1 AND $2 = ANY(events) LIMIT 1`,
    [event.receivedAt, event.id],
  );
  const [found] = rows;
  if (found === undefined) return undefined;
  const { receivedAt, ...message } = found;
  return { ...message, receivedAtMs: receivedAt.getTime() };
};

interface Parts {
  sql: Sql;
  metrics: Pick<Metrics, 'rawMessagesNotKept'>;
  logger: Pick<Logger, 'error'>;
}

/**
 * Keeps recorded messages word for word, beside the way of the acknowledgement: what can't be written in time is
 * counted and left out, for the events are the record.
 */
export const keepRawMessages = ({ sql, metrics, logger }: Parts): RawMessages & Keeper => {
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  const flush = async (): Promise<'more' | undefined> => {
    const taken = waiting.slice(0, writtenMax);
    if (taken.length === 0) return undefined;
    await write(sql, taken);
    waiting = waiting.slice(taken.length);
    waitingBytes -= taken.reduce((sum, { payload }) => sum + payload.byteLength, 0);
    return undefined;
  };
  const keeper = keepLooking({
    look: flush,
    everyMs,
    failure: 'messages are not being kept beside their events',
    logger,
  });
  return {
    keep({ payload, ...message }, events) {
      const bytes = Math.min(payload.byteLength, payloadBytesMax);
      if (waitingBytes + bytes > waitingBytesMax) {
        metrics.rawMessagesNotKept.inc();
        return;
      }
      waitingBytes += bytes;
      // A view would hold the whole packet.
      waiting.push({
        ...message,
        payload: Buffer.from(payload.subarray(0, bytes)),
        sizeBytes: payload.byteLength,
        events,
      });
    },
    trouble: keeper.trouble,
    async stop() {
      await keeper.stop();
      while (waiting.length > 0) await flush();
    },
  };
};
