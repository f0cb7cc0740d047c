import type { IPublishPacket } from 'mqtt';
import type { RegistryIndex } from '../../registry/registry-index.ts';
import { type Clock, isoTime } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import type { Ingest, Message } from '../ingest.ts';
import type { Outcome } from '../outcome.ts';
import { type BridgeMetrics, createBridgeMetrics } from './bridge-metrics.ts';
import { type BrokerConnection, connectBroker } from './broker-connection.ts';
import { isForTheHub, senderOf } from './sender.ts';
import type { BridgeSettings } from './settings.ts';

/** Shorter absences lose no heartbeat of any kind, as with the hub's own. */
const gapMsMin = 60_000;
const retryMs = 5_000;

export interface BridgeParts {
  ingest: Pick<Ingest, 'accept' | 'connection'>;
  index: RegistryIndex;
  /** Puts on record that nothing could be heard of these compounds for a while. */
  recordGap(compounds: string[], from: string, to: string): Promise<void>;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}

export interface Bridge {
  /** Why nothing is heard through the broker, in a sentence; `undefined` while all is well. */
  trouble(): string | undefined;
  /** Publishes through the broker; what it can't take now is counted and not kept. */
  deliver(topic: string, payload: string): void;
  /** Devices whose connection the bridge's own proves: its gateway. */
  connectedDevices(): string[];
  close(): Promise<void>;
}

const messageOf = (packet: IPublishPacket, receivedAtMs: number): Message => {
  const { topic, payload, retain, dup, messageId, properties } = packet;
  return {
    topic,
    payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
    retain,
    // To a subscriber the flag means that it was kept from before the subscription [MQTT-3.3.1-8].
    retainedReplay: retain,
    receivedAtMs,
    ...(messageId === undefined ? {} : { packetId: messageId }),
    duplicate: dup === true,
    contentType: properties?.contentType,
    userProperties: properties?.userProperties,
  };
};

/** Remembers since when nothing was heard, and puts it on record when that is over. */
const createGaps = ({ recordGap, clock, logger }: BridgeParts, compounds: () => string[]) => {
  let downSinceMs: number | undefined = clock.now();
  let retry: NodeJS.Timeout | undefined;
  const record = (from: string, to: string): void => {
    recordGap(compounds(), from, to).catch((error: unknown) => {
      logger.error({ err: error, from, to }, 'bridge: could not put its outage on record, trying again');
      retry = setTimeout(record, retryMs, from, to);
    });
  };
  return {
    down(): void {
      downSinceMs ??= clock.now();
    },
    up(sessionLost: boolean): void {
      const fromMs = downSinceMs;
      downSinceMs = undefined;
      const toMs = clock.now();
      if (fromMs !== undefined && (sessionLost || toMs - fromMs >= gapMsMin)) record(isoTime(fromMs), isoTime(toMs));
    },
    stop: (): void => clearTimeout(retry),
  };
};

interface Speech {
  settings: BridgeSettings;
  bridgeMetrics: BridgeMetrics;
  heard: Set<string>;
  deliver(topic: string, payload: string): void;
}

const createTake = ({ ingest, index, clock, metrics }: BridgeParts, speech: Speech) => {
  const tellRefusal = (senderId: string, topic: string, outcome: Outcome): void => {
    const sender = index.device(senderId);
    if (outcome.outcome !== 'refused' || sender === undefined) return;
    const { code, reason, field, deadLetter } = outcome;
    speech.deliver(
      `xy/v1/${sender.compound}/${sender.id}/refusals`,
      JSON.stringify({ topic, code, reason, field, deadLetter }),
    );
  };
  return async (packet: IPublishPacket): Promise<void> => {
    if (!isForTheHub(packet.topic)) {
      metrics.messages.inc({ outcome: 'no-op', reason: 'not-for-the-hub', dialect: '' });
      return;
    }
    const { gateway } = speech.settings;
    if (index.device(gateway)?.retiredAt !== null) {
      throw new Error(`the bridge's gateway ${gateway} was retired; set HUB_BRIDGE_GATEWAY to another and restart`);
    }
    const { sender, refusal } = senderOf(index, gateway, packet.topic);
    const message = messageOf(packet, clock.now());
    const outcome = await ingest.accept(sender, refusal === undefined ? message : { ...message, refusedAs: refusal });
    const compound = index.device(sender)?.compound;
    if (compound !== undefined) speech.heard.add(compound);
    tellRefusal(sender, packet.topic, outcome);
  };
};

/** Counts the broker's losses, and says so when there are more: nobody else will. */
const createLossWatch = ({ logger }: BridgeParts, { brokerDropped }: BridgeMetrics, { url }: BridgeSettings) => {
  let last: number | undefined;
  return (count: number): void => {
    brokerDropped.set(count);
    if (last !== undefined && count > last) {
      logger.error(
        `bridge: the broker at ${url} dropped ${count - last} messages, of the hub's or of another client's. Raise max_queued_messages and max_inflight_messages as in infra/mosquitto/mosquitto.conf.`,
      );
    }
    last = count;
  };
};

/**
 * Takes in what devices say through an outside broker. A PUBACK to the broker means what the hub's own means: it is in
 * the log. What the broker promised to the device is the broker's word. Throws `StartRefused` for what a person must
 * mend; a broker that doesn't answer is waited for.
 */
export const startBridge = async (parts: BridgeParts, settings: BridgeSettings): Promise<Bridge> => {
  const { ingest, index, clock, logger } = parts;
  const bridgeMetrics = createBridgeMetrics(parts.metrics.registry, () => connection.unanswered());
  const heard = new Set<string>();
  const own = index.device(settings.gateway);
  if (own !== undefined) heard.add(own.compound);
  const gaps = createGaps(parts, () => [...heard]);

  const presence = (state: 'online' | 'offline'): void => {
    bridgeMetrics.connected.set(state === 'online' ? 1 : 0);
    ingest
      .connection(settings.gateway, state, state === 'online' ? undefined : 'connection-lost', clock.now())
      .catch((error: unknown) => logger.error({ err: error }, `bridge: could not record that its gateway is ${state}`));
  };
  const deliver = (topic: string, payload: string): void => {
    if (!connection.publish(topic, payload, () => bridgeMetrics.untold.inc())) bridgeMetrics.untold.inc();
  };
  const connection: BrokerConnection = connectBroker({
    settings,
    logger,
    take: createTake(parts, { settings, bridgeMetrics, heard, deliver }),
    up(sessionLost) {
      presence('online');
      gaps.up(sessionLost);
      if (!sessionLost) return;
      bridgeMetrics.sessionsLost.inc();
      logger.error(
        `bridge: the broker at ${settings.url} has forgotten the hub's session and what it kept in it. Give it persistence as in infra/mosquitto/mosquitto.conf.`,
      );
    },
    down(byUs) {
      gaps.down();
      if (byUs) bridgeMetrics.drops.inc();
      if (byUs) bridgeMetrics.connected.set(0);
      else presence('offline');
    },
    brokerDropped: createLossWatch(parts, bridgeMetrics, settings),
  });
  const close = async (): Promise<void> => {
    gaps.stop();
    await connection.close();
  };
  try {
    await connection.firstAnswer();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    trouble: connection.trouble,
    deliver,
    connectedDevices: () => (connection.trouble() === undefined ? [settings.gateway] : []),
    close,
  };
};
