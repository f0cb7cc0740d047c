import { setTimeout as sleep } from 'node:timers/promises';
import { topicMatches } from '../../devices/topic-filter.ts';
import type { Position } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql } from '../runtime/sql.ts';
import { cloudEventOf } from '../work-orders/cloud-event.ts';
import type { MqttApplication } from './mqtt/application.ts';

/** What is told, by the topic below its compound's. */
const leafOf = (type: string): 'work-orders' | 'notices' | undefined => {
  if (type.startsWith('work-order.')) return 'work-orders';
  return type.startsWith('notice.') ? 'notices' : undefined;
};
const isTold = (type: string): boolean => leafOf(type) !== undefined;

/** A property system that was cut off, or whose process died, is back within this time. */
const keptMinutes = 5;
/** What happened while nobody told anything waits longer: not everybody notices at once that the hub is back. */
const missedKeptMinutes = 60;
const keptMax = 10_000;
/** A position is kept once it was told that long ago: what was told in the last moment may not have arrived. */
const settledSeconds = 5;
const retrySeconds = 1;

interface Told {
  topic: string;
  payload: string;
  untilMs: number;
}

/** What was told of late, for whoever subscribes a moment too late. */
const createTold = (clock: Clock) => {
  let kept: Told[] = [];
  const prune = (): void => {
    const nowMs = clock.now();
    kept = kept.filter(({ untilMs }) => untilMs > nowMs).slice(-keptMax);
  };
  return {
    add(topic: string, payload: string, minutes: number): void {
      kept.push({ topic, payload, untilMs: clock.now() + minutes * 60_000 });
      if (kept.length >= 2 * keptMax) prune();
    },
    prune,
    under: (filter: string): Told[] => {
      prune();
      return kept.filter(({ topic }) => topicMatches(filter, topic));
    },
  };
};

const checkpointOf = (sql: Sql, name: string) => ({
  async read(): Promise<Position | null | undefined> {
    const { rows } = await sql.query<{ position: Position | null }>(
      'SELECT position FROM hub.projection_checkpoint WHERE projection = $1',
      [name],
    );
    return rows[0]?.position;
  },
  async write(position: Position | null): Promise<void> {
    await sql.query(
      `INSERT INTO hub.projection_checkpoint (projection, version, position) VALUES ($1, 1, $2)
       ON CONFLICT (projection) DO UPDATE SET position = excluded.position, updated_at = now()`,
      [name, position],
    );
  },
});

export interface WorkOrderTopicParts {
  log: Pick<EventLog, 'head' | 'subscribe'>;
  sql: Sql;
  /** Of its checkpoint; those who tell the same subscribers share one. */
  name: 'work-order-topic' | 'work-order-topic-bridge';
  /** Sends to whoever has subscribed. */
  deliver(topic: string, payload: string): void;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
}

export interface WorkOrderTopic {
  /** What a new subscriber may have missed: told a moment ago, or happened while nobody told anything. */
  recent(filter: string): { topic: string; payload: string }[];
  /** Resolves once the signal has aborted. */
  ended: Promise<void>;
}

/**
 * Tells every work-order event, and every notice to people, to whoever subscribed to its compound, at least once: from
 * where the telling stood when the last process of this name ended, at the very first start from the log's head on. The
 * CloudEvents id is the event's, so that a subscriber can drop what it hears twice.
 */
export const publishWorkOrders = (parts: WorkOrderTopicParts): WorkOrderTopic => {
  const { log, deliver, clock, logger, signal } = parts;
  const told = createTold(clock);
  const checkpoint = checkpointOf(parts.sql, parts.name);
  let position: Position | null | undefined;

  const follow = async (): Promise<void> => {
    const stored = position === undefined ? await checkpoint.read() : position;
    const { position: head } = await log.head();
    position = stored === undefined ? head : stored;
    if (stored === undefined) await checkpoint.write(position);
    let isMissed = position !== head;
    for await (const events of log.subscribe(position, { signal, wants: isTold })) {
      for (const event of events) {
        const leaf = leafOf(event.type);
        if (leaf !== undefined) {
          const topic = `xy/v1/${event.meta.compound}/${leaf}`;
          const payload = cloudEventOf(event);
          deliver(topic, payload);
          told.add(topic, payload, isMissed ? missedKeptMinutes : keptMinutes);
        }
        if (event.position === head) isMissed = false;
      }
      position = events.at(-1)?.position ?? position;
    }
  };
  const persistently = async (what: string, work: () => Promise<void>, everySeconds: number): Promise<void> => {
    while (!signal.aborted) {
      await work().catch((error: unknown) => logger.error({ err: error }, what));
      await sleep(everySeconds * 1000, undefined, { signal }).catch(() => undefined);
    }
  };
  let written: Position | null | undefined;
  let settling: Position | null | undefined;
  const keep = async (): Promise<void> => {
    const settled = settling;
    settling = position;
    told.prune();
    if (settled === undefined || settled === written) return;
    await checkpoint.write(settled);
    written = settled;
  };
  const ended = Promise.all([
    persistently('work orders are not told over MQTT, trying again', follow, retrySeconds),
    persistently('could not keep how far work orders were told', keep, settledSeconds),
  ]);
  return { recent: told.under, ended: ended.then(() => undefined) };
};

/** The endpoint's application, whose new subscribers also find the order events that they may have missed. */
export const tellingMissed = (
  application: MqttApplication,
  { recent }: Pick<WorkOrderTopic, 'recent'>,
): MqttApplication => ({
  ...application,
  *retained(principal, filter) {
    yield* application.retained(principal, filter);
    yield* recent(filter);
  },
});
