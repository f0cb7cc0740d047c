import type { Dialect } from '../../devices/dialect.ts';
import { dialects as dialectList } from '../../devices/dialects/registry.ts';
import type { Accounts } from '../api/accounts.ts';
import type { RecordedEvent } from '../event-log/event.ts';
import { knowingArrivals } from '../ingest/arrivals.ts';
import { createPayloadStore, type PayloadStore } from '../ingest/dead-letters.ts';
import { openDialectMemory } from '../ingest/dialect-memory.ts';
import { createIngest, type Ingest } from '../ingest/ingest.ts';
import type { Levels } from '../ingest/levels.ts';
import { MqttEndpoint } from '../ingest/mqtt/mqtt-endpoint.ts';
import { readTlsMaterial } from '../ingest/mqtt/tls-material.ts';
import { createMqttApplication, createMqttFollower } from '../ingest/mqtt-application.ts';
import { createPseudonymizer } from '../ingest/pseudonym.ts';
import { createQuotas } from '../ingest/quota.ts';
import { createTopicCommands } from '../ingest/work-order-commands.ts';
import { publishWorkOrders, tellingMissed } from '../ingest/work-order-topic.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { StartRefused } from '../runtime/start-refused.ts';
import type { Duty } from '../work-orders/duty.ts';
import { type Storage, takesSeveralWriters } from './storage.ts';

/** How often the hub looks which connected devices have said nothing for long. */
export const lifeSignSeconds = 60;

export interface Base extends Storage {
  config: Config;
  logger: Logger;
  metrics: Metrics;
  index: RegistryIndex;
  levels: Levels;
  /** Told every event after the index and the levels. */
  listeners: Set<(event: RecordedEvent) => void>;
  /** Resolves once what the log holds at the call is in the index and the levels. */
  caughtUp(): Promise<void>;
  /** Aborted when the hub closes. */
  closing: AbortSignal;
}

export interface Intake {
  dialects: ReadonlyMap<string, Dialect>;
  payloads: PayloadStore;
  ingest: Ingest;
}

/** What takes messages in, wherever they come from. */
export const buildIntake = async (base: Base): Promise<Intake> => {
  const { config, sql, intakeLog, index, levels, logger, metrics, caughtUp, closing } = base;
  const dialects = new Map(dialectList.map((dialect) => [dialect.name, dialect] as const));
  const payloads = createPayloadStore(sql);
  const expire = (): void =>
    void payloads
      .expire(systemClock.now())
      .catch((error) => logger.warn({ err: error }, 'could not erase old refused payloads'));
  const expiring = setInterval(expire, 3_600_000);
  closing.addEventListener('abort', () => clearInterval(expiring), { once: true });
  const memory = await openDialectMemory(sql);
  const alone = createIngest({
    log: intakeLog,
    index,
    dialects,
    levels,
    pseudonymizer: createPseudonymizer(sql),
    payloads,
    memory,
    metrics,
    clock: systemClock,
  });
  const ingest = takesSeveralWriters(config) ? knowingArrivals({ ingest: alone, memory, caughtUp }) : alone;
  return { dialects, payloads, ingest };
};

/** Throws `StartRefused` for files that won't do. */
const tlsOf = (config: Config) => {
  const { HUB_MQTT_TLS_PORT: port, HUB_MQTT_TLS_KEY: key, HUB_MQTT_TLS_CERT: cert } = config;
  const authority = config.HUB_MQTT_TLS_CA;
  if (port !== undefined) return { port, material: readTlsMaterial({ key, cert, authority }, systemClock.now()) };
  if (key === undefined && cert === undefined && authority === undefined) return undefined;
  throw new StartRefused(
    'A file for MQTT over TLS is set, but not the port. Set HUB_MQTT_TLS_PORT (commonly 8883), or leave HUB_MQTT_TLS_KEY, HUB_MQTT_TLS_CERT and HUB_MQTT_TLS_CA out.',
  );
};

/** The MQTT endpoint, not listening yet. */
export const buildEndpoint = (
  base: Base,
  { ingest, dialects }: Intake,
  { accounts, newestHead, duty }: { accounts: Accounts; newestHead(): string | undefined; duty: Duty },
): MqttEndpoint => {
  const { config, sql, logger, metrics, index, levels, opened, closing } = base;
  const deliver = (topic: string, payload: string): void =>
    void endpoint.deliver(topic, payload, { qos: 1, contentType: 'application/json' });
  const quotas = createQuotas({
    messagesPerSecond: config.HUB_MQTT_QUOTA_PER_DEVICE,
    ...{ log: opened.log, metrics },
    failed: (error) => logger.error({ err: error }, 'could not record that a quota was exceeded'),
  });
  const application = createMqttApplication({
    ...{ ingest, index, levels, quotas, dialects, deliver, logger, metrics },
    verifyAccount: accounts.verify,
    command: createTopicCommands({ log: opened.log, clock: systemClock, duty, deliver }),
    newestHead,
    clock: systemClock,
  });
  const alive = setInterval(() => {
    ingest
      .stillConnected(application.connectedDevices())
      .catch((error) => logger.warn({ err: error }, 'could not record who is connected'));
  }, lifeSignSeconds * 1000);
  closing.addEventListener('abort', () => clearInterval(alive), { once: true });
  const workOrders = publishWorkOrders({
    ...{ log: opened.log, sql, name: 'work-order-topic' as const, deliver, logger },
    clock: systemClock,
    signal: closing,
  });
  const endpoint: MqttEndpoint = new MqttEndpoint({
    port: config.HUB_MQTT_PORT,
    host: config.HUB_HOST,
    tls: tlsOf(config),
    webSocketPort: config.HUB_MQTT_WS_PORT,
    clock: systemClock,
    failed: (error, doing) => logger.error({ err: error }, `MQTT: ${doing}`),
    application: tellingMissed(application, workOrders),
  });
  const follow = createMqttFollower({
    levels,
    deliver: (topic, payload, options) => void endpoint.deliver(topic, payload, { qos: 1, ...options }),
    dismiss: (principal, why, text) => endpoint.dismiss(principal, why, text),
  });
  base.listeners.add(follow);
  closing.addEventListener('abort', () => base.listeners.delete(follow), { once: true });
  return endpoint;
};
