import type { RecordedEvent } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql } from '../runtime/sql.ts';
import { cloudEventOf, cloudEventType } from '../work-orders/cloud-event.ts';
import { runCourier } from './courier.ts';
import { createDeliveryStore, signingSecrets } from './delivery-store.ts';
import type { SendHttp } from './send-http.ts';
import { takes } from './target.ts';
import { readTargets, type TargetRow } from './targets-projection.ts';
import { type Verdict, verdictOf, verdictOfFailure } from './verdict.ts';
import { persistently } from './wait-until.ts';
import { signatureHeaders } from './webhook-signature.ts';

const lookEveryMs = 1_000;

export interface OutboundParts {
  log: Pick<EventLog, 'subscribe' | 'readStream' | 'append'>;
  sql: Sql;
  send: SendHttp;
  clock: Clock;
  random(): number;
  logger: Logger;
}

/** One event to one target, signed. */
export const deliverByWebhook =
  ({ sql, send, clock }: Pick<OutboundParts, 'sql' | 'send' | 'clock'>, target: Pick<TargetRow, 'id' | 'url'>) =>
  async (event: RecordedEvent, signal: AbortSignal): Promise<Verdict> => {
    const body = cloudEventOf(event);
    const secrets = await signingSecrets(sql, target.id, clock.now());
    const timestampSeconds = Math.floor(clock.now() / 1000);
    const headers = {
      'content-type': `${cloudEventType}; charset=utf-8`,
      ...signatureHeaders({ id: event.id, timestampSeconds, body }, secrets),
    };
    try {
      return verdictOf(await send({ method: 'POST', url: target.url, headers, body }, signal), clock.now());
    } catch (error) {
      if (signal.aborted) throw error;
      return verdictOfFailure(error);
    }
  };

/** Runs a courier for every active target, and follows what is changed about them. Resolves when the signal aborts. */
export const tellTargets = async (parts: OutboundParts, signal: AbortSignal): Promise<void> => {
  const { log, sql, clock, random, logger } = parts;
  const running = new Map<string, { revision: number; ending: AbortController; ended: Promise<void> }>();

  const start = (target: TargetRow): void => {
    const ending = new AbortController();
    const ended = runCourier({
      ...{ target: target.id, log, clock, random, logger, from: target.from },
      store: createDeliveryStore(sql, target.id),
      activeSinceMs: Date.parse(target.activeSince),
      takes: (event) => takes(target, event),
      deliver: deliverByWebhook(parts, target),
      signal: AbortSignal.any([signal, ending.signal]),
    });
    running.set(target.id, { revision: target.revision, ending, ended });
  };
  const look = async (): Promise<void> => {
    const active = new Map(
      (await readTargets(sql)).flatMap((target) => (target.status === 'active' ? [[target.id, target]] : [])),
    );
    for (const [id, { revision, ending, ended }] of running) {
      if (active.get(id)?.revision === revision) continue;
      ending.abort();
      await ended;
      running.delete(id);
    }
    for (const target of active.values()) if (!running.has(target.id)) start(target);
  };
  const failed = (error: unknown): void => logger.error({ err: error }, 'could not read who is told work orders');
  await persistently(look, { everyMs: lookEveryMs, signal, failed });
  await Promise.all([...running.values()].map(({ ended }) => ended));
};
