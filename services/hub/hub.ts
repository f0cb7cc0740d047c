import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createAccounts } from '../api/accounts.ts';
import { ApiModule } from '../api/api.module.ts';
import type { ApiParts } from '../api/api-parts.ts';
import { createLevels } from '../ingest/levels.ts';
import type { MqttEndpoint } from '../ingest/mqtt/mqtt-endpoint.ts';
import { allLevels } from '../projections/device-health/queries.ts';
import { prepareReporting } from '../projections/reporting/prepare-reporting.ts';
import { catchUp, createRunner } from '../projections/runner.ts';
import { followRegistry } from '../registry/follow.ts';
import { createRegistryIndex } from '../registry/registry-index.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { connectBridge } from './bridge.ts';
import { startHttp } from './http.ts';
import { type Base, buildEndpoint, buildIntake } from './intake.ts';
import { keepAlive, recordOutage } from './outage.ts';
import { beforeIngest, projectionsFor } from './projections.ts';
import { rateRegularly } from './rate-regularly.ts';
import { createStops, type Stops } from './stops.ts';
import { openStorage } from './storage.ts';
import { startUpkeep } from './time-series-upkeep.ts';

export interface RunningHub {
  /** `undefined` where the role `ingest` doesn't run here. */
  mqttPort: number | undefined;
  httpPort: number;
  /** Made up at the first start of a data folder without HUB_ADMIN_PASSWORD; told this once. */
  adminPassword: string | undefined;
  /** Resolves with the database's last words when the hub's own PostgreSQL ends by itself: the hub can't go on. */
  databaseDied: Promise<string>;
  stop(): Promise<void>;
}

/** Storage, and what every role keeps in memory of the log. */
const openBase = async (
  config: Config,
  logger: Logger,
  stops: Stops,
  died: (lastWords: string) => void,
): Promise<Base> => {
  const storage = await openStorage(config, logger, stops, died);
  const closing = new AbortController();
  stops.add('whoever follows the log', () => closing.abort());
  const index = createRegistryIndex();
  const levels = createLevels();
  for (const projection of beforeIngest) await catchUp(storage.opened.log, storage.transact, projection);
  for (const { device, levels: known } of await allLevels(storage.sql)) levels.load(device, known);
  await followRegistry({
    log: storage.opened.log,
    transact: storage.transact,
    ...{ index, logger },
    signal: closing.signal,
    alsoTell: levels.follow,
  });
  return { config, logger, metrics: createMetrics(), ...storage, index, levels, closing: closing.signal };
};

/** Starts the projections of this process' roles, and the rater beside them. */
const startProjections = async (base: Base, stops: Stops) => {
  const { config, opened, transact, logger, metrics, index, sql } = base;
  const { log } = opened;
  const runner = createRunner(
    { log, transact, clock: systemClock, logger, metrics },
    projectionsFor(config.HUB_ROLES, log, index),
  );
  await runner.start();
  stops.add('the projections', runner.stop);
  if (config.HUB_ROLES.includes('projections')) {
    const { role } = await prepareReporting(transact, { password: config.HUB_REPORT_PASSWORD });
    if (role === 'missing')
      logger.warn('the read-only role xingyuan_report is missing: the reporting views are for the owner only');
    stops.add('the rater', rateRegularly({ sql, log, index, logger }));
  }
  // A log whose server doesn't chain its events is sealed from beside; several that do it don't disturb each other.
  const notary = config.HUB_ROLES.includes('projections') ? opened.startNotary?.() : undefined;
  const unsealed = (): string[] => (notary?.trouble ? [`the event log is not being sealed: ${notary.trouble}`] : []);
  const upkeep = config.HUB_ROLES.includes('projections')
    ? await startUpkeep({ sql, transact, logger, metrics })
    : undefined;
  if (upkeep !== undefined) stops.add('the upkeep of the readings', upkeep.stop);
  return { runner, overdue: () => upkeep?.overdue() ?? [], unsealed };
};

/** Starts the hub with the roles that the configuration names. Throws `StartRefused` for what a person can mend. */
export const startHub = async (config: Config, logger: Logger): Promise<RunningHub> => {
  const stops = createStops(logger);
  let died: (lastWords: string) => void = () => undefined;
  const databaseDied = new Promise<string>((resolve) => {
    died = resolve;
  });
  try {
    const base = await openBase(config, logger, stops, died);
    const { sql, opened, metrics, index } = base;
    // The other roles may run on while nobody takes messages in: that is an outage too.
    if (config.HUB_ROLES.includes('ingest')) {
      await recordOutage(base, systemClock, 'hub-stopped');
      stops.add('the sign of life', keepAlive(base, systemClock));
    }
    const { runner, overdue, unsealed } = await startProjections(base, stops);
    const accounts = createAccounts(sql, systemClock);
    const adminPassword = await accounts.ensureAdmin(config.HUB_ADMIN_PASSWORD);
    const intake = await buildIntake(base);
    const bridge = config.HUB_ROLES.includes('ingest') ? await connectBridge(base, intake) : undefined;
    if (bridge !== undefined) stops.add('the bridge', bridge.close);
    // Live streams hold HTTP connections open: they must end before the server can close.
    const leaving = new AbortController();
    const parts: ApiParts = {
      ...{ sql, index, runner, accounts, logger, metrics, log: opened.log },
      verifyLog: () => opened.verify(),
      dialects: [...intake.dialects.keys()],
      ingest: intake.ingest,
      payloads: intake.payloads,
      clock: systemClock,
      closing: leaving.signal,
      overdue: () => [...base.untaken(), ...overdue()],
      troubles: () => [bridge?.trouble() ?? [], unsealed()].flat(),
    };
    const app = await NestFactory.create<NestExpressApplication>(
      ApiModule.with(parts, { healthOnly: !config.HUB_ROLES.includes('api') }),
      { logger: false, bodyParser: false, abortOnError: false },
    );
    stops.add('HTTP and MQTT', () => app.close());
    stops.add('the live streams', () => leaving.abort());
    let endpoint: MqttEndpoint | undefined;
    if (config.HUB_ROLES.includes('ingest')) {
      endpoint = buildEndpoint(base, intake, accounts);
      app.connectMicroservice({ strategy: endpoint });
      await app.startAllMicroservices();
    }
    const httpPort = await startHttp(app, config);
    return { mqttPort: endpoint?.address()?.port, httpPort, adminPassword, databaseDied, stop: stops.run };
  } catch (error) {
    await stops.run();
    throw error;
  }
};
