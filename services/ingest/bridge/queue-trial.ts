import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import type { BridgeSettings } from './settings.ts';

/** Above Mosquitto's default of 1,000 and its twenty in flight: enough to tell that nobody has set the length. */
const messages = 1_200;
const quietMs = 500;
/** Should the trial break off, the broker forgets its session by itself. */
const sessionSeconds = 60;
const patienceMs = 10_000;

export interface QueueTrial {
  /** Messages of the trial that the broker acknowledged and dropped. */
  dropped: number;
  warning: string | undefined;
}

const passed: QueueTrial = { dropped: 0, warning: undefined };

const warningOf = (url: string, kept: number): string =>
  `The broker at ${url} kept ${kept} of ${messages} messages for a client that is away, and acknowledged all of them: what devices say while the hub is away would be lost. Set max_queued_messages and max_inflight_messages as in infra/mosquitto/mosquitto.conf.`;

/** A topic that nobody else hears, by the access list of infra/mosquitto the hub's to write. */
const topicOf = (clientId: string): string => `xy/trial/${clientId.replaceAll(/[^A-Za-z0-9-]/g, '-')}`;

/** Resolves when connected; `heard` counts from the first message on, which may follow the CONNACK at once. */
const enter = (settings: BridgeSettings, role: string, clean: boolean, heard?: () => void): Promise<MqttClient> => {
  const { url, username, password, protocolVersion } = settings;
  const client = connect(url, {
    ...{ username, password, protocolVersion, clean, reconnectPeriod: 0, connectTimeout: patienceMs },
    clientId: `${settings.clientId}:${role}`,
    ...(protocolVersion === 5 ? { properties: { sessionExpiryInterval: clean ? 0 : sessionSeconds } } : {}),
  });
  if (heard !== undefined) client.on('message', heard);
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve(client));
    client.on('error', reject);
    client.once('close', () => reject(new Error('closed')));
  });
};

const run = async (settings: BridgeSettings, signal: AbortSignal): Promise<QueueTrial> => {
  const topic = topicOf(settings.clientId);
  // A session that an earlier trial left is emptied first.
  await (await enter(settings, 'trial', true)).endAsync();
  const absent = await enter(settings, 'trial', false);
  await absent.subscribeAsync(topic, { qos: 1 });
  await absent.endAsync();
  const publisher = await enter(settings, 'trial-2', true);
  await Promise.all(Array.from({ length: messages }, () => publisher.publishAsync(topic, '', { qos: 1 })));
  await publisher.endAsync();
  let kept = 0;
  let lastMs = performance.now();
  const returned = await enter(settings, 'trial', false, () => {
    kept += 1;
    lastMs = performance.now();
  });
  while (!signal.aborted && kept < messages && performance.now() - lastMs < quietMs) await sleep(20);
  await returned.endAsync();
  await (await enter(settings, 'trial', true)).endAsync();
  // Nothing at all came where the access list lets the hub neither write nor read there.
  if (signal.aborted || kept === 0 || kept >= messages) return passed;
  return { dropped: messages - kept, warning: warningOf(settings.url, kept) };
};

/**
 * Tries how much the broker keeps for a client that is away, as the hub will be one day: the length of a queue can't be
 * asked. With clients of its own, on a topic of its own; a broker that doesn't allow it is not blamed.
 */
export const tryQueue = (settings: BridgeSettings, signal: AbortSignal): Promise<QueueTrial> =>
  run(settings, signal).catch(() => passed);
