import { createHash, randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { dialects } from '../../devices/dialects/registry.ts';
import { eventOf } from '../../services/event-log/decider.ts';
import type { RecordedEvent } from '../../services/event-log/event.ts';
import type { EventLog } from '../../services/event-log/event-log.ts';
import { createMemoryEventLog } from '../../services/event-log/memory/memory-event-log.ts';
import type { Projection } from '../../services/event-log/projection.ts';
import { rateCompound } from '../../services/projections/star-rating/rate-compound.ts';
import type { Rating } from '../../services/projections/star-rating/rating.ts';
import { standardInForce } from '../../services/projections/star-rating/standards.ts';
import { registerCompound, registerDevice } from '../../services/registry/commands.ts';
import { faultPolicyStream } from '../../services/work-orders/fault-events.ts';
import { type Chance, createChance } from './chance.ts';
import type { LogFaults } from './faulty-log.ts';
import { startFleet } from './fleet.ts';
import { type HubLife, type HubLifeParts, startHubLife } from './hub-life.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createNetwork } from './network.ts';
import { patientPolicy } from './patient-policy.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import { withSeededRandomness } from './seeded-randomness.ts';
import { startSteward } from './stewards.ts';
import { createTargets, type Target } from './targets.ts';
import { createWorld, type WorldCompound } from './world.ts';

export interface SimulationOptions {
  seed: number;
  /** An empty database that has been migrated. */
  pool: Pool;
  days?: number;
  compounds?: number;
  mutate?: (log: EventLog) => EventLog;
  mutateProjection?: (projection: Projection) => Projection;
}

export interface Simulated {
  seed: number;
  ledger: Ledger;
  events: RecordedEvent[];
  ratings: Rating[];
  startMs: number;
  endMs: number;
  days: number;
  /** SHA-256 over every event as it stands in the log. */
  logHash: string;
  statements: number;
  log: EventLog;
}

const hourMs = 3_600_000;
const minuteMs = 60_000;
const startMs = Date.UTC(2026, 2, 2, 1, 0, 0);
/** Devices stay away for thirty hours at most. */
const quietHoursMax = 48;

/** The world's misfortunes besides those of the network: crashes and a log that takes nothing. */
interface Weather {
  logDown: boolean;
  isOver: boolean;
}

interface Stage {
  scheduler: Scheduler;
  chance: Chance;
  ledger: Ledger;
  weather: Weather;
  hub(): HubLife | undefined;
  restart(afterMs: number): Promise<void>;
}

const rarely = (stage: Stage, meanHours: number, happen: () => Promise<void>): void => {
  const { scheduler, chance, weather } = stage;
  const next = (): void =>
    scheduler.after(-Math.log(1 - chance.random()) * meanHours * hourMs, () => {
      if (weather.isOver) return;
      scheduler.spawn(() => happen().then(next));
    });
  next();
};

const startWeather = (stage: Stage, loseSome: (share: number) => void): void => {
  const { scheduler, chance, ledger, weather } = stage;
  rarely(stage, 7, () =>
    stage.restart(chance.hit(0.5) ? chance.between(1_000, 30_000) : chance.between(1, 40) * minuteMs),
  );
  rarely(stage, 14, async () => {
    const downMs = chance.between(2_000, 25 * minuteMs);
    const untilMs = scheduler.clock.now() + downMs + 5 * minuteMs;
    scheduler.spawn(async () => stage.hub()?.watchBeats(untilMs));
    weather.logDown = true;
    ledger.hub.push({ what: 'log-down', atMs: scheduler.clock.now() });
    await scheduler.sleep(downMs);
    weather.logDown = false;
    ledger.hub.push({ what: 'log-up', atMs: scheduler.clock.now() });
  });
  rarely(stage, 10, async () => loseSome(chance.between(0.2, 1)));
  rarely(stage, 4, async () => {
    const hub = stage.hub();
    if (hub === undefined) return;
    // Whoever waits on a hub that crashes meanwhile waits for ever: the next round must not.
    scheduler.spawn(() => hub.rate(new Date(scheduler.clock.now()).toISOString()).catch(() => undefined));
  });
};

/** Some worlds have a policy of their own, from before the first device speaks. */
const switchPolicyOn = async ({ hub, chance, ledger }: Stage, occurredAt: string): Promise<void> => {
  const own = chance.fork('policy');
  if (own.hit(0.5)) return;
  const policy = patientPolicy(own);
  ledger.policies.push(policy);
  const fact = { type: 'fault-policy.switched-on', data: { version: 1, policy } };
  const event = eventOf(randomUUID(), fact, { occurredAt, actor: 'user:admin' });
  await hub()!.log.append([{ stream: faultPolicyStream, expectedRevision: 'no-stream', events: [event] }]);
};

const register = async (stage: Stage, world: WorldCompound[], joined: ReturnType<typeof startFleet>): Promise<void> => {
  const { scheduler, ledger, chance } = stage;
  const { log, index } = stage.hub()!;
  const parts = { log, index, dialects: dialects.map(({ name }) => name) };
  const meta = () => ({ occurredAt: new Date(scheduler.clock.now()).toISOString(), actor: 'user:admin' });
  await switchPolicyOn(stage, meta().occurredAt);
  for (const one of world) {
    await registerCompound(parts, one.compound, meta());
    ledger.compounds.push(one.compound.id);
    for (const device of one.devices) {
      const { registration } = device;
      const { occurredAt, actor } = meta();
      const { credential } = await registerDevice(parts, registration, { occurredAt, actor });
      const { id, compound, kind, gateway, externalId, dialect, features } = registration;
      ledger.devices.push({
        ...{ id, compound, kind, dialect, features, atMs: Date.parse(occurredAt) },
        ...(gateway === undefined ? {} : { gateway }),
        ...(externalId === undefined ? {} : { externalId }),
      });
      if (credential === undefined) continue;
      scheduler.after(chance.between(0, 40) * minuteMs, () => joined.join(one, device, credential));
    }
  }
};

const openLives = (
  options: SimulationOptions,
  log: EventLog,
  stage: Omit<Stage, 'hub' | 'restart'>,
  connections: HubLifeParts['connections'],
  targets: readonly Target[],
) => {
  const { scheduler, chance, ledger, weather } = stage;
  let hub: HubLife | undefined;
  let statements = 0;
  let lives = 0;
  const start = async (): Promise<void> => {
    // A start that fails ends the process, and who watches over it starts it again.
    for (hub = undefined; hub === undefined; ) {
      lives += 1;
      hub = await startHubLife({
        ...{ scheduler, ledger, targets, log, connections, chance: chance.fork(`life ${lives}`) },
        logFaults: logFaults(weather, ledger),
        ...{ mutate: options.mutate, mutateProjection: options.mutateProjection },
      }).catch(async () => {
        await scheduler.sleep(5_000);
        return undefined;
      });
    }
    ledger.hub.push({ what: 'started', atMs: scheduler.clock.now() });
  };
  return {
    hub: () => hub,
    start,
    statements: () => statements,
    async stop(): Promise<void> {
      const dying = hub;
      if (dying === undefined) return;
      await dying.crash();
      hub = undefined;
      statements += dying.statements();
      ledger.hub.push({ what: 'crashed', atMs: scheduler.clock.now() });
    },
  };
};

const logFaults = (weather: Weather, ledger: Ledger): LogFaults => ({
  isDown: () => weather.logDown,
  isUnknown: (chance) => !weather.isOver && chance.hit(0.0015),
  fails: (chance) => !weather.isOver && chance.hit(0.001),
  noted: (commit) => void ledger.commits.push(commit),
});

const hashOf = (events: readonly RecordedEvent[]): string => {
  const hash = createHash('sha256');
  for (const event of events) hash.update(JSON.stringify(event));
  return hash.digest('hex');
};

/** Until everything that was said is acknowledged and everything that follows the log has read it. */
const comeToRest = async (stage: Stage, isQuiet: () => boolean, log: EventLog): Promise<void> => {
  const { scheduler, weather } = stage;
  weather.isOver = true;
  const endMs = scheduler.clock.now();
  await scheduler.run(endMs + quietHoursMax * hourMs, isQuiet);
  if (!isQuiet()) throw new Error(`not everything was acknowledged within ${quietHoursMax} quiet hours`);
  // Connections that were lost are noticed within minutes, and orders follow.
  await scheduler.run(scheduler.clock.now() + hourMs);
  for (let before: string | null | undefined; before !== (await log.head()).position; ) {
    before = (await log.head()).position;
    await scheduler.carryOut(() => stage.hub()!.drain());
  }
};

const played = async (options: SimulationOptions, plain: PoolClient, own: PoolClient): Promise<Simulated> => {
  const { seed, days = 2, compounds = 3 } = options;
  const chance = createChance(seed);
  const scheduler = createScheduler(startMs);
  const ledger = createLedger();
  const log = createMemoryEventLog();
  // Good weather while the hub is set up.
  const weather: Weather = { logDown: false, isOver: true };
  const isOver = (): boolean => weather.isOver;
  const world = createWorld(chance.fork('world'), compounds);
  const targets = createTargets(
    { scheduler, ledger, isOver, chance: chance.fork('targets') },
    world.map(({ compound }) => compound.id),
  );
  const lives = openLives(options, log, { scheduler, chance, ledger, weather }, { plain, own }, targets);
  const network = createNetwork({
    ...{ scheduler, chance: chance.fork('network') },
    accept: (stream, address) => lives.hub()?.accept(stream, address) ?? false,
    meanHoursToLoss: () => (weather.isOver ? 1e6 : 9),
  });
  const stage: Stage = {
    ...{ scheduler, chance: chance.fork('weather'), ledger, weather, hub: lives.hub },
    async restart(afterMs) {
      if (lives.hub() === undefined) return;
      await lives.stop();
      network.resetAll();
      await scheduler.sleep(afterMs);
      await lives.start();
    },
  };
  const fleet = startFleet({ scheduler, chance: chance.fork('fleet'), network, ledger, isOver });
  await scheduler.carryOut(async () => {
    await lives.start();
    await register(stage, world, fleet);
  });
  for (const { compound } of world) {
    startSteward(
      {
        scheduler,
        ledger,
        chance: chance.fork(`steward ${compound.id}`),
        hub: lives.hub,
        newId: randomUUID,
        isOver,
      },
      compound.id,
    );
  }
  weather.isOver = false;
  startWeather(stage, network.loseSome);
  await scheduler.run(startMs + days * 24 * hourMs);
  // A crash under way ends with its restart.
  await scheduler.run(Number.MAX_SAFE_INTEGER, () => lives.hub() !== undefined && !weather.logDown);
  await comeToRest(stage, fleet.isQuiet, log);

  const hub = lives.hub()!;
  const endMs = scheduler.clock.now();
  const at = new Date(endMs).toISOString();
  const ratings: Rating[] = [];
  const standing = hub.index;
  for (const compound of standing.compounds()) {
    const devices = standing.devices().filter((device) => device.compound === compound.id);
    ratings.push(await rateCompound(options.pool, standardInForce(at), { compound, devices, at }));
  }
  const events = await log.readAll(null, Number.MAX_SAFE_INTEGER);
  await scheduler.carryOut(lives.stop);
  return {
    ...{ seed, ledger, events, ratings, startMs, endMs, days, log },
    logHash: hashOf(events),
    statements: lives.statements(),
  };
};

/** Plays one world from its seed to its end. The same seed and options give the same log byte for byte. */
export const simulate = async (options: SimulationOptions): Promise<Simulated> => {
  const plain = await options.pool.connect();
  const own = await options.pool.connect();
  try {
    return await withSeededRandomness(options.seed, () => played(options, plain, own));
  } finally {
    plain.release();
    own.release();
  }
};
