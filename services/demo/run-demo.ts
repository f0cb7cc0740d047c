import { type RunningHub, startHub } from '../hub/hub.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import { demoPassword, loopback } from './demo-config.ts';
import { type Playing, type PlayOptions, play } from './play.ts';

export interface DemoOptions extends Pick<PlayOptions, 'seed' | 'pace'> {
  config: Config;
  logger: Logger;
  /** Stops the demo as `stop` does; while it is still starting, `runDemo` then rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface RunningDemo extends Playing {
  httpPort: number;
  mqttPort: number;
  databaseDied: RunningHub['databaseDied'];
}

/** The address to call a hub at that listens there. */
const hostIn = (host: string): string => {
  if (host === '0.0.0.0' || host === '::') return loopback;
  return host.includes(':') ? `[${host}]` : host;
};

/** Starts a hub, and a world that lives on it. */
export const runDemo = async ({ config, logger, signal, seed, pace }: DemoOptions): Promise<RunningDemo> => {
  const password = config.HUB_ADMIN_PASSWORD ?? demoPassword;
  const hub = await startHub({ ...config, HUB_ADMIN_PASSWORD: password }, logger, { inThreads: true });
  let playing: Playing | undefined;
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= (playing?.stop() ?? Promise.resolve()).then(hub.stop);
    return stopping;
  };
  try {
    signal?.throwIfAborted();
    const host = hostIn(config.HUB_HOST);
    const mqttPort = hub.mqttPort!;
    const urls = { hubUrl: `http://${host}:${hub.httpPort}`, mqttUrl: `mqtt://${host}:${mqttPort}` };
    playing = await play({ ...urls, password, logger, signal, seed, pace });
    signal?.addEventListener('abort', () => void stop(), { once: true });
    return { ...playing, httpPort: hub.httpPort, mqttPort, databaseDied: hub.databaseDied, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
