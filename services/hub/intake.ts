import type { Dialect } from '../../devices/dialect.ts';
import { dialects as dialectList } from '../../devices/dialects/registry.ts';
import type { Accounts } from '../api/accounts.ts';
import type { RecordedEvent } from '../event-log/event.ts';
import { knowingArrivals } from '../ingest/arrivals.ts';
import { createPayloadStore, type PayloadStore } from '../ingest/dead-letters.ts';
import { type DialectMemory, openDialectMemory } from '../ingest/dialect-memory.ts';
import { createExplain, type Explain } from '../ingest/explain.ts';
import { createIngest, type Ingest } from '../ingest/ingest.ts';
import type { Levels } from '../ingest/levels.ts';
import { createListening, type Listen } from '../ingest/listening.ts';
import { MqttEndpoint } from '../ingest/mqtt/mqtt-endpoint.ts';
import { readTlsMaterial, type TlsMaterial } from '../ingest/mqtt/tls-material.ts';
import { createMqttApplication, createMqttFollower } from '../ingest/mqtt-application.ts';
import { createPseudonymizer } from '../ingest/pseudonym.ts';
import { createQuotas } from '../ingest/quota.ts';
import { expireRawMessages, keepRawMessages } from '../ingest/raw-messages.ts';
import { createStrangers } from '../ingest/strangers.ts';
import { createTopicCommands } from '../ingest/work-order-commands.ts';
import { publishWorkOrders, tellingMissed } from '../ingest/work-order-topic.ts';
import { keepCredentialUse } from '../registry/credential-use.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { StartRefused } from '../runtime/start-refused.ts';
import type { Duty } from '../work-orders/duty.ts';
import { buildOcpp, type OcppDoor } from './ocpp.ts';
import type { Line } from './send-commands.ts';
import type { Stops } from './stops.ts';
import { type Storage, takesSeveralWriters } from './storage.ts';
import { tellFailures } from './tell-failures.ts';

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
  explain: Explain;
  listen: Listen;
  memory: Pick<DialectMemory, 'recall'>;
}

/** What takes messages in, wherever they come from. */
export const buildIntake = async (base: Base, stops: Stops): Promise<Intake> => {
  const { config, sql, intakeLog, index, levels, logger, metrics, caughtUp, closing } = base;
  const dialects = new Map(dialectList.map((dialect) => [dialect.name, dialect] as const));
  const payloads = createPayloadStore(sql);
  const rawMessages = keepRawMessages({ sql, metrics, logger });
  stops.add('the raw messages', rawMessages.stop);
  const expire = (): void =>
    void Promise.all([payloads.expire(systemClock.now()), expireRawMessages(sql, systemClock.now())]).catch((error) =>
      logger.warn({ err: error }, 'could not erase old messages'),
    );
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
    rawMessages,
    memory,
    metrics,
    clock: systemClock,
  });
  const knowing = takesSeveralWriters(config) ? knowingArrivals({ ingest: alone, memory, caughtUp }) : alone;
  const explain = createExplain({ index, dialects, levels, memory });
  return { dialects, payloads, explain, memory, ...createListening(knowing, explain, index) };
};

/** What TLS stands on, for MQTT and OCPP. Throws `StartRefused` for files that won't do. */
const tlsMaterialOf = (config: Config): TlsMaterial | undefined => {
  const { HUB_MQTT_TLS_KEY: key, HUB_MQTT_TLS_CERT: cert, HUB_MQTT_TLS_CA: authority } = config;
  if (config.HUB_MQTT_TLS_PORT !== undefined || config.HUB_OCPP_TLS_PORT !== undefined) {
    return readTlsMaterial({ key, cert, authority }, systemClock.now());
  }
  if (key === undefined && cert === undefined && authority === undefined) return undefined;
  throw new StartRefused(
    'A file for MQTT over TLS is set, but not the port. Set HUB_MQTT_TLS_PORT (commonly 8883) or HUB_OCPP_TLS_PORT, or leave HUB_MQTT_TLS_KEY, HUB_MQTT_TLS_CERT and HUB_MQTT_TLS_CA out.',
  );
};

/** What a hub with the role `ingest` listens with. */
export interface Doors {
  endpoint: MqttEndpoint;
  ocpp: OcppDoor;
  /** Ways to the devices that are connected here. */
  lines: readonly Line[];
}

/** A device beneath a gateway is spoken to through the gateway's connection. */
const linesOf = (endpoint: MqttEndpoint, ocpp: OcppDoor, isConnected: (device: string) => boolean): Line[] => [
  {
    reaches: ({ id }) => ocpp.isConnected(id),
    send: ({ id }, { payload }) => typeof payload === 'string' && ocpp.send(id, payload),
  },
  {
    reaches: ({ id, gateway }) => isConnected(gateway ?? id),
    // At most once [MQTT-4.3.1]: what is sent again after a reconnect would open a gate a second time.
    send: ({ id, gateway }, { topic, payload }) =>
      endpoint.deliver(topic, payload, {
        ...{ qos: 0, to: gateway ?? id },
        ...(typeof payload === 'string' ? { contentType: 'application/json' } : {}),
      }) > 0,
  },
];

/** The MQTT endpoint and the central system of charging posts, not listening yet. */
export const buildDoors = (
  base: Base,
  { ingest, dialects }: Intake,
  { accounts, newestHead, duty }: { accounts: Accounts; newestHead(): string | undefined; duty: Duty },
): Doors => {
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
    answer: (device, { topic, payload }) => void endpoint.deliver(topic, payload, { qos: 0, to: device }),
    verifyAccount: accounts.verify,
    command: createTopicCommands({ log: opened.log, clock: systemClock, duty, deliver }),
    newestHead,
    ...keepCredentialUse({
      ...{ sql, clock: systemClock, signal: closing },
      registry: { log: opened.log, index, dialects: [...dialects.keys()] },
      failed: (error) => logger.warn({ err: error }, 'could not write down that a password was used'),
    }),
    turnedAway: createStrangers({
      ...{ sql, clock: systemClock },
      failed: (error) => logger.warn({ err: error }, 'could not write down who was turned away'),
    }),
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
  const tellFailure = tellFailures(logger, systemClock);
  const material = tlsMaterialOf(config);
  const ocpp = buildOcpp(base, application, material);
  const endpoint: MqttEndpoint = new MqttEndpoint({
    port: config.HUB_MQTT_PORT,
    host: config.HUB_HOST,
    tls: material && config.HUB_MQTT_TLS_PORT !== undefined ? { port: config.HUB_MQTT_TLS_PORT, material } : undefined,
    webSocketPort: config.HUB_MQTT_WS_PORT,
    clock: systemClock,
    failed: (error, doing) => tellFailure(error, `MQTT: ${doing}`),
    application: tellingMissed(application, workOrders),
  });
  const follow = createMqttFollower({
    levels,
    devicesOf: index.devicesOf,
    deliver: (topic, payload, options) => void endpoint.deliver(topic, payload, { qos: 1, ...options }),
    dismiss: (principal, why, text) => {
      endpoint.dismiss(principal, why, text);
      ocpp.dismiss(principal.id, text);
    },
  });
  base.listeners.add(follow);
  closing.addEventListener('abort', () => base.listeners.delete(follow), { once: true });
  return { endpoint, ocpp, lines: linesOf(endpoint, ocpp, application.isConnected) };
};
