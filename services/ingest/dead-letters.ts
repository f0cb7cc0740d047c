import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type RefusalCode, refusalCodes } from '../../devices/dialect.ts';
import { deviceStream, type NewEvent } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import type { StreamAppend } from '../event-log/event-log.ts';
import { isoTime } from '../runtime/clock.ts';
import type { Sql } from '../runtime/sql.ts';

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
});
export type PayloadRefused = z.infer<typeof payloadRefused>;

/** Keeps the bytes of refused payloads. A second copy of the same bytes costs nothing. */
export interface PayloadStore {
  put(sha256: string, payload: Uint8Array): Promise<void>;
  get(sha256: string): Promise<Buffer | undefined>;
}

export const createPayloadStore = (sql: Sql): PayloadStore => ({
  async put(sha256, payload) {
    await sql.query('INSERT INTO hub.refused_payload (sha256, payload) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      sha256,
      Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
    ]);
  },
  async get(sha256) {
    const { rows } = await sql.query<{ payload: Buffer }>('SELECT payload FROM hub.refused_payload WHERE sha256 = $1', [
      sha256,
    ]);
    return rows[0]?.payload;
  },
});

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
}

/** The event that keeps a refusal, on the stream of the credential's device. Its id is the dead letter's id. */
export const refusalEvent = (message: RefusedMessage): NewEvent<'ingest.payload-refused', PayloadRefused> => {
  const { device, compound, topic, payload, receivedAtMs } = message;
  const sha256 = payloadHash(payload);
  return {
    id: eventId({ occurredAtMs: receivedAtMs, device, source: `refused|${topic}|${sha256}` }),
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
