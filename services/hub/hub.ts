import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { dialects as dialectList } from '../../devices/dialects/registry.ts';
import { createAccounts } from '../api/accounts.ts';
import { ApiModule } from '../api/api.module.ts';
import { type OpenedEventLog, openEventLog } from '../event-log/open.ts';
import { createPayloadStore } from '../ingest/dead-letters.ts';
import { openDialectMemory } from '../ingest/dialect-memory.ts';
import { createIngest } from '../ingest/ingest.ts';
import { createLevels } from '../ingest/levels.ts';
import { MqttEndpoint } from '../ingest/mqtt/mqtt-endpoint.ts';
import { createMqttApplication } from '../ingest/mqtt-application.ts';
import { createPseudonymizer } from '../ingest/pseudonym.ts';
import { publishWorkOrders } from '../ingest/work-order-topic.ts';
import { allLevels } from '../projections/device-health/queries.ts';
import { catchUp, createRunner, type Runner } from '../projections/runner.ts';
import { followRegistry } from '../registry/follow.ts';
import { createRegistryIndex, type RegistryIndex } from '../registry/registry-index.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import { startEmbeddedPostgres } from '../runtime/embedded-postgres.ts';
import type { Logger } from '../runtime/logger.ts';
import { createMetrics, type Metrics } from '../runtime/metrics.ts';
import { migrate } from '../runtime/migrate.ts';
import { openPool, transact } from '../runtime/postgres.ts';
import type { Sql, Transact } from '../runtime/sql.ts';
import { startHttp } from './http.ts';
import { keepAlive, recordOutage } from './outage.ts';
import { beforeIngest, projectionsWith } from './projections.ts';
import { rateRegularly } from './rate-regularly.ts';

export interface RunningHub {
  /** `undefined` where the role doesn't run here. */
  mqttPort: number | undefined;
  httpPort: number | undefined;
  /** Made up at the first start of a data folder without HUB_ADMIN_PASSWORD; told this once. */
  adminPassword: string | undefined;
  /** Resolves with the database's last words when the hub's own PostgreSQL ends by itself: the hub can't go on. */
  databaseDied: Promise<string>;
  stop(): Promise<void>;
}

/** How often the hub looks which connected devices have said nothing for long. */
const lifeSignSeconds = 60;

/** What has been started so far, stopped in the opposite order; each stop runs even if the one before it fails. */
const createStops = (logger: Logger) => {
  const stops: { what: string; stop: () => unknown }[] = [];
  return {
    add: (what: string, stop: () => unknown): void => void stops.unshift({ what, stop }),
    run: async (): Promise<void> => {
      for (const { what, stop } of stops.splice(0)) {
        try {
          await stop();
        } catch (error) {
          logger.error({ err: error }, `could not stop ${what}`);
        }
      }
    },
  };
};
type Stops = ReturnType<typeof createStops>;

interface Base {
  config: Config;
  logger: Logger;
  metrics: Metrics;
  sql: Sql;
  transact: Transact;
  opened: OpenedEventLog;
  index: RegistryIndex;
  closing: AbortSignal;
}

const openStorage = async (config: Config, logger: Logger, stops: Stops, died: (lastWords: string) => void) => {
  let url = config.DATABASE_URL;
  if (url === undefined) {
    const embedded = await startEmbeddedPostgres({
      dataDir: config.HUB_DATA_DIR,
      log: (line) => logger.debug({ postgres: line }),
    });
    stops.add('PostgreSQL', embedded.stop);
    url = embedded.url;
    embedded.died.then(died);
  }
  const pool = openPool(url, { maxConnections: 15 });
  stops.add('the database connections', () => pool.end());
  await migrate(transact(pool));
  const opened = await openEventLog(config.EVENT_LOG_URL ?? url, { clock: systemClock });
  stops.add('the event log', () => opened.log.close());
  return { sql: pool as Sql, transact: transact(pool), opened };
};

const buildIngest = async ({ sql, opened, index, metrics }: Base) => {
  const dialects = new Map(dialectList.map((dialect) => [dialect.name, dialect] as const));
  const levels = createLevels();
  for (const { device, levels: known } of await allLevels(sql)) levels.load(device, known);
  const payloads = createPayloadStore(sql);
  const ingest = createIngest({
    log: opened.log,
    index,
    dialects,
    levels,
    pseudonymizer: createPseudonymizer(sql),
    payloads,
    memory: await openDialectMemory(sql),
    metrics,
    clock: systemClock,
  });
  return { dialects, payloads, ingest };
};

const buildEndpoint = (
  base: Base,
  { ingest, dialects }: Awaited<ReturnType<typeof buildIngest>>,
  accounts: ReturnType<typeof createAccounts>,
): MqttEndpoint => {
  const { config, logger, metrics, index, opened, closing } = base;
  const deliver = (topic: string, payload: string): void =>
    void endpoint.deliver(topic, payload, { qos: 1, contentType: 'application/json' });
  const application = createMqttApplication({
    ingest,
    index,
    dialects,
    verifyAccount: accounts.verify,
    deliver,
    clock: systemClock,
    logger,
    metrics,
  });
  const alive = setInterval(() => {
    ingest
      .stillConnected(application.connectedDevices())
      .catch((error) => logger.warn({ err: error }, 'could not record who is connected'));
  }, lifeSignSeconds * 1000);
  closing.addEventListener('abort', () => clearInterval(alive), { once: true });
  const endpoint: MqttEndpoint = new MqttEndpoint({
    port: config.HUB_MQTT_PORT,
    host: config.HUB_HOST,
    clock: systemClock,
    failed: (error, doing) => logger.error({ err: error }, `MQTT: ${doing}`),
    application,
  });
  publishWorkOrders(opened.log, deliver, closing).catch((error) =>
    logger.error({ err: error }, 'work orders are not told over MQTT any longer'),
  );
  return endpoint;
};

const startRunner = async (base: Base, stops: Stops): Promise<Runner> => {
  const { config, opened, transact: inTransaction, logger, metrics, index } = base;
  const projections = config.HUB_ROLES.includes('projections') ? projectionsWith(opened.log, index) : [];
  const runner = createRunner(
    { log: opened.log, transact: inTransaction, clock: systemClock, logger, metrics },
    projections,
  );
  await runner.start();
  stops.add('the projections', runner.stop);
  return runner;
};

/** Starts the hub with the roles that the configuration names. Throws `StartRefused` for what a person can mend. */
export const startHub = async (config: Config, logger: Logger): Promise<RunningHub> => {
  const stops = createStops(logger);
  const closing = new AbortController();
  let died: (lastWords: string) => void = () => undefined;
  const databaseDied = new Promise<string>((resolve) => {
    died = resolve;
  });
  try {
    const storage = await openStorage(config, logger, stops, died);
    stops.add('whoever follows the log', () => closing.abort());
    const index = createRegistryIndex();
    const base: Base = { config, logger, metrics: createMetrics(), ...storage, index, closing: closing.signal };
    const { sql, opened, metrics } = base;
    for (const projection of beforeIngest) await catchUp(opened.log, base.transact, projection);
    await followRegistry({ log: opened.log, transact: base.transact, index, logger, signal: closing.signal });
    await recordOutage(sql, opened.log, index, systemClock);
    stops.add('the sign of life', keepAlive(sql, systemClock, logger));
    const runner = await startRunner(base, stops);
    if (config.HUB_ROLES.includes('projections'))
      stops.add('the rater', rateRegularly({ sql, log: opened.log, index, logger }));
    const accounts = createAccounts(sql, systemClock);
    const adminPassword = await accounts.ensureAdmin(config.HUB_ADMIN_PASSWORD);
    const built = await buildIngest(base);
    const app = await NestFactory.create<NestExpressApplication>(
      ApiModule.with({
        ...{ sql, index, runner, accounts, logger, metrics, log: opened.log },
        verifyLog: () => opened.verify(),
        dialects: [...built.dialects.keys()],
        ingest: built.ingest,
        payloads: built.payloads,
        clock: systemClock,
        closing: closing.signal,
      }),
      { logger: false, bodyParser: false, abortOnError: false },
    );
    stops.add('HTTP and MQTT', () => app.close());
    // Live streams hold HTTP connections open: they must end before the server can close.
    stops.add('the live streams', () => closing.abort());
    let endpoint: MqttEndpoint | undefined;
    if (config.HUB_ROLES.includes('ingest')) {
      endpoint = buildEndpoint(base, built, accounts);
      app.connectMicroservice({ strategy: endpoint });
      await app.startAllMicroservices();
    }
    const httpPort = config.HUB_ROLES.includes('api') ? await startHttp(app, config) : undefined;
    return { mqttPort: endpoint?.address()?.port, httpPort, adminPassword, databaseDied, stop: stops.run };
  } catch (error) {
    await stops.run();
    throw error;
  }
};
