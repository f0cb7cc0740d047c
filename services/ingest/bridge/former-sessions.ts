import { setTimeout as sleep } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import { connectDiverted } from './broker-client.ts';
import { type ConnectionParts, keepaliveSeconds, receiveMaximum, sessionExpirySeconds } from './broker-connection.ts';
import { type HeldAcknowledgements, holdAcknowledgements } from './held-acknowledgements.ts';
import { type BridgeSettings, clientIdOf, connectionsMax, formerSubscriptionsOf, subscriptionsOf } from './settings.ts';

/** Nothing came for so long: what the broker had kept in the session is through. */
const quietMs = 1_000;
const limits = { unansweredMax: receiveMaximum, unansweredBytesMax: 16 * 1024 * 1024 };

type EmptyParts = Pick<ConnectionParts, 'settings' | 'logger' | 'take'>;

const open = (
  { url, username, password }: BridgeSettings,
  clientId: string,
  held: HeldAcknowledgements,
): MqttClient => {
  const client = connectDiverted(
    url,
    {
      ...{ clientId, username, password, protocolVersion: 5, clean: false, keepalive: keepaliveSeconds },
      ...{ reconnectPeriod: 0, resubscribe: false },
      properties: { sessionExpiryInterval: sessionExpirySeconds, receiveMaximum },
    },
    held.begin,
  );
  client.on('close', held.end);
  return client;
};

/** Whether there is a session of that name; a broker that refuses the name keeps none. */
const sessionOf = (client: MqttClient): Promise<boolean> =>
  new Promise((resolve) => {
    client.once('connect', ({ sessionPresent }) => resolve(sessionPresent));
    client.on('error', () => resolve(false));
    client.once('close', () => resolve(false));
  });

const forget = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => {
    client.end(false, { properties: { sessionExpiryInterval: 0 } }, () => resolve());
  });

/** Takes in what one session still holds, and lets the broker forget it; on failure it is left for the next start. */
const emptySession = async (parts: EmptyParts, clientId: string, signal: AbortSignal): Promise<void> => {
  const { settings, logger } = parts;
  let lastMs = performance.now();
  let failed = false;
  const held = holdAcknowledgements({
    limits,
    take(packet) {
      lastMs = performance.now();
      return parts.take(packet);
    },
    dropped(error) {
      failed = true;
      logger.error({ err: error }, `bridge: a message of the former session ${clientId} could not be taken`);
    },
  });
  const client = open(settings, clientId, held);
  const stop = (): void => void client.end(true);
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (!(await sessionOf(client))) return await forget(client);
    logger.warn(`bridge: emptying the session ${clientId} of an earlier run with more connections`);
    client.unsubscribe([...subscriptionsOf(settings), ...formerSubscriptionsOf(settings)], () => undefined);
    while (!failed && !signal.aborted && client.connected) {
      if (held.unanswered() === 0 && performance.now() - lastMs > quietMs) return await forget(client);
      await sleep(quietMs / 10);
    }
  } finally {
    signal.removeEventListener('abort', stop);
    client.end(true);
  }
};

/**
 * A broker goes on giving a share of the messages to the sessions of connections that are there no longer. Looks for
 * those of a run with more connections than now, and empties them.
 */
export const emptyFormerSessions = async (parts: EmptyParts, signal: AbortSignal): Promise<void> => {
  const { settings, logger } = parts;
  try {
    for (let nth = settings.connections; nth < connectionsMax && !signal.aborted; nth += 1) {
      await emptySession(parts, clientIdOf(settings, nth), signal);
    }
  } catch (error) {
    logger.warn({ err: error }, 'bridge: could not look for former sessions');
  }
};
