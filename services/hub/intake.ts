import type { Dialect } from '../../devices/dialect.ts';
import { dialects as dialectList } from '../../devices/dialects/registry.ts';
import type { Accounts } from '../api/accounts.ts';
import { createPayloadStore, type PayloadStore } from '../ingest/dead-letters.ts';
import { openDialectMemory } from '../ingest/dialect-memory.ts';
import { createIngest, type Ingest } from '../ingest/ingest.ts';
import type { Levels } from '../ingest/levels.ts';
import { MqttEndpoint } from '../ingest/mqtt/mqtt-endpoint.ts';
import { createMqttApplication } from '../ingest/mqtt-application.ts';
import { createPseudonymizer } from '../ingest/pseudonym.ts';
import { publishWorkOrders } from '../ingest/work-order-topic.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Storage } from './storage.ts';

/** How often the hub looks which connected devices have said nothing for long. */
export const lifeSignSeconds = 60;

export interface Base extends Storage {
  config: Config;
  logger: Logger;
  metrics: Metrics;
  index: RegistryIndex;
  levels: Levels;
  /** Aborted when the hub closes. */
  closing: AbortSignal;
}

export interface Intake {
  dialects: ReadonlyMap<string, Dialect>;
  payloads: PayloadStore;
  ingest: Ingest;
}

/** What takes messages in, wherever they come from. */
export const buildIntake = async ({ sql, opened, index, levels, metrics }: Base): Promise<Intake> => {
  const dialects = new Map(dialectList.map((dialect) => [dialect.name, dialect] as const));
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

/** The MQTT endpoint, not listening yet. */
export const buildEndpoint = (base: Base, { ingest, dialects }: Intake, accounts: Accounts): MqttEndpoint => {
  const { config, logger, metrics, index, opened, closing } = base;
  const deliver = (topic: string, payload: string): void =>
    void endpoint.deliver(topic, payload, { qos: 1, contentType: 'application/json' });
  const application = createMqttApplication({
    ...{ ingest, index, dialects, deliver, logger, metrics },
    verifyAccount: accounts.verify,
    clock: systemClock,
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
