import { eventOf } from '../event-log/decider.ts';
import type { NewEvent } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import { type Keeper, keepLooking } from '../runtime/keep-looking.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql } from '../runtime/sql.ts';
import { faultTimerStream } from './fault-events.ts';

const dueMax = 2_000;
const appendMax = 500;

interface Parts {
  sql: Sql;
  log: Pick<EventLog, 'append'>;
  clock: Clock;
}

interface Due {
  compound: string;
  /** `null` for a compound's storms. */
  device: string | null;
  code: string;
  component: string;
  dueAt: string;
  /** What the record had seen: the same timer set again is another one. */
  seen: string;
}

const due = async (sql: Sql, at: string, maxCount: number): Promise<Due[]> => {
  const { rows } = await sql.query<Due>(
    `(SELECT coalesce(compound, '') AS compound, device, code, component, fire_at AS "dueAt",
             revision || '.' || telemetry_revision || '.' || episode || '.' || coalesce(detail->'wait'->>'for', '') AS seen
      FROM hub.fault_routing WHERE fire_at <= $1 ORDER BY fire_at LIMIT $2)
     UNION ALL
     (SELECT compound, NULL, '', '', due_at, '' FROM hub.fault_storm WHERE due_at <= $1 ORDER BY due_at LIMIT $2)`,
    [at, maxCount],
  );
  return rows;
};

const keyOf = ({ compound, device, code, component, dueAt, seen }: Due): string =>
  JSON.stringify([compound, device, code, component, dueAt, seen]);

/** The same timer is the same event, whoever says it and however often. */
const eventFor = (timer: Due, at: string): NewEvent => {
  const { compound, device, code, component, dueAt } = timer;
  const id = eventId({ occurredAtMs: Date.parse(dueAt), device: device ?? compound, source: keyOf(timer) });
  const meta = {
    ...{ occurredAt: at, actor: 'policy:clock' },
    ...(compound === '' ? {} : { compound }),
    ...(device === null ? {} : { device }),
  };
  return device === null
    ? eventOf(id, { type: 'fault.storm-came-due', data: { dueAt } }, meta)
    : eventOf(id, { type: 'fault.came-due', data: { code, component, dueAt } }, meta);
};

/**
 * Looks once for faults whose timer ran out and says so in the log, where the router hears it. The router's table holds
 * the instants: so a restart or a second process says nothing twice. Answers how many it spoke of.
 */
export const createFaultTimers = ({ sql, log, clock }: Parts) => {
  /** Until the router follows there is nothing new to say. */
  let spokenOf = new Set<string>();
  return async (): Promise<number> => {
    const at = isoTime(clock.now());
    const found = await due(sql, at, dueMax + spokenOf.size);
    const fresh = found.filter((timer) => !spokenOf.has(keyOf(timer))).slice(0, dueMax);
    for (let start = 0; start < fresh.length; start += appendMax) {
      const streams = new Map<string, NewEvent[]>();
      for (const timer of fresh.slice(start, start + appendMax)) {
        const stream = faultTimerStream(timer.compound || 'unknown');
        streams.set(stream, [...(streams.get(stream) ?? []), eventFor(timer, at)]);
      }
      await log.append([...streams].map(([stream, events]) => ({ stream, expectedRevision: 'any', events })));
    }
    const stillDue = found.map(keyOf).filter((key) => spokenOf.has(key));
    spokenOf = new Set([...stillDue, ...fresh.map(keyOf)]);
    return fresh.length;
  };
};

/** Keeps the timers of faults until it is stopped. */
export const keepFaultTimers = ({ logger, ...parts }: Parts & { logger: Logger }): Keeper => {
  const look = createFaultTimers(parts);
  return keepLooking({
    look: async () => ((await look()) === dueMax ? 'more' : undefined),
    everyMs: 500,
    failure: 'the timers of faults are not being kept',
    logger,
  });
};
