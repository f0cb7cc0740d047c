import type { IPublishPacket } from 'mqtt';
import type { RegistryIndex } from '../../registry/registry-index.ts';
import { type Clock, isoTime } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import type { Ingest, Message } from '../ingest.ts';
import type { Outcome } from '../outcome.ts';
import { type BridgeMetrics, createBridgeMetrics } from './bridge-metrics.ts';
import type { Telling } from './broker-connection.ts';
import { connectBrokers } from './broker-connections.ts';
import { emptyFormerSessions } from './former-sessions.ts';
import { tryQueue } from './queue-trial.ts';
import { isForTheHub, senderOf } from './sender.ts';
import type { BridgeSettings } from './settings.ts';

/** Shorter absences lose no heartbeat of any kind, as with the hub's own. */
const gapMsMin = 60_000;
const retryMs = 5_000;

export interface BridgeParts {
  ingest: Pick<Ingest, 'accept' | 'connection'>;
  index: RegistryIndex;
  /** The hub has been connected through this gateway before, and its session ought to be there still. */
  hadSession: boolean;
  /** Puts on record that nothing could be heard of these compounds for a while. */
  recordGap(compounds: string[], from: string, to: string): Promise<void>;
  clock: Clock;
  /** Goes on whatever is done to the time of day. */
  steadyMs(): number;
  logger: Logger;
  metrics: Metrics;
}

export interface Bridge {
  /** Why nothing is heard through the broker, in a sentence; `undefined` while all is well. */
  trouble(): string | undefined;
  /** Publishes through the broker; what it can't take now is counted and not kept. */
  deliver(topic: string, payload: string | Uint8Array, qos?: 0 | 1): void;
  /** Looks, beside everything else, for what the start doesn't show: a queue too short, sessions left behind. */
  inspect(): Promise<void>;
  /** Devices whose connection the bridge's own proves: its gateway. */
  connectedDevices(): string[];
  /** Whether the broker is there and has brought something that this device said, or this is the bridge's gateway. */
  carries(device: string): boolean;
  close(): Promise<void>;
}

const messageOf = (packet: IPublishPacket, receivedAtMs: number): Message => {
  const { payload, messageId, properties } = packet;
  const message: Message = {
    topic: packet.topic,
    payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
    retain: packet.retain,
    // To a subscriber the flag means that it was kept from before the subscription [MQTT-3.3.1-8].
    retainedReplay: packet.retain,
    receivedAtMs,
    duplicate: packet.dup === true,
  };
  if (messageId !== undefined) message.packetId = messageId;
  if (properties?.contentType !== undefined) message.contentType = properties.contentType;
  if (properties?.userProperties !== undefined) message.userProperties = properties.userProperties;
  return message;
};

interface BridgeGap {
  from: string;
  to: string;
}

const gapsKeptMax = 100;

/** Remembers since when nothing was heard, and puts it on record when that is over. */
const createGaps = ({ recordGap, clock, steadyMs, logger }: BridgeParts) => {
  const compounds = new Set<string>();
  const past: BridgeGap[] = [];
  const retries = new Set<NodeJS.Timeout>();
  let downSinceMs: number | undefined = steadyMs();
  const record = (of: string[], { from, to }: BridgeGap): void => {
    recordGap(of, from, to).catch((error: unknown) => {
      logger.error({ err: error, from, to }, 'bridge: could not put its outage on record, trying again');
      const retry = setTimeout(() => {
        retries.delete(retry);
        record(of, { from, to });
      }, retryMs);
      retries.add(retry);
    });
  };
  return {
    /** The bridge serves that compound. It did so before it is first heard of, so what was missed is its gap too. */
    serves(compound: string): void {
      if (compounds.has(compound)) return;
      compounds.add(compound);
      for (const gap of past) record([compound], gap);
    },
    down(): void {
      downSinceMs ??= steadyMs();
    },
    up(sessionLost: boolean): void {
      if (downSinceMs === undefined) return;
      // By a clock that nobody sets: a time of day that is put on makes no outage.
      const awayMs = steadyMs() - downSinceMs;
      downSinceMs = undefined;
      if (!sessionLost && awayMs < gapMsMin) return;
      const toMs = clock.now();
      const gap = { from: isoTime(toMs - Math.round(awayMs)), to: isoTime(toMs) };
      past.push(gap);
      if (past.length > gapsKeptMax) past.shift();
      record([...compounds], gap);
    },
    stop(): void {
      for (const retry of retries) clearTimeout(retry);
    },
  };
};

interface Speech {
  settings: BridgeSettings;
  bridgeMetrics: BridgeMetrics;
  serves(compound: string): void;
  heard(device: string): void;
  tell(telling: Telling): void;
}

const createTake = ({ ingest, index, clock, metrics }: BridgeParts, speech: Speech) => {
  const tellRefusal = (senderId: string, topic: string, outcome: Outcome): void => {
    const sender = index.device(senderId);
    if (outcome.outcome !== 'refused' || sender === undefined) return;
    const { code, reason, field, deadLetter } = outcome;
    speech.tell({
      topic: `xy/v1/${sender.compound}/${sender.id}/refusals`,
      payload: JSON.stringify({ topic, code, reason, field, deadLetter }),
    });
  };
  /** Apart from where the message is at hand, so that it is not kept until the commit. */
  const concluded = (taken: Promise<Outcome>, sender: string, topic: string): Promise<void> =>
    taken.then((outcome) => {
      if (outcome.outcome !== 'refused') speech.heard(sender);
      const compound = index.device(sender)?.compound;
      if (compound !== undefined) speech.serves(compound);
      tellRefusal(sender, topic, outcome);
      for (const answer of outcome.answers ?? []) speech.tell({ ...answer, qos: 0 });
    });
  return (packet: IPublishPacket): Promise<void> => {
    const { topic } = packet;
    if (!isForTheHub(topic)) {
      metrics.messages.inc({ outcome: 'no-op', reason: 'not-for-the-hub', dialect: '' });
      return Promise.resolve();
    }
    const { gateway } = speech.settings;
    if (index.device(gateway)?.retiredAt !== null) {
      const text = `the bridge's gateway ${gateway} was retired; set HUB_BRIDGE_GATEWAY to another and restart`;
      return Promise.reject(new Error(text));
    }
    const { sender, refusal } = senderOf(index, gateway, topic);
    const message = messageOf(packet, clock.now());
    if (refusal !== undefined) message.refusedAs = refusal;
    return concluded(ingest.accept(sender, message), sender, topic);
  };
};

/** Counts the broker's losses, and says so when there are more: nobody else will. */
const createLossWatch = ({ logger }: BridgeParts, { brokerDropped }: BridgeMetrics, { url }: BridgeSettings) => {
  let last: number | undefined;
  let probed = 0;
  const heard = (count: number): void => {
    brokerDropped.set(count);
    const dropped = last === undefined ? 0 : count - last - probed;
    // Once the count has moved, what the hub itself had dropped to try the queue is in it.
    if (last !== undefined && count > last) probed = 0;
    if (dropped > 0) {
      logger.error(
        `bridge: the broker at ${url} dropped ${dropped} messages, of the hub's or of another client's. Raise max_queued_messages and max_inflight_messages as in infra/mosquitto/mosquitto.conf.`,
      );
    }
    last = count;
  };
  return {
    heard,
    /** So many were the hub's own, sent to be dropped. */
    probed(count: number): void {
      probed += count;
    },
  };
};

const inspect = async (
  parts: Parameters<typeof emptyFormerSessions>[0],
  dropped: (count: number) => void,
  signal: AbortSignal,
): Promise<void> => {
  const { settings, logger } = parts;
  const trial = await tryQueue(settings, signal);
  dropped(trial.dropped);
  if (trial.warning !== undefined) logger.warn(`bridge: ${trial.warning}`);
  if (settings.protocolVersion === 5) await emptyFormerSessions(parts, signal);
};

/** The broker keeps the hub's state, and says itself when the hub is gone. */
const hostStateOf = ({ hostState }: BridgeSettings, sinceMs: number) => {
  if (hostState === undefined) return undefined;
  const telling = (online: boolean): Telling => ({
    topic: hostState.topic,
    payload: hostState.payload(online, sinceMs),
    retain: true,
  });
  return { online: telling(true), offline: telling(false) };
};

/**
 * Takes in what devices say through an outside broker. A PUBACK to the broker means what the hub's own means: it is in
 * the log. What the broker promised to the device is the broker's word. Throws `StartRefused` for what a person must
 * mend; a broker that doesn't answer is waited for.
 */
export const startBridge = async (parts: BridgeParts, settings: BridgeSettings): Promise<Bridge> => {
  const { ingest, index, clock, logger } = parts;
  const bridgeMetrics = createBridgeMetrics(parts.metrics.registry, () => connection.unanswered());
  const own = index.device(settings.gateway);
  const gaps = createGaps(parts);
  if (own !== undefined) gaps.serves(own.compound);
  const losses = createLossWatch(parts, bridgeMetrics, settings);
  const stopping = new AbortController();

  const presence = (state: 'online' | 'offline'): void => {
    bridgeMetrics.connected.set(state === 'online' ? 1 : 0);
    ingest
      .connection(settings.gateway, state, state === 'online' ? undefined : 'connection-lost', clock.now())
      .catch((error: unknown) => logger.error({ err: error }, `bridge: could not record that its gateway is ${state}`));
  };
  const tell = (telling: Telling): void => {
    if (!connection.publish(telling, () => bridgeMetrics.untold.inc())) bridgeMetrics.untold.inc();
  };
  const heard = new Set([settings.gateway]);
  const take = createTake(parts, {
    ...{ settings, bridgeMetrics, serves: gaps.serves, tell },
    heard: (device) => void heard.add(device),
  });
  const connection = connectBrokers({
    settings,
    logger,
    take,
    up(sessionLost, others) {
      if (others === 0) {
        presence('online');
        gaps.up(sessionLost);
      }
      if (!sessionLost) return;
      bridgeMetrics.sessionsLost.inc();
      logger.error(
        `bridge: the broker at ${settings.url} has forgotten the hub's session and what it kept in it, unless the broker or HUB_BRIDGE_CLIENT_ID is new. Give it \`persistence true\` as in infra/mosquitto/mosquitto.conf.`,
      );
    },
    down(byUs, others) {
      if (byUs) bridgeMetrics.drops.inc();
      if (others > 0) return;
      gaps.down();
      if (byUs) bridgeMetrics.connected.set(0);
      else presence('offline');
    },
    ...{ hadSession: parts.hadSession, brokerDropped: losses.heard },
    hostState: hostStateOf(settings, clock.now()),
  });
  const close = async (): Promise<void> => {
    gaps.stop();
    stopping.abort();
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
    inspect: () => inspect({ settings, logger, take }, losses.probed, stopping.signal),
    deliver: (topic, payload, qos = 1) => tell({ topic, payload, qos }),
    connectedDevices: () => (connection.trouble() === undefined ? [settings.gateway] : []),
    carries: (device) => connection.trouble() === undefined && heard.has(device),
    close,
  };
};
