import { connectHub, type HubClient, HubRefused } from '../client/hub-client.ts';
import type { WorkOrderDetail, WorkOrderItem } from '../projections/work-order-board/board.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { StartRefused } from '../runtime/start-refused.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { haiyuLanting } from './haiyu-lanting.ts';
import { createRandom } from './random.ts';
import { recoveryMessages } from './recovery.ts';
import { registerWorld } from './registration.ts';
import { shengdeHemeiJiayuan } from './shengde-hemei-jiayuan.ts';
import { startShift } from './shift.ts';
import { type FigureStep, inspection, story } from './story.ts';
import type { DemoCompound } from './world.ts';

/** At this pace about one new order comes in ten minutes, as many as a person can carry. */
const paceDefault = 6;
const seedDefault = 1312;
const reportEveryMs = 3_600_000;

export interface PlayOptions {
  /** `http://…` and `mqtt://…` of a hub that is up. */
  hubUrl: string;
  mqttUrl: string;
  /** Of its `admin`. */
  password: string;
  logger: Logger;
  /** While it is still starting, `play` rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  seed?: number | undefined;
  /** How many hours' happenings take place in one hour. */
  pace?: number | undefined;
}

export interface Playing {
  world: readonly DemoCompound[];
  /** MQTT connections that were opened. */
  connections: number;
  /** Devices say goodbye and the shift goes home. */
  stop(): Promise<void>;
}

const login = async (url: string, password: string): Promise<HubClient> => {
  try {
    return await connectHub(url, 'admin', password);
  } catch (error) {
    if (!(error instanceof HubRefused && error.status === 401)) throw error;
    throw new StartRefused(
      "The hub's admin has another password: set HUB_ADMIN_PASSWORD to that one, or delete the demo's data folder.",
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
  const inspect = async ({ compound, figures }: FigureStep): Promise<void> => {
    const registered = world.find((item) => item.compound.id === compound)!.compound.figures;
    await (await hub()).patch(`/api/compounds/${compound}`, { figures: { ...registered, ...figures } });
  };
  const inspecting = inspection.map((step) =>
    setTimeout(() => {
      inspect(step).catch((error) => logger.warn({ err: error }, 'could not record the inspection'));
    }, step.atSeconds * 1000),
  );
  const report = async (): Promise<void> => {
    const client = await hub();
    for (const { compound } of world) await client.post(`/api/compounds/${compound.id}/platform-reports`);
  };
  const reporting = setInterval(() => {
    report().catch((error) => logger.warn({ err: error }, 'could not report to the city platform'));
  }, reportEveryMs);
  return (): void => {
    for (const timer of [...timers, ...inspecting]) clearTimeout(timer);
    clearInterval(reporting);
  };
};

/** A world that lives on a hub, over HTTP and MQTT like anybody else's. */
export const play = async (options: PlayOptions): Promise<Playing> => {
  const { hubUrl, mqttUrl, password, logger, signal, seed = seedDefault, pace = paceDefault } = options;
  const stops: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const next of stops.splice(0).reverse()) await next();
  };
  try {
    const world = [shengdeHemeiJiayuan(), haiyuLanting()];
    const admin = await login(hubUrl, password);
    const { credentials, fresh } = await registerWorld(admin, world, systemClock.now());
    signal?.throwIfAborted();
    const fleet = await startFleet({
      mqttUrl,
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
    return { world, connections: fleet.connections, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
