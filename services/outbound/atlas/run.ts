import type { Position } from '../../event-log/event.ts';
import type { EventLog } from '../../event-log/event-log.ts';
import { runCourier } from '../courier.ts';
import { createDeliveryStore } from '../delivery-store.ts';
import { takes } from '../target.ts';
import type { OutboundParts } from '../tell-targets.ts';
import { persistently } from '../wait-until.ts';
import { type AtlasParts, deliverToAtlas, lookAtAtlas } from './connector.ts';
import { atlasConnector } from './links.ts';

const lookEveryMs = 30_000;

interface RunParts extends Omit<OutboundParts, 'send' | 'log'> {
  log: Pick<EventLog, 'subscribe' | 'readStream' | 'append' | 'head'>;
  atlas: AtlasParts;
  /** None: all of them. */
  compounds: readonly string[];
}

/** Keeps work orders here and in Atlas CMMS at one, both ways, until the signal aborts; at the first start from now on. */
export const runAtlas = async (parts: RunParts, signal: AbortSignal): Promise<void> => {
  const { log, sql, atlas, compounds, logger } = parts;
  const store = createDeliveryStore(sql, atlasConnector);
  const failed = (error: unknown): void =>
    logger.warn({ err: error }, 'could not look at the work orders of Atlas CMMS, trying again');
  const start = async (): Promise<void> => {
    const from: Position | null = (await store.load())?.position ?? (await log.head()).position;
    await runCourier({
      ...{ ...parts, store, from, signal, target: atlasConnector, activeSinceMs: 0 },
      takes: (event) => takes({ compounds: [...compounds], types: ['work-order.*'] }, event),
      deliver: deliverToAtlas(atlas),
    });
  };
  await Promise.all([
    persistently(start, { everyMs: 1_000, signal, failed }),
    persistently(() => lookAtAtlas(atlas, signal), { everyMs: lookEveryMs, signal, failed }),
  ]);
};
