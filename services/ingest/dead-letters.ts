import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type RefusalCode, refusalCodes } from '../../devices/dialect.ts';
import { deviceStream, type NewEvent } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import type { StreamAppend } from '../event-log/event-log.ts';
import { isoTime } from '../runtime/clock.ts';
import type { Sql } from '../runtime/sql.ts';
import { type Bucket, bucketAt, type Rate } from './token-bucket.ts';

/**
 * What the log keeps of a refused payload. The bytes stand apart, by hash, in `hub.refused_payload`: they may name
 * people, and what is in the log can't be erased.
 */
export const payloadRefused = z.object({
  topic: z.string(),
  dialect: z.string().nullable(),
  code: z.enum(refusalCodes),
  reason: z.string(),
  field: z.string().nullable(),
  sizeBytes: z.int(),
  sha256: z.string(),
  retain: z.boolean(),
  contentType: z.string().optional(),
  userProperties: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
  /** Refusals of the same sender since the letter before that were counted and not kept. */
  unkeptBefore: z.int().optional(),
});
export type PayloadRefused = z.infer<typeof payloadRefused>;

/** Letters of one sender: a broken device shows what is wrong in its first thousand, and may not fill the disk. */
const letterRate: Rate = { messagesPerSecond: 0.1, burst: 1_000 };
const bytesOfDeviceMax = 64 * 1024 * 1024;
const lettersOfDeviceMax = 1_000;
const keptDays = 30;
/** How much a device may put before its oldest is looked for. */
const trimEvery = { letters: 100, bytes: 8 * 1024 * 1024 };

/** Which refusals are kept as letters; those in between are counted, and the next letter tells their number. */
export const createLetterQuota = () => {
  const bySender = new Map<string, { bucket: Bucket; unkept: number }>();
  return (sender: string, nowMs: number): { isKept: boolean; unkeptBefore: number } => {
    const quota = bySender.get(sender) ?? { bucket: { tokens: letterRate.burst, atMs: nowMs }, unkept: 0 };
    bySender.set(sender, quota);
    quota.bucket = bucketAt(quota.bucket, letterRate, nowMs);
    if (quota.bucket.tokens < 1) {
      quota.unkept += 1;
      return { isKept: false, unkeptBefore: 0 };
    }
    quota.bucket.tokens -= 1;
    const unkeptBefore = quota.unkept;
    quota.unkept = 0;
    return { isKept: true, unkeptBefore };
  };
};

/** Keeps the bytes of refused payloads, of every device the newest. A second copy of the same bytes costs nothing. */
export interface PayloadStore {
  put(sha256: string, payload: Uint8Array, device: string, receivedAtMs: number): Promise<void>;
  /** When the device said them last, as far as they are kept. */
  receivedAtMs(sha256: string, device: string): Promise<number | undefined>;
  get(sha256: string): Promise<Buffer | undefined>;
  /** How each of them begins, by hash: a list of letters must not bring hundreds of pictures into memory. */
  beginnings(sha256s: readonly string[], bytesMax: number): Promise<ReadonlyMap<string, Buffer>>;
  /** Erases what is older than thirty days: it may name people. */
  expire(nowMs: number): Promise<void>;
}

const trimOf = `DELETE FROM hub.refused_payload WHERE sha256 IN (
  SELECT sha256 FROM (
    SELECT sha256, row_number() OVER newest AS place, sum(octet_length(payload)) OVER newest AS bytes
    FROM hub.refused_payload WHERE device = $1
    WINDOW newest AS (ORDER BY stored_at DESC, sha256)) AS kept
  WHERE place > $2 OR (bytes > $3 AND place > 1))`;

export const createPayloadStore = (sql: Sql): PayloadStore => {
  const sinceTrim = new Map<string, { letters: number; bytes: number }>();
  const isTrimDue = (device: string, bytes: number): boolean => {
    const before = sinceTrim.get(device) ?? { letters: 0, bytes: 0 };
    const since = { letters: before.letters + 1, bytes: before.bytes + bytes };
    const isDue = since.letters >= trimEvery.letters || since.bytes >= trimEvery.bytes;
    if (isDue) sinceTrim.delete(device);
    else sinceTrim.set(device, since);
    return isDue;
  };
  return {
    async put(sha256, payload, device, receivedAtMs) {
      const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
      await sql.query(
        `INSERT INTO hub.refused_payload (sha256, payload, device, stored_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (sha256) DO UPDATE SET stored_at = excluded.stored_at, device = excluded.device`,
        [sha256, bytes, device, isoTime(receivedAtMs)],
      );
      if (isTrimDue(device, payload.byteLength))
        await sql.query(trimOf, [device, lettersOfDeviceMax, bytesOfDeviceMax]);
    },
    async receivedAtMs(sha256, device) {
      const { rows } = await sql.query<{ stored_at: Date }>(
        'SELECT stored_at FROM hub.refused_payload WHERE sha256 = $1 AND device = $2',
        [sha256, device],
      );
      return rows[0]?.stored_at.getTime();
    },
    async get(sha256) {
      const { rows } = await sql.query<{ payload: Buffer }>(
        'SELECT payload FROM hub.refused_payload WHERE sha256 = $1',
        [sha256],
      );
      return rows[0]?.payload;
    },
    async beginnings(sha256s, bytesMax) {
      const { rows } = await sql.query<{ sha256: string; beginning: Buffer }>(
        'SELECT sha256, substring(payload FROM 1 FOR $2) AS beginning FROM hub.refused_payload WHERE sha256 = ANY($1)',
        [sha256s, bytesMax],
      );
      return new Map(rows.map(({ sha256, beginning }) => [sha256, beginning]));
    },
    async expire(nowMs) {
      await sql.query('DELETE FROM hub.refused_payload WHERE stored_at < $1', [isoTime(nowMs - keptDays * 86_400_000)]);
    },
  };
};

export const payloadHash = (payload: Uint8Array): string => createHash('sha256').update(payload).digest('hex');

export interface RefusedMessage {
  device: string;
  compound: string;
  topic: string;
  payload: Uint8Array;
  retain: boolean;
  receivedAtMs: number;
  dialect: string | null;
  code: RefusalCode;
  reason: string;
  field: string | undefined;
  contentType?: string | undefined;
  userProperties?: Record<string, string | string[]> | undefined;
  unkeptBefore?: number;
  /** Of this, one letter a day is kept: the others of the day have its id. */
  keptDailyAbout?: string | undefined;
}

const dayMs = 86_400_000;

const letterId = ({ device, topic, receivedAtMs, code, keptDailyAbout }: RefusedMessage, sha256: string): string =>
  keptDailyAbout === undefined
    ? eventId({ occurredAtMs: receivedAtMs, device, source: `refused|${topic}|${sha256}` })
    : eventId({
        occurredAtMs: receivedAtMs - (receivedAtMs % dayMs),
        device,
        source: `refused|${code}|${keptDailyAbout}`,
      });

/** Which daily letters this process has kept already; the log itself takes none twice. */
export const createDailyLetters = () => {
  let [day, kept] = [0, new Set<string>()];
  return {
    has: (id: string, nowMs: number): boolean => Math.floor(nowMs / dayMs) === day && kept.has(id),
    add(id: string, nowMs: number): void {
      if (Math.floor(nowMs / dayMs) !== day) [day, kept] = [Math.floor(nowMs / dayMs), new Set()];
      kept.add(id);
    },
  };
};

/** The event that keeps a refusal, on the stream of the credential's device. Its id is the dead letter's id. */
export const refusalEvent = (message: RefusedMessage): NewEvent<'ingest.payload-refused', PayloadRefused> => {
  const { device, compound, topic, payload, receivedAtMs } = message;
  const sha256 = payloadHash(payload);
  return {
    id: letterId(message, sha256),
    type: 'ingest.payload-refused',
    data: {
      topic,
      dialect: message.dialect,
      code: message.code,
      reason: message.reason,
      field: message.field ?? null,
      sizeBytes: payload.byteLength,
      sha256,
      retain: message.retain,
      ...(message.contentType === undefined ? {} : { contentType: message.contentType }),
      ...(message.userProperties === undefined ? {} : { userProperties: message.userProperties }),
      ...(message.unkeptBefore ? { unkeptBefore: message.unkeptBefore } : {}),
    },
    meta: {
      schemaVersion: 1,
      occurredAt: isoTime(receivedAtMs),
      receivedAt: isoTime(receivedAtMs),
      clock: 'trusted',
      compound,
      device,
    },
  };
};

export const refusalAppend = (event: NewEvent): StreamAppend => ({
  stream: deviceStream(event.meta.device!),
  expectedRevision: 'any',
  events: [event],
});
