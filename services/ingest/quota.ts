import { z } from 'zod';
import { compoundStream, deviceStream, type NewEvent } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { RegisteredDevice } from '../registry/registry-index.ts';
import { isoTime } from '../runtime/clock.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { MqttQuota } from './mqtt/application.ts';
import { type Bucket, bucketAt, type Rate } from './token-bucket.ts';

/** Once for a while on the stream of whoever sends too much; the others in between are counted. */
export const quotaExceeded = z.object({
  scope: z.enum(['device', 'gateway', 'compound']),
  messagesPerSecond: z.number(),
  burst: z.number(),
  answer: z.enum(['refused', 'delayed']),
  /** Messages over the quota since the event before, this one included. */
  messages: z.int(),
});
export type QuotaExceeded = z.infer<typeof quotaExceeded>;
type Scope = QuotaExceeded['scope'];

/** A gateway speaks for many devices, a compound has hundreds of both. */
const shares: Record<Scope, number> = { device: 1, gateway: 5, compound: 20 };
/** A minute's worth may come at once: what a device kept while it had no connection. */
const burstSeconds = 60;
const tellEveryMs = 10 * 60_000;

interface Meter {
  readonly scope: Scope;
  readonly id: string;
  readonly rate: Rate;
  bucket: Bucket;
  overSince: number;
  toldAtMs: number;
}

interface QuotaParts {
  /** What a device may send for long; a gateway five times as much, a compound twenty times. 0: no quotas. */
  messagesPerSecond: number;
  log: Pick<EventLog, 'append'>;
  metrics: Pick<Metrics, 'overQuota'>;
  failed(error: unknown): void;
}

const exceededEvent = (meter: Meter, sender: RegisteredDevice, data: QuotaExceeded, nowMs: number): NewEvent => ({
  id: eventId({ occurredAtMs: nowMs, device: meter.id, source: `quota-exceeded|${meter.scope}` }),
  type: 'ingest.quota-exceeded',
  data,
  meta: {
    schemaVersion: 1,
    ...{ occurredAt: isoTime(nowMs), receivedAt: isoTime(nowMs), clock: 'trusted' as const },
    compound: sender.compound,
    ...(meter.scope === 'compound' ? {} : { device: sender.id }),
  },
});

/** Quotas by sender and by compound. They outlive connections: coming back fills no bucket. */
export const createQuotas = ({ messagesPerSecond, log, metrics, failed }: QuotaParts) => {
  const meters = new Map<string, Meter>();

  const meterOf = (scope: Scope, id: string): Meter => {
    const key = `${scope} ${id}`;
    const known = meters.get(key);
    if (known !== undefined) return known;
    const share = messagesPerSecond * shares[scope];
    const rate = { messagesPerSecond: share, burst: share * burstSeconds };
    const meter: Meter = {
      ...{ scope, id, rate, overSince: 0, toldAtMs: Number.NEGATIVE_INFINITY },
      bucket: { tokens: rate.burst, atMs: 0 },
    };
    meters.set(key, meter);
    return meter;
  };

  const tell = (meter: Meter, sender: RegisteredDevice, answer: QuotaExceeded['answer'], nowMs: number): void => {
    meter.overSince += 1;
    metrics.overQuota.inc({ scope: meter.scope, answer });
    if (Math.abs(nowMs - meter.toldAtMs) < tellEveryMs) return;
    const data: QuotaExceeded = { scope: meter.scope, ...meter.rate, answer, messages: meter.overSince };
    meter.toldAtMs = nowMs;
    meter.overSince = 0;
    const stream = meter.scope === 'compound' ? compoundStream(sender.compound) : deviceStream(sender.id);
    const event = exceededEvent(meter, sender, data, nowMs);
    log.append([{ stream, expectedRevision: 'any', events: [event] }]).catch(failed);
  };

  const quotaOf = (sender: RegisteredDevice): MqttQuota | undefined => {
    if (messagesPerSecond === 0) return undefined;
    const own = meterOf(sender.kind === 'gateway' ? 'gateway' : 'device', sender.id);
    const shared = meterOf('compound', sender.compound);
    const emptied = (): Meter | undefined => [own, shared].find(({ bucket }) => bucket.tokens < 1);
    return {
      take(nowMs) {
        // The messages of one chunk came at one instant.
        if (own.bucket.atMs !== nowMs) own.bucket = bucketAt(own.bucket, own.rate, nowMs);
        if (shared.bucket.atMs !== nowMs) shared.bucket = bucketAt(shared.bucket, shared.rate, nowMs);
        const empty = own.bucket.tokens < 1 ? own : shared.bucket.tokens < 1 ? shared : undefined;
        if (empty !== undefined) return Math.ceil((1_000 * (1 - empty.bucket.tokens)) / empty.rate.messagesPerSecond);
        own.bucket.tokens -= 1;
        shared.bucket.tokens -= 1;
        return 0;
      },
      exceeded(nowMs, answer) {
        const meter = emptied() ?? own;
        tell(meter, sender, answer, nowMs);
        const { messagesPerSecond: most, burst } = meter.rate;
        return `The ${meter.scope} ${meter.id} sends more than ${most} messages/s (${burst} at once after a silence); this one was not taken, send it again later and slower.`;
      },
    };
  };
  return { quotaOf };
};

export type Quotas = ReturnType<typeof createQuotas>;
