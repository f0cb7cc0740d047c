import { connectHub, type HubClient, HubRefused } from '../client/hub-client.ts';
import { type RunningHub, startHub } from '../hub/hub.ts';
import type { WorkOrderDetail, WorkOrderItem } from '../projections/work-order-board/board.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import { StartRefused } from '../runtime/start-refused.ts';
import { demoPassword, loopback } from './demo-config.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { haiyuLanting } from './haiyu-lanting.ts';
import { createRandom } from './random.ts';
import { recoveryMessages } from './recovery.ts';
import { registerWorld } from './registration.ts';
import { shengdeHemeiJiayuan } from './shengde-hemei-jiayuan.ts';
import { startShift } from './shift.ts';
import { story } from './story.ts';
import type { DemoCompound } from './world.ts';

/** At this pace about one new order comes in ten minutes, as many as a person can carry. */
const paceDefault = 6;
const seedDefault = 1312;
const reportEveryMs = 3_600_000;

export interface DemoOptions {
  config: Config;
  logger: Logger;
  /** Stops the demo as `stop` does; while it is still starting, `runDemo` then rejects with the signal's reason. */
  signal?: AbortSignal;
  seed?: number;
  /** How many hours' happenings take place in one hour. */
  pace?: number;
}

export interface RunningDemo {
  httpPort: number;
  mqttPort: number;
  world: readonly DemoCompound[];
  /** MQTT connections that were opened. */
  connections: number;
  databaseDied: RunningHub['databaseDied'];
  /** Devices say goodbye, the shift goes home, then the hub stops. */
  stop(): Promise<void>;
}

/** The address to call a hub at that listens there. */
const hostIn = (host: string): string => {
  if (host === '0.0.0.0' || host === '::') return loopback;
  return host.includes(':') ? `[${host}]` : host;
};

const login = async (url: string, password: string): Promise<HubClient> => {
  try {
    return await connectHub(url, 'admin', password);
  } catch (error) {
    if (!(error instanceof HubRefused && error.status === 401)) throw error;
    throw new StartRefused(
      "The demo's data folder was made with another password of admin: set HUB_ADMIN_PASSWORD to that one, or delete the folder.",
    );
  }
};

/** Faults that stood when the demo was stopped: its simulators forget them, so the devices say that they are over. */
const recoverOldFaults = async (hub: HubClient, fleet: Fleet, world: readonly DemoCompound[]): Promise<void> => {
  for (const { compound, devices } of world) {
    const { items } = await hub.get<{ items: WorkOrderItem[] }>(
      `/api/work-orders?state=open&compound=${compound.id}&limit=200`,
    );
    const speaking = new Set(devices.filter(({ player }) => player !== 'nobody').map((item) => item.registration.id));
    for (const { id, device, code, faultStanding } of items) {
      if (!faultStanding || device === null || !speaking.has(device)) continue;
      const { timeline } = await hub.get<WorkOrderDetail>(`/api/work-orders/${id}`);
      const component = timeline[0]?.data.component;
      fleet.say(
        device,
        recoveryMessages({ code, component: typeof component === 'string' ? component : null }, systemClock.now()),
      );
    }
  }
};

/** Plays the story and reports to the city platform. Answers how to stop. */
const live = (hub: () => Promise<HubClient>, fleet: Fleet, world: readonly DemoCompound[], logger: Logger) => {
  const timers = story.map(({ atSeconds, device, act, hold }) =>
    setTimeout(() => fleet.act(device, act, hold), atSeconds * 1000),
  );
  const report = async (): Promise<void> => {
    const client = await hub();
    for (const { compound } of world) await client.post(`/api/compounds/${compound.id}/platform-reports`);
  };
  const reporting = setInterval(() => {
    report().catch((error) => logger.warn({ err: error }, 'could not report to the city platform'));
  }, reportEveryMs);
  return (): void => {
    for (const timer of timers) clearTimeout(timer);
    clearInterval(reporting);
  };
};

/** Starts a hub and a world that lives on it, over HTTP and MQTT like anybody else's. */
export const runDemo = async (options: DemoOptions): Promise<RunningDemo> => {
  const { config, logger, signal, seed = seedDefault, pace = paceDefault } = options;
  const password = config.HUB_ADMIN_PASSWORD ?? demoPassword;
  const started = await startHub({ ...config, HUB_ADMIN_PASSWORD: password }, logger);
  const stops: (() => unknown)[] = [started.stop];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      for (const next of stops.reverse()) await next();
    })();
    return stopping;
  };
  try {
    signal?.throwIfAborted();
    const httpPort = started.httpPort!;
    const mqttPort = started.mqttPort!;
    const host = hostIn(config.HUB_HOST);
    const hubUrl = `http://${host}:${httpPort}`;
    const world = [shengdeHemeiJiayuan(), haiyuLanting()];
    const admin = await login(hubUrl, password);
    const { credentials, fresh } = await registerWorld(admin, world, systemClock.now());
    signal?.throwIfAborted();
    const fleet = await startFleet({
      mqttUrl: `mqtt://${host}:${mqttPort}`,
      devices: world.flatMap(({ devices }) => devices),
      credentials,
      fresh,
      random: createRandom(seed),
      clock: systemClock,
      logger,
      pace,
    });
    stops.push(fleet.goodbye);
    await recoverOldFaults(admin, fleet, world);
    stops.push(await startShift({ hubUrl, admin, adminPassword: password, world, clock: systemClock, logger }));
    stops.push(live(() => login(hubUrl, password), fleet, world, logger));
    signal?.throwIfAborted();
    signal?.addEventListener('abort', () => void stop(), { once: true });
    return { httpPort, mqttPort, world, connections: fleet.connections, databaseDied: started.databaseDied, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
