import type { IConnackPacket } from 'mqtt';
import type { BridgeSettings } from './settings.ts';

/**
 * Why a connection doesn't stand. `mendable`: somebody must change something, and a hub that is being started refuses;
 * the rest may pass by itself.
 */
export interface Fault {
  mendable: boolean;
  sentence: string;
}

const mendable = (sentence: string): Fault => ({ mendable: true, sentence });

/** CONNACK codes that no waiting mends, of 3.1.1 (below 6) and 5. */
const refusedOf = (code: number, { url, protocolVersion, clientId }: BridgeSettings): Fault => {
  switch (code) {
    case 1:
    case 132:
      return mendable(
        `The broker at ${url} doesn't speak MQTT ${protocolVersion === 5 ? '5' : '3.1.1'}. Set HUB_BRIDGE_MQTT_VERSION to ${protocolVersion === 5 ? '3.1.1' : '5'}.`,
      );
    case 2:
    case 133:
      return mendable(
        `The broker at ${url} rejects the client id ${clientId}. Set HUB_BRIDGE_CLIENT_ID to one that it allows.`,
      );
    case 4:
    case 5:
    case 134:
    case 135:
    case 138:
    case 140:
      return mendable(
        `The broker at ${url} refuses the hub's user name or password. Set HUB_BRIDGE_USERNAME and HUB_BRIDGE_PASSWORD to an account of the broker.`,
      );
    default:
      return {
        mendable: false,
        sentence: `The broker at ${url} takes no connection now (reason code ${code}). The hub tries again.`,
      };
  }
};

const isCertificateCode = (code: string): boolean => /CERT|SIGNATURE|ISSUER|ERR_SSL|ERR_TLS/.test(code);

/** What MQTT.js's `error` event means: a numeric code is the broker's, a string is the network's or TLS's. */
export const faultOf = (error: Error & { code?: unknown }, settings: BridgeSettings): Fault => {
  const { url } = settings;
  if (typeof error.code === 'number') return refusedOf(error.code, settings);
  const code = String(error.code ?? error.message);
  if (isCertificateCode(code)) {
    return mendable(
      `The TLS connection to the broker at ${url} failed: ${code}. Renew the broker's certificate, name its authority in NODE_EXTRA_CA_CERTS, or correct host and port in HUB_BRIDGE_URL.`,
    );
  }
  return {
    mendable: false,
    sentence: `No broker answers at ${url}: ${code}. Start it or correct HUB_BRIDGE_URL; the hub tries again.`,
  };
};

/** Fewer in flight than this, and the broker waits for the hub instead of the other way round. */
const inFlightWanted = 100;

/**
 * What the CONNACK tells of settings that lose messages or hinder the hub. Mosquitto says `max_inflight_messages` as its
 * receive maximum; the length of its queue can't be asked.
 */
export const judgeConnack = (
  { properties }: Pick<IConnackPacket, 'properties'>,
  settings: BridgeSettings,
  sessionExpirySeconds: number,
): { fault: Fault | undefined; warnings: string[] } => {
  const { url, share } = settings;
  const warnings: string[] = [];
  const { sessionExpiryInterval: kept, receiveMaximum } = properties ?? {};
  if (kept !== undefined && kept < sessionExpirySeconds) {
    warnings.push(
      `The broker at ${url} keeps the hub's session for ${kept} s only: messages are lost when the hub is away for longer. Raise the broker's limit for session expiry.`,
    );
  }
  if (receiveMaximum !== undefined && receiveMaximum < inFlightWanted) {
    warnings.push(
      `The broker at ${url} has ${receiveMaximum} messages in flight at most, which is slow, and looks like default settings that drop what waits longer. Set max_inflight_messages and max_queued_messages as in infra/mosquitto/mosquitto.conf.`,
    );
  }
  const fault = ((): Fault | undefined => {
    if (properties?.maximumQoS === 0) {
      return mendable(`The broker at ${url} carries QoS 0 only, which loses messages. Set HUB_BRIDGE_URL to another.`);
    }
    if (share !== undefined && properties?.sharedSubscriptionAvailable === false) return noSharing(url);
    if (properties?.wildcardSubscriptionAvailable === false) return noWildcards(url);
    return undefined;
  })();
  return { fault, warnings };
};

const noSharing = (url: string): Fault =>
  mendable(`The broker at ${url} offers no shared subscriptions. Leave HUB_BRIDGE_SHARE out, and run one ingest.`);
const noWildcards = (url: string): Fault =>
  mendable(
    `The broker at ${url} takes no wildcards in subscriptions. Name the topics one by one in HUB_BRIDGE_TOPICS.`,
  );

/** What the SUBACK says of each filter: anything but QoS 1 would lose messages. */
export const judgeGranted = (
  subscriptions: readonly string[],
  granted: readonly number[],
  { url, share }: BridgeSettings,
): Fault | undefined => {
  for (const [index, filter] of subscriptions.entries()) {
    const code = granted[index];
    if (code === 1 || code === 2) continue;
    if (code === 0) {
      return mendable(
        `The broker at ${url} grants QoS 0 only for ${filter}, which loses messages. Allow QoS 1 to the hub's account.`,
      );
    }
    if (code === 158) return noSharing(url);
    if (code === 162) return noWildcards(url);
    const alone = share === undefined ? '' : ', or leave HUB_BRIDGE_SHARE out';
    return mendable(
      `The broker at ${url} refuses the subscription ${filter} (reason code ${code}). Allow it to the hub's account, or correct HUB_BRIDGE_TOPICS${alone}.`,
    );
  }
  return undefined;
};

/** Why the broker ended a connection that stood, by its DISCONNECT. */
export const endedSentence = (code: number | undefined, { url, clientId }: BridgeSettings): string =>
  code === 142
    ? `Another client connected to ${url} as ${clientId}. Give each hub its own HUB_BRIDGE_CLIENT_ID, and all of them the same HUB_BRIDGE_SHARE.`
    : `The connection to the broker at ${url} is lost${code === undefined ? '' : ` (reason code ${code})`}. The hub tries again.`;

/** A connection that ends before the CONNACK and without an error: usually TLS spoken to plain, or plain to TLS. */
export const silentEnd = ({ url }: BridgeSettings): Fault => ({
  mendable: false,
  sentence: `The broker at ${url} closes the connection without a word. Correct HUB_BRIDGE_URL: mqtts:// for a port with TLS, mqtt:// for one without.`,
});
