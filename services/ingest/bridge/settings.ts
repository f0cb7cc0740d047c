import type { Dialect, HostState } from '../../../devices/dialect.ts';
import { isTopicFilter, topicMatches } from '../../../devices/topic-filter.ts';
import type { RegisteredDevice, RegistryIndex } from '../../registry/registry-index.ts';
import { StartRefused } from '../../runtime/start-refused.ts';

/** The bridge's variables as the environment gives them. */
export interface BridgeVariables {
  HUB_BRIDGE_URL: string;
  HUB_BRIDGE_GATEWAY?: string | undefined;
  HUB_BRIDGE_USERNAME?: string | undefined;
  HUB_BRIDGE_PASSWORD?: string | undefined;
  HUB_BRIDGE_TOPICS?: string | undefined;
  HUB_BRIDGE_SHARE?: string | undefined;
  HUB_BRIDGE_CLIENT_ID?: string | undefined;
  HUB_BRIDGE_CONNECTIONS?: number;
  HUB_BRIDGE_MQTT_VERSION: '5' | '3.1.1';
}

export interface BridgeSettings {
  /** Without user name and password, so that it may be shown. */
  url: string;
  username: string | undefined;
  password: string | undefined;
  /** Registered gateway in whose name everything is taken that is not on a registered device's canonical topic. */
  gateway: string;
  filters: readonly string[];
  /** Group of a shared subscription; `undefined` subscribes alone. */
  share: string | undefined;
  clientId: string;
  /** Connections of this process; several share the subscription. */
  connections: number;
  protocolVersion: 4 | 5;
  /** For devices that wait for their host. Several processes say nothing: none knows whether it is the last. */
  hostState?: HostState;
}

export const connectionsMax = 8;

/** The first keeps the plain name; a colon stands in no id that a person gives to another process. */
export const clientIdOf = ({ clientId }: Pick<BridgeSettings, 'clientId'>, nth: number): string =>
  nth === 0 ? clientId : `${clientId}:${nth + 1}`;

const registerFirst =
  'Start the hub without HUB_BRIDGE_URL, register a device of kind gateway with POST /api/devices, and set HUB_BRIDGE_GATEWAY to its id.';

const gatewayOf = (id: string | undefined, index: Pick<RegistryIndex, 'device'>): RegisteredDevice => {
  if (id === undefined) {
    throw new StartRefused(`HUB_BRIDGE_URL is set, but HUB_BRIDGE_GATEWAY is not. ${registerFirst}`);
  }
  const device = index.device(id);
  if (device === undefined) {
    throw new StartRefused(`HUB_BRIDGE_GATEWAY names ${id}, which is not registered. ${registerFirst}`);
  }
  if (device.retiredAt !== null) {
    throw new StartRefused(`HUB_BRIDGE_GATEWAY names ${id}, which was retired. ${registerFirst}`);
  }
  if (device.kind !== 'gateway') {
    throw new StartRefused(`HUB_BRIDGE_GATEWAY names ${id}, which is of kind ${device.kind}. ${registerFirst}`);
  }
  return device;
};

const addressOf = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^mqtts?:$/.test(url.protocol) || url.hostname === '') {
    throw new StartRefused(
      'HUB_BRIDGE_URL is no broker address. Write mqtt://host:1883, or mqtts://host:8883 for TLS.',
    );
  }
  return url;
};

const decoded = (part: string): string | undefined => {
  if (part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw new StartRefused(
      'HUB_BRIDGE_URL holds a user name or password that is not percent-encoded. Set HUB_BRIDGE_USERNAME and HUB_BRIDGE_PASSWORD instead.',
    );
  }
};

/**
 * All of the hub's own topics, so that a slip of the pen in one is seen, and what the gateway's dialect claims; `auto`
 * claims what any dialect does. Topics with a `$` are the broker's own [MQTT-4.7.2-1].
 */
const defaultFilters = (gateway: RegisteredDevice, dialects: ReadonlyMap<string, Dialect>): string[] => {
  const spoken = gateway.dialect === 'auto' ? [...dialects.values()] : [dialects.get(gateway.dialect)];
  const claimed = spoken.flatMap((dialect) => dialect?.topics ?? []);
  return ['xy/v1/#', ...claimed.filter((filter) => !/^(?:xy\/|\$)/.test(filter))];
};

const checkedFilters = (filters: readonly string[]): readonly string[] => {
  for (const filter of filters) {
    if (!isTopicFilter(filter) || filter.startsWith('$')) {
      throw new StartRefused(
        `HUB_BRIDGE_TOPICS holds ${filter}, which is no topic filter for devices. Separate filters by commas, as in xy/v1/#,zigbee2mqtt/#; a shared subscription is HUB_BRIDGE_SHARE.`,
      );
    }
    // A broker may deliver a message once for each filter, and what carries neither time nor id would be told twice.
    const wider = filters.find((other) => other !== filter && topicMatches(other, filter));
    if (wider !== undefined || filters.indexOf(filter) !== filters.lastIndexOf(filter)) {
      throw new StartRefused(`HUB_BRIDGE_TOPICS holds ${filter} twice, by ${wider ?? filter} as well. Leave one out.`);
    }
  }
  return filters;
};

const shareOf = ({ HUB_BRIDGE_SHARE: share, HUB_BRIDGE_CLIENT_ID: clientId }: BridgeVariables): string | undefined => {
  if (share !== undefined && /[/+#]/.test(share)) {
    throw new StartRefused(`HUB_BRIDGE_SHARE is ${share}; a group's name holds no /, + or # [MQTT-4.8.2-2].`);
  }
  if (share !== undefined && clientId === undefined) {
    throw new StartRefused(
      'HUB_BRIDGE_SHARE is set, so several processes take in messages: give each its own HUB_BRIDGE_CLIENT_ID, the same at every start, because the broker keeps messages by it.',
    );
  }
  return share;
};

const connectionsOf = ({ HUB_BRIDGE_CONNECTIONS: count = 1, HUB_BRIDGE_MQTT_VERSION: version }: BridgeVariables) => {
  if (count > 1 && version !== '5') {
    throw new StartRefused(
      'HUB_BRIDGE_CONNECTIONS is above 1, which needs the shared subscriptions of MQTT 5. Leave it out, or set HUB_BRIDGE_MQTT_VERSION to 5.',
    );
  }
  return count;
};

/** The group of a process that shares only with itself. */
export const ownShare = (gateway: string): string => `xingyuan-${gateway}`;

/** Throws `StartRefused` naming the variable and the remedy. */
export const bridgeSettings = (
  variables: BridgeVariables,
  index: Pick<RegistryIndex, 'device'>,
  dialects: ReadonlyMap<string, Dialect>,
): BridgeSettings => {
  const url = addressOf(variables.HUB_BRIDGE_URL);
  const connections = connectionsOf(variables);
  const gateway = gatewayOf(variables.HUB_BRIDGE_GATEWAY, index);
  const share = shareOf(variables);
  const given = variables.HUB_BRIDGE_TOPICS?.split(',')
    .map((filter) => filter.trim())
    .filter((filter) => filter !== '');
  const filters = checkedFilters(given?.length ? given : defaultFilters(gateway, dialects));
  const hosts = [...dialects.values()].flatMap(({ hostState }) => hostState ?? []);
  const hostState = hosts.find(({ topic }) => filters.some((filter) => topicMatches(filter, topic)));
  // A broker that doesn't let the hub write there may end its connection: not where nobody has named the dialect.
  const isMeant = given?.length || gateway.dialect !== 'auto';
  return {
    url: `${url.protocol}//${url.host}`,
    username: variables.HUB_BRIDGE_USERNAME ?? decoded(url.username),
    password: variables.HUB_BRIDGE_PASSWORD ?? decoded(url.password),
    gateway: gateway.id,
    filters,
    share: share ?? (connections > 1 ? ownShare(gateway.id) : undefined),
    clientId: variables.HUB_BRIDGE_CLIENT_ID ?? `xingyuan-${gateway.id}`,
    connections,
    protocolVersion: variables.HUB_BRIDGE_MQTT_VERSION === '5' ? 5 : 4,
    ...(hostState === undefined || !isMeant || share !== undefined ? {} : { hostState }),
  };
};

const shared = (group: string, filters: readonly string[]): string[] =>
  filters.map((filter) => `$share/${group}/${filter}`);

/** What is asked of the broker for each filter. */
export const subscriptionsOf = ({ filters, share }: BridgeSettings): string[] =>
  share === undefined ? [...filters] : shared(share, filters);

/** What a session may still hold from a run with other settings, and would bring every message twice. */
export const formerSubscriptionsOf = ({ filters, share, gateway }: BridgeSettings): string[] => {
  if (share === undefined) return shared(ownShare(gateway), filters);
  return share === ownShare(gateway) ? [...filters] : [...filters, ...shared(ownShare(gateway), filters)];
};
