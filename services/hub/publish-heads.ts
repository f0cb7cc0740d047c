import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '../event-log/event-log.ts';
import { appendHead, type PublishedHead } from '../event-log/heads-file.ts';
import { headTopic } from '../ingest/mqtt-application.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';

/** Somewhere to tell heads. */
export interface HeadTarget {
  name: 'file' | 'mqtt' | 'webhook';
  /** Rejects where it could not be told; it is tried again. */
  publish(head: PublishedHead): Promise<void>;
}

const everySeconds = 3_600;
const retrySeconds = { first: 5, longest: 300 };
const webhookTimeoutSeconds = 10;
/** All of a stop takes ten seconds at most. */
const farewellSeconds = 3;

export const headsFile = (path: string): HeadTarget => ({ name: 'file', publish: (head) => appendHead(path, head) });

export const headsWebhook = (url: string): HeadTarget => ({
  name: 'webhook',
  async publish(head) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(head),
      redirect: 'error',
      signal: AbortSignal.timeout(webhookTimeoutSeconds * 1000),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`it answers ${response.status}`);
  },
});

/** A new subscriber is told the newest by the endpoint; `deliver` tells those who are there. */
export const headsTopic = (deliver: (topic: string, payload: string) => void): HeadTarget => ({
  name: 'mqtt',
  publish: async (head) => deliver(headTopic, JSON.stringify(head)),
});

/** By the roles of this process: the log's keeper writes and sends, the endpoint tells its subscribers. */
export const headTargets = (config: Config, deliver: (topic: string, payload: string) => void): HeadTarget[] => {
  const { HUB_ROLES, HUB_HEADS_WEBHOOK, DATABASE_URL, HUB_DATA_DIR } = config;
  const path = config.HUB_HEADS_FILE ?? (DATABASE_URL === undefined ? join(HUB_DATA_DIR, 'heads.jsonl') : undefined);
  const kept = HUB_ROLES.includes('projections');
  return [
    ...(kept && path !== undefined ? [headsFile(path)] : []),
    ...(kept && HUB_HEADS_WEBHOOK !== undefined ? [headsWebhook(HUB_HEADS_WEBHOOK)] : []),
    ...(HUB_ROLES.includes('ingest') ? [headsTopic(deliver)] : []),
  ];
};

interface Parts {
  log: Pick<EventLog, 'head'>;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  targets: readonly HeadTarget[];
}

/** One target's own pace: the newest head that it doesn't have yet, tried until it is told or a newer one is there. */
const createTeller = ({ publish, name }: HeadTarget, { clock, logger, metrics }: Omit<Parts, 'targets' | 'log'>) => {
  let wanted: PublishedHead | undefined;
  let told: string | undefined;
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  let failing: { reason: string; since: string } | undefined;
  const stopping = new AbortController();
  metrics.logHeadFailing.set({ target: name }, 0);

  const tellOnce = async (head: PublishedHead): Promise<boolean> => {
    try {
      await publish(head);
      told = head.hash;
      failing = undefined;
      metrics.logHeadPublished.set({ target: name }, clock.now() / 1000);
    } catch (error) {
      const reason = (error as Error).message;
      if (failing === undefined) logger.warn({ err: error, target: name }, 'the head of the log could not be told');
      failing = { reason, since: failing?.since ?? isoTime(clock.now()) };
    }
    metrics.logHeadFailing.set({ target: name }, failing === undefined ? 0 : 1);
    return failing === undefined;
  };
  const run = async (): Promise<void> => {
    let waitSeconds = retrySeconds.first;
    while (wanted !== undefined && wanted.hash !== told && !stopping.signal.aborted) {
      if (await tellOnce(wanted)) continue;
      await sleep(waitSeconds * 1000, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
      waitSeconds = Math.min(waitSeconds * 2, retrySeconds.longest);
    }
  };
  return {
    tell(head: PublishedHead): void {
      wanted = head;
      if (busy) return;
      busy = true;
      running = run().finally(() => {
        busy = false;
      });
    },
    trouble: (): string[] =>
      failing === undefined
        ? []
        : [`the log's head can't be told to the ${name} since ${failing.since}: ${failing.reason}`],
    /** One last try, of the newest head. */
    async stop(head: PublishedHead | undefined): Promise<void> {
      stopping.abort();
      await running;
      if (head !== undefined && head.hash !== told) await tellOnce(head);
    },
  };
};

/**
 * Tells the log's head at the start, every hour and at a graceful stop to whoever keeps it. None of the targets holds
 * up another, or the hub.
 */
export const publishHeads = (parts: Parts) => {
  const { log, clock, logger } = parts;
  const tellers = parts.targets.map((target) => createTeller(target, parts));
  let newest: PublishedHead | undefined;

  const look = async (): Promise<void> => {
    const { position, hash } = await log.head();
    if (position !== null && hash !== newest?.hash) newest = { position, hash, at: isoTime(clock.now()) };
  };
  const round = (): Promise<void> =>
    look()
      .then(() => {
        if (newest !== undefined) for (const { tell } of tellers) tell(newest);
      })
      .catch((error) => logger.warn({ err: error }, 'the head of the log could not be read'));

  void round();
  const timer = setInterval(() => void round(), everySeconds * 1000);
  return {
    /** The newest that was told, as JSON. */
    newest: (): string | undefined => (newest === undefined ? undefined : JSON.stringify(newest)),
    /** A sentence for each target that doesn't take it. */
    trouble: (): string[] => tellers.flatMap(({ trouble }) => trouble()),
    async stop(): Promise<void> {
      clearInterval(timer);
      await look().catch((error) => logger.warn({ err: error }, 'the head of the log could not be read'));
      const told = Promise.all(tellers.map(({ stop }) => stop(newest)));
      await Promise.race([told, sleep(farewellSeconds * 1000, undefined, { ref: false })]);
    },
  };
};
