import { setTimeout as sleep } from 'node:timers/promises';
import type { IConnackPacket, IPublishPacket, MqttClient } from 'mqtt';
import type { Logger } from '../../runtime/logger.ts';
import { StartRefused } from '../../runtime/start-refused.ts';
import { endedSentence, type Fault, faultOf, judgeConnack, judgeGranted, silentEnd } from './broker-check.ts';
import { connectDiverted } from './broker-client.ts';
import { type HeldAcknowledgements, holdAcknowledgements } from './held-acknowledgements.ts';
import { type BridgeSettings, formerSubscriptionsOf, subscriptionsOf } from './settings.ts';

/** How long the broker keeps what it has for a hub that is away. Longer than any holiday's outage. */
export const sessionExpirySeconds = 14 * 24 * 3600;
/** In flight on MQTT 5; the broker keeps the rest, which is the back-pressure. */
export const receiveMaximum = 1_000;
/** Under way to the log from all connections together, as from the hub's own devices. */
const unansweredBytesMax = 64 * 1024 * 1024;
/** An append that takes longer stalls no ping, but a broker that doesn't answer pings is gone. */
export const keepaliveSeconds = 30;
const reconnectMs = 1_000;
/** The hub's start waits this long for the broker, and goes on without it. */
const firstAnswerSecondsMax = 10;
/** Until commits under way have settled, and then until the broker has taken what was told. */
const drainSecondsMax = 7;
const farewellSecondsMax = 1;
/** What waits for the broker's PUBACK; beyond, refusals and work orders are not told. */
const untakenMax = 1_000;

/** Mosquitto's count of what its queues had no room for. Others don't have the topic, or don't show it. */
const droppedTopic = '$SYS/broker/publish/messages/dropped';

export interface ConnectionParts {
  settings: BridgeSettings;
  logger: Logger;
  /** Resolves when durable. Rejects: the connection is dropped and the broker sends it again. */
  take(packet: IPublishPacket): Promise<void>;
  /** The broker is known to have kept a session for the hub, from an earlier run. */
  hadSession: boolean;
  /** One of several watches what the broker says of itself. */
  watchesBroker: boolean;
  /** Connected and subscribed. `sessionLost`: the broker had kept a session for the hub and has it no longer. */
  up(sessionLost: boolean): void;
  /** It was up and is not any more. `byUs`: the hub dropped it, because the log could not take a message. */
  down(byUs: boolean): void;
  brokerDropped(count: number): void;
  /** What is to be said of the hub while it is there, and when it isn't. */
  hostState?: { online: Telling; offline: Telling } | undefined;
}

/** What the hub says through the broker; JSON where it is text. */
export interface Telling {
  topic: string;
  payload: string | Uint8Array;
  /** 1 when left out. */
  qos?: 0 | 1;
  retain?: boolean;
}

export interface BrokerConnection {
  isUp(): boolean;
  /** Why the bridge doesn't run, in a sentence; `undefined` while it does. */
  trouble(): string | undefined;
  unanswered(): number;
  /** Answers whether it was handed to the broker; `failed` is called when the broker refused it later. */
  publish(telling: Telling, failed: () => void): boolean;
  /** What the first attempt to connect came to: throws `StartRefused` for what only a person can mend. */
  firstAnswer(): Promise<void>;
  /** Acknowledges what is under way, as long as that takes no longer than eight seconds, and disconnects. */
  close(): Promise<void>;
}

const open = ({ settings, hostState }: ConnectionParts, held: HeldAcknowledgements): MqttClient => {
  const { url, clientId, username, password, protocolVersion } = settings;
  const options = {
    clientId,
    username,
    password,
    protocolVersion,
    clean: false,
    keepalive: keepaliveSeconds,
    connectTimeout: firstAnswerSecondsMax * 1000,
    reconnectPeriod: reconnectMs,
    reconnectOnConnackError: true,
    resubscribe: false,
    queueQoSZero: false,
    ...(hostState === undefined ? {} : { will: packetOf(hostState.offline) }),
    ...(protocolVersion === 5 ? { properties: { sessionExpiryInterval: sessionExpirySeconds, receiveMaximum } } : {}),
  };
  const client = connectDiverted(url, options, held.begin);
  client.on('close', held.end);
  return client;
};

/**
 * Subscribes with QoS 1. MQTT 5 sends retained messages only for a subscription that is new, and keeps the hub's own
 * messages from coming back, which a shared one may not ask for [MQTT-3.8.3-4].
 */
const subscribe = (client: MqttClient, settings: BridgeSettings): Promise<Fault | undefined> => {
  const subscriptions = subscriptionsOf(settings);
  const options =
    settings.protocolVersion === 5 ? { qos: 1 as const, rh: 1, nl: settings.share === undefined } : { qos: 1 as const };
  return new Promise((resolve) => {
    client.subscribe(subscriptions, options, (error, _granted, packet) => {
      const granted = packet?.cmd === 'suback' ? packet.granted.map(Number) : undefined;
      if (granted !== undefined) resolve(judgeGranted(subscriptions, granted, settings));
      else
        resolve({
          mendable: false,
          sentence: `The broker at ${settings.url} did not answer the subscription: ${error?.message ?? 'no SUBACK'}.`,
        });
    });
  });
};

interface State {
  trouble: string | undefined;
  isUp: boolean;
  wasUp: boolean;
  closing: boolean;
  /** Why the hub itself drops the connection that stands. */
  dropping: string | undefined;
  /** Publishes that the broker has not acknowledged. */
  untaken: number;
  /** Something was said of the attempt to connect that is under way. */
  told: boolean;
}

/** Keeps one connection to the broker, for as long as the hub runs. */
export const connectBroker = (parts: ConnectionParts): BrokerConnection => {
  const { settings, logger } = parts;
  const state: State = {
    trouble: `The bridge is connecting to ${settings.url}.`,
    ...{ isUp: false, wasUp: false, closing: false, dropping: undefined, untaken: 0, told: false },
  };
  let answer: (fault: Fault | undefined) => void = () => undefined;
  const answered = new Promise<Fault | undefined>((resolve) => {
    answer = resolve;
  });
  const fault = (found: Fault): void => {
    if (state.trouble !== found.sentence && !state.closing) logger.warn(`bridge: ${found.sentence}`);
    state.told = true;
    // What happens to a connection that stands shows in whether it stands on.
    if (state.isUp) return;
    state.trouble = found.sentence;
    answer(found);
  };
  const held = holdAcknowledgements({
    limits: { unansweredMax: 2 * receiveMaximum, unansweredBytesMax: unansweredBytesMax / settings.connections },
    take: (packet) => (packet.topic === droppedTopic ? heardDropped(parts, packet) : parts.take(packet)),
    dropped(error, packet) {
      const lost = packet.qos === 0 ? ' It came with QoS 0, so it is lost.' : '';
      logger.error({ err: error, topic: packet.topic }, `bridge: a message could not be taken.${lost}`);
      const cause = error instanceof Error ? error.message : String(error);
      state.dropping = `A message could not be taken: ${cause}. The broker will send it again.`;
    },
  });
  const client = open(parts, held);
  watch({ client, state, parts, fault, subscribed: () => answer(undefined) });
  return {
    isUp: () => state.isUp,
    trouble: () => state.trouble,
    unanswered: held.unanswered,
    publish: (telling, failed) => tell(client, state, telling, failed),
    async firstAnswer() {
      const found = await within(answered, firstAnswerSecondsMax);
      if (found?.mendable) throw new StartRefused(found.sentence);
    },
    close: () => {
      if (parts.hostState !== undefined) tell(client, state, parts.hostState.offline, () => undefined);
      return close(client, state, held);
    },
  };
};

const within = async <Done>(promise: Promise<Done>, seconds: number): Promise<Done | undefined> => {
  const done = new AbortController();
  const patience = sleep(seconds * 1000, undefined, { signal: done.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, patience]);
  } finally {
    done.abort();
  }
};

const heardDropped = async (parts: ConnectionParts, packet: IPublishPacket): Promise<void> => {
  const count = Number(packet.payload.toString());
  if (Number.isFinite(count)) parts.brokerDropped(count);
};

interface Watched {
  client: MqttClient;
  state: State;
  parts: ConnectionParts;
  fault(fault: Fault): void;
  subscribed(): void;
}

/** Checks and subscribes, once the broker has let the hub in. */
const settle = async ({ client, state, parts, fault, subscribed }: Watched, connack: IConnackPacket): Promise<void> => {
  const { settings, logger } = parts;
  const { stream } = client;
  const judged = judgeConnack(connack, settings, sessionExpirySeconds);
  if (!state.wasUp) for (const warning of judged.warnings) logger.warn(`bridge: ${warning}`);
  // In 3.1.1 a second subscription brings all retained messages again; the session still has the first.
  const standing = state.wasUp && connack.sessionPresent && settings.protocolVersion === 4;
  const found = judged.fault ?? (standing ? undefined : await subscribe(client, settings));
  if (client.stream !== stream || stream.destroyed || state.closing) return;
  if (found !== undefined) {
    fault(found);
    stream.destroy();
    return;
  }
  if (connack.sessionPresent && !state.wasUp && settings.protocolVersion === 5) {
    client.unsubscribe(formerSubscriptionsOf(settings), () => undefined);
  }
  if (parts.watchesBroker) client.subscribe(droppedTopic, { qos: 0 }, () => undefined);
  const sessionLost = (state.wasUp || parts.hadSession) && !connack.sessionPresent;
  Object.assign(state, { trouble: undefined, isUp: true, wasUp: true });
  logger.info(`bridge: connected to ${settings.url}, subscribed to ${subscriptionsOf(settings).join(', ')}`);
  if (parts.hostState !== undefined) {
    const { online } = parts.hostState;
    tell(client, state, online, () => logger.warn(`bridge: the broker doesn't let the hub write ${online.topic}`));
  }
  parts.up(sessionLost);
  subscribed();
};

/** Follows the connection's life. */
const watch = (watched: Watched): void => {
  const { client, state, parts, fault } = watched;
  const { settings } = parts;
  let reasonCode: number | undefined;
  client.on('connect', (connack) => void settle(watched, connack));
  client.on('error', (error) => fault(faultOf(error, settings)));
  client.on('disconnect', (packet) => {
    reasonCode = packet.reasonCode;
  });
  client.on('close', () => {
    const { isUp, dropping, told } = state;
    state.isUp = false;
    if (dropping !== undefined) fault({ mendable: false, sentence: dropping });
    else if (isUp) fault({ mendable: false, sentence: endedSentence(reasonCode, settings) });
    else if (!told) fault(silentEnd(settings));
    Object.assign(state, { dropping: undefined, told: false });
    reasonCode = undefined;
    if (isUp && !state.closing) parts.down(dropping !== undefined);
  });
};

const packetOf = ({ topic, payload, qos = 1, retain = false }: Telling) => ({
  ...{ topic, qos, retain },
  payload: typeof payload === 'string' ? payload : Buffer.from(payload),
});

const tell = (client: MqttClient, state: State, telling: Telling, failed: () => void): boolean => {
  if (!state.isUp || state.closing || state.untaken >= untakenMax) return false;
  const { topic, payload, ...options } = packetOf(telling);
  const isJson = typeof payload === 'string' && client.options.protocolVersion === 5;
  const properties = isJson ? { properties: { contentType: 'application/json' } } : {};
  state.untaken += 1;
  client.publish(topic, payload, { ...options, ...properties }, (error) => {
    state.untaken -= 1;
    if (error) failed();
  });
  return true;
};

const close = async (client: MqttClient, state: State, held: HeldAcknowledgements): Promise<void> => {
  state.closing = true;
  await within(held.stop(), drainSecondsMax);
  const ended = new Promise<void>((resolve) => {
    client.end(!state.isUp, {}, () => resolve());
  });
  // It waits for the broker to take what was told, which may never be.
  await within(ended, farewellSecondsMax);
  client.stream.destroy();
};
