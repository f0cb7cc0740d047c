import { createHash } from 'node:crypto';
import type { Clock } from '../runtime/clock.ts';
import { isoTime } from '../runtime/clock.ts';
import type { Sql } from '../runtime/sql.ts';
import { type Bucket, bucketAt, type Rate } from './token-bucket.ts';

/** Why a client was turned away: nobody of that name, a device's name with another password, or no name at all. */
export type StrangerReason = 'unknown-user' | 'wrong-password' | 'no-credentials' | 'unknown-certificate';

export interface Stranger {
  username: string | undefined;
  clientId: string;
  certificateName: string | undefined;
  address: string;
  protocolVersion: number;
  reason: StrangerReason;
}

const kept = { strangers: 1_000, days: 30 };
/** Anybody may knock as often as he likes: what is over this is not written down. */
const writeRate: Rate = { messagesPerSecond: 2, burst: 100 };
/** A client that tries again every second is written once a minute, with its number of tries. */
const writeEveryMs = 60_000;
const textMax = 200;

const shortened = (text: string | undefined): string | null => text?.replaceAll('\0', '').slice(0, textMax) ?? null;

const store = async (sql: Sql, id: string, stranger: Stranger, at: string, times: number): Promise<void> => {
  const { username, clientId, certificateName, address, protocolVersion, reason } = stranger;
  await sql.query(
    `INSERT INTO hub.heard_connection VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)
     ON CONFLICT (id) DO UPDATE SET last_at = excluded.last_at, times = heard_connection.times + excluded.times,
       address = excluded.address, reason = excluded.reason, protocol_version = excluded.protocol_version`,
    [
      id,
      shortened(username),
      shortened(clientId),
      shortened(certificateName),
      address,
      protocolVersion,
      reason,
      at,
      times,
    ],
  );
  await sql.query(
    `DELETE FROM hub.heard_connection WHERE last_at < $1::timestamptz - make_interval(days => $2)
       OR id IN (SELECT id FROM hub.heard_connection ORDER BY last_at DESC, id OFFSET $3)`,
    [at, kept.days, kept.strangers],
  );
};

/** Writes down who was turned away at CONNECT, so that an installer finds the device that he configured wrongly. */
export const createStrangers = ({
  sql,
  clock,
  failed,
}: {
  sql: Sql;
  clock: Clock;
  failed(error: unknown): void;
}): ((stranger: Stranger) => Promise<void>) => {
  let bucket: Bucket = { tokens: writeRate.burst, atMs: clock.now() };
  let lately = new Map<string, { writtenMs: number; times: number }>();
  return async (stranger) => {
    const nowMs = clock.now();
    const { username, clientId, certificateName } = stranger;
    // By name, where there is one: client identifiers are often made up anew at every try.
    const identity = JSON.stringify([
      certificateName ?? null,
      username ?? null,
      username === undefined ? clientId : null,
    ]);
    const id = createHash('sha256').update(identity).digest('hex').slice(0, 32);
    const before = lately.get(id);
    const times = (before?.times ?? 0) + 1;
    if (before !== undefined && nowMs - before.writtenMs < writeEveryMs) {
      before.times = times;
      return;
    }
    bucket = bucketAt(bucket, writeRate, nowMs);
    if (bucket.tokens < 1) return;
    bucket.tokens -= 1;
    if (lately.size >= kept.strangers) lately = new Map();
    lately.set(id, { writtenMs: nowMs, times: 0 });
    await store(sql, id, stranger, isoTime(nowMs), times).catch(failed);
  };
};

export type TellStranger = ReturnType<typeof createStrangers>;
