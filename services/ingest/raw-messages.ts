import { isoTime } from '../runtime/clock.ts';
import { type Keeper, keepLooking } from '../runtime/keep-looking.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Sql } from '../runtime/sql.ts';

/** A longer message is a picture for the most part; its beginning tells what it was. */
const payloadBytesMax = 16 * 1024;
const waitingBytesMax = 32 * 1024 * 1024;
/** What a message takes beside its payload: its topic, the ids of its events, a place in each column. */
const besideBytes = 300;
/** A look writes one page: evidence must not take the disk from what devices are told is durable. */
const pageRows = 2_000;
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

/**
 * Messages that are written together, column by column and their payloads one after the other: as an object each, what
 * waits would be copied by the garbage collector again and again.
 */
class Page {
  readonly receivedAtMs: number[] = [];
  readonly sender: string[] = [];
  readonly dialect: string[] = [];
  readonly topic: string[] = [];
  readonly sizeBytes: number[] = [];
  readonly events: string[] = [];
  /** Where each payload begins. */
  readonly payloadStart: number[] = [];
  payloads = Buffer.allocUnsafeSlow(64 * 1024);
  payloadBytes = 0;
  /** With what stands beside the payloads. */
  bytes = 0;
  isClosed = false;

  add({ receivedAtMs, sender, dialect, topic, payload }: RawMessage, events: readonly string[]): void {
    const kept = payload.subarray(0, payloadBytesMax);
    const end = this.payloadBytes + kept.byteLength;
    if (end > this.payloads.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end, 2 * this.payloads.length));
      this.payloads.copy(larger, 0, 0, this.payloadBytes);
      this.payloads = larger;
    }
    this.payloads.set(kept, this.payloadBytes);
    this.receivedAtMs.push(receivedAtMs);
    this.sender.push(sender);
    this.dialect.push(dialect);
    this.topic.push(topic);
    this.sizeBytes.push(payload.byteLength);
    this.events.push(`{${events.join(',')}}`);
    this.payloadStart.push(this.payloadBytes);
    this.payloadBytes = end;
    this.bytes += kept.byteLength + besideBytes;
  }
}

const write = async (sql: Sql, page: Page): Promise<void> => {
  await sql.query(
    `INSERT INTO hub.raw_message (received_at, sender, dialect, topic, payload, size_bytes, events)
     SELECT received_at, sender, dialect, topic, substring($8::bytea FROM start + 1 FOR least(size_bytes, $9)), size_bytes,
       events::uuid[]
     FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::integer[])
       AS kept (received_at, sender, dialect, topic, size_bytes, events, start)`,
    [
      page.receivedAtMs.map(isoTime),
      page.sender,
      page.dialect,
      page.topic,
      page.sizeBytes,
      page.events,
      page.payloadStart,
      page.payloads.subarray(0, page.payloadBytes),
      payloadBytesMax,
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
  const pages: Page[] = [];
  let waitingBytes = 0;
  const flush = async (): Promise<undefined> => {
    const [page] = pages;
    if (page === undefined) return;
    // What comes meanwhile is for another page.
    page.isClosed = true;
    await write(sql, page);
    pages.shift();
    waitingBytes -= page.bytes;
  };
  const keeper = keepLooking({
    look: flush,
    everyMs,
    failure: 'messages are not being kept beside their events',
    logger,
  });
  return {
    keep(message, events) {
      const bytes = Math.min(message.payload.byteLength, payloadBytesMax) + besideBytes;
      if (waitingBytes + bytes > waitingBytesMax) {
        metrics.rawMessagesNotKept.inc();
        return;
      }
      waitingBytes += bytes;
      let page = pages.at(-1);
      if (page === undefined || page.isClosed || page.topic.length === pageRows) {
        page = new Page();
        pages.push(page);
      }
      page.add(message, events);
    },
    trouble: keeper.trouble,
    async stop() {
      await keeper.stop();
      while (pages.length > 0) await flush();
    },
  };
};
