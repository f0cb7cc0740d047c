import type { Duplex } from 'node:stream';
import { dialects as dialectList } from '../../devices/dialects/registry.ts';
import type { EventLog } from '../../services/event-log/event-log.ts';
import type { Projection } from '../../services/event-log/projection.ts';
import { watchAppends } from '../../services/hub/append-watch.ts';
import { makeRatings } from '../../services/hub/make-rating.ts';
import { createBeat, recordOutage } from '../../services/hub/outage.ts';
import { beforeIngest, projectionsFor, readModels } from '../../services/hub/projections.ts';
import { rateOne } from '../../services/hub/rate-regularly.ts';
import { createPayloadStore } from '../../services/ingest/dead-letters.ts';
import { openDialectMemory } from '../../services/ingest/dialect-memory.ts';
import { createIngest } from '../../services/ingest/ingest.ts';
import { createLevels } from '../../services/ingest/levels.ts';
import { MqttServer } from '../../services/ingest/mqtt/mqtt-server.ts';
import { createMqttApplication } from '../../services/ingest/mqtt-application.ts';
import { createPseudonymizer } from '../../services/ingest/pseudonym.ts';
import { createQuotas } from '../../services/ingest/quota.ts';
import { allLevels } from '../../services/projections/device-health/queries.ts';
import { createRatingRecord } from '../../services/projections/reporting/rating-record.ts';
import { catchUp, prepareProjection } from '../../services/projections/runner.ts';
import type { PreviousRating } from '../../services/projections/star-rating/rater.ts';
import { followRegistry } from '../../services/registry/follow.ts';
import { createRegistryIndex } from '../../services/registry/registry-index.ts';
import type { Clock } from '../../services/runtime/clock.ts';
import { silentLogger } from '../../services/runtime/logger.ts';
import { createMetrics } from '../../services/runtime/metrics.ts';
import type { Chance } from './chance.ts';
import { createFaultyLog, type LogFaults } from './faulty-log.ts';
import { startKeepers } from './keepers.ts';
import type { Ledger } from './ledger.ts';
import type { Scheduler } from './scheduler.ts';
import { type Connection, createSteppedSql } from './stepped-sql.ts';
import { startCouriers, type Target } from './targets.ts';

export interface HubLifeParts {
  scheduler: Scheduler;
  chance: Chance;
  ledger: Ledger;
  targets: readonly Target[];
  log: EventLog;
  connections: { plain: Connection; own: Connection };
  logFaults: LogFaults;
  /** For tests that show what the auditor finds. */
  mutate?: ((log: EventLog) => EventLog) | undefined;
  mutateProjection?: ((projection: Projection) => Projection) | undefined;
}

const dialects = new Map(dialectList.map((dialect) => [dialect.name, dialect] as const));
const noMutation = <T>(value: T): T => value;
/** Real timers must not end a handshake that waits in virtual time. */
const limits = { connectTimeoutMs: 2 ** 31 - 1, letInTimeoutMs: 2 ** 31 - 1 };
const minuteMs = 60_000;
const beatMs = 10_000;

const metrics = createMetrics();

/** Reads the log through projections, each at a pace of its own, so that some are far behind. */
const createFollowers = ({ scheduler, chance }: HubLifeParts, { log, transact, alive }: Shell) => {
  const running = new Map<string, Promise<void>>();
  /** One reading of a projection at a time, as in the runner's loop. */
  const inTurn = (projection: Projection) => async (): Promise<void> => {
    const before = running.get(projection.name) ?? Promise.resolve();
    const now = before
      .catch(() => undefined)
      .then(async () => {
        await catchUp(log, transact, projection);
      });
    running.set(projection.name, now);
    await now;
  };
  return {
    inTurn,
    /** A failure is tried again, as the runner does. */
    regularly(projection: Projection, leastMs: number, mostMs: number): void {
      const run = inTurn(projection);
      const next = (): void =>
        scheduler.after(chance.between(leastMs, mostMs), () => {
          if (alive())
            scheduler.spawn(() =>
              run()
                .catch(() => undefined)
                .then(next),
            );
        });
      next();
    },
  };
};

/** What a life has before it reads anything: all of it ends at once with `kill`. */
const createShell = (parts: HubLifeParts) => {
  const { scheduler, chance, logFaults } = parts;
  const state = { alive: true };
  const sql = createSteppedSql(scheduler, parts.connections.plain, parts.connections.own);
  const faulty = createFaultyLog(parts.log, scheduler, chance, logFaults);
  const { log, untaken } = watchAppends((parts.mutate ?? noMutation)(faulty.log), scheduler.clock);
  const closing = new AbortController();
  return {
    ...{ log, untaken, sql: sql.sql, transact: sql.transact, statements: sql.statements, signal: closing.signal },
    alive: (): boolean => state.alive,
    async kill(): Promise<void> {
      state.alive = false;
      faulty.kill();
      await sql.kill();
      closing.abort();
    },
  };
};
type Shell = Awaited<ReturnType<typeof createShell>>;

/** Everything that the start reads back from the log and the tables. */
const wakeUp = async ({ log, sql, transact, signal, untaken }: Shell, clock: Clock) => {
  const index = createRegistryIndex();
  const levels = createLevels();
  for (const projection of beforeIngest) await catchUp(log, transact, projection);
  for (const { device, levels: known } of await allLevels(sql)) levels.load(device, known);
  // As where one process writes: all but the registry's and the devices' own words is known here already.
  const wants = (type: string): boolean => /^(device|compound)\./.test(type);
  await followRegistry({ log, transact, index, logger: silentLogger, signal, wants, alsoTell: levels.follow });
  const outage = { sql, opened: { log }, index, untaken, logger: silentLogger } as Parameters<typeof createBeat>[0];
  const clocks = { clock, steady: () => ({ boot: 'simulated', clocksMs: [clock.now()] }) };
  await recordOutage(outage, clocks, { cause: 'hub-stopped' });
  const beat = createBeat(outage, clocks);
  await beat();
  for (const projection of readModels) await prepareProjection(transact, projection);
  return { index, levels, beat, memory: await openDialectMemory(sql) };
};
type Awake = Awaited<ReturnType<typeof wakeUp>>;

/** The way of a message, from the MQTT packet to the log. */
const startIngest = ({ scheduler }: HubLifeParts, shell: Shell, { index, levels, memory }: Awake): MqttServer => {
  const { clock } = scheduler;
  const ingest = createIngest({
    ...{ log: shell.log, index, levels, dialects, metrics, clock, memory },
    pseudonymizer: createPseudonymizer(shell.sql),
    payloads: createPayloadStore(shell.sql),
    rawMessages: { keep: () => undefined },
  });
  const application = createMqttApplication({
    ...{ ingest, index, levels, dialects, metrics, clock, logger: silentLogger },
    quotas: createQuotas({ messagesPerSecond: 0, log: shell.log, metrics, failed: () => undefined }),
    newestHead: () => undefined,
    deliver: () => undefined,
    answer: () => undefined,
    verifyAccount: async () => undefined,
  });
  const stillConnected = (): void =>
    scheduler.after(minuteMs, () => {
      if (!shell.alive()) return;
      scheduler.spawn(() => ingest.stillConnected(application.connectedDevices()).catch(() => undefined));
      stillConnected();
    });
  stillConnected();
  return new MqttServer({ application, clock, limits, failed: () => undefined });
};

/**
 * One life of the hub, put together as `services/hub` does it, from its start to its crash. What it keeps in memory ends
 * with it; the log and the database go on.
 */
export const startHubLife = async (parts: HubLifeParts) => {
  const { scheduler } = parts;
  const { clock } = scheduler;
  const shell = createShell(parts);
  const awake = await wakeUp(shell, clock).catch(async (error: unknown) => {
    await shell.kill();
    throw error;
  });
  const bornMs = clock.now();
  const { log, sql, transact } = shell;
  const { index, beat } = awake;
  const server = startIngest(parts, shell, awake);
  const followers = createFollowers(parts, shell);
  for (const projection of readModels) followers.regularly(projection, 20 * minuteMs, 180 * minuteMs);
  const router = (parts.mutateProjection ?? noMutation)(projectionsFor(['work-orders'], log, index)[0]!);
  const { alive, signal } = shell;
  const read = (projection: Projection): Promise<void> => followers.inTurn(projection)();
  const life = { ...parts, log, sql, transact, index, signal, alive, read };
  await startKeepers(life, router);
  startCouriers(life, parts.targets);

  const rated = { recorded: new Map<string, PreviousRating>(), keep: createRatingRecord(sql) };
  let isWatching = false;
  /** The hub beats every ten seconds. While all is well only the last beat is ever read, so it alone is written. */
  const wellUntilNow = async (): Promise<void> => {
    const tickMs = bornMs + Math.floor((clock.now() - bornMs) / beatMs) * beatMs;
    if (!isWatching) await sql.query('UPDATE hub.alive SET at = $1', [new Date(tickMs).toISOString()]);
  };

  return {
    ...{ log, sql, transact, index, alive, statements: shell.statements },
    accept(stream: Duplex, address: string): boolean {
      if (shell.alive()) server.accept(stream, { remoteAddress: address });
      return shell.alive();
    },
    /** From a moment at which all was well: every beat is carried out. */
    async watchBeats(untilMs: number): Promise<void> {
      await wellUntilNow();
      isWatching = true;
      for (; shell.alive() && clock.now() < untilMs; await scheduler.sleep(beatMs)) {
        await beat().catch(() => undefined);
      }
      isWatching = false;
    },
    rate: async (at: string): Promise<void> => {
      for (const compound of index.compounds()) {
        await rateOne({ sql, log, rate: makeRatings(sql) }, compound, at, rated);
      }
    },
    /** Everything that follows the log reads it to its end. */
    async drain(): Promise<void> {
      for (const projection of [...readModels, router]) await read(projection);
    },
    /** SIGKILL: nothing is said goodbye to. */
    async crash(): Promise<void> {
      if (!shell.alive()) return;
      await wellUntilNow();
      await shell.kill();
    },
  };
};

export type HubLife = Awaited<ReturnType<typeof startHubLife>>;
