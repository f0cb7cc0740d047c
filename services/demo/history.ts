import type { SimulatedMessage } from '../../devices/simulator.ts';
import { type Puppet, puppetOf } from './puppet.ts';
import type { Player } from './world.ts';

const hoursBack = 1.5;
const stepMs = 5 * 60_000;
/** A message may hold a thousand items; smaller ones keep the other devices' turns short. */
const itemsPerMessage = 200;
const weeksDaysBack = 40;
const weeksStepMs = 2 * 3_600_000;

/**
 * What may be told afterwards. Passages would count as delivered late, and a fault of hours ago is nobody's alarm now.
 */
const toldLater: ReadonlySet<string> = new Set([
  'gate.door-changed',
  'camera.picture-probed',
  'camera.retention-reported',
  'charging.session-started',
  'charging.session-ended',
  'charging.metered',
  'device.seen',
]);

const itemsOf = ({ payload }: SimulatedMessage): unknown[] => [JSON.parse(payload) as unknown].flat();

const inBatches = (topicSuffix: 'events' | 'telemetry', items: readonly unknown[]): SimulatedMessage[] => {
  const messages: SimulatedMessage[] = [];
  for (let start = 0; start < items.length; start += itemsPerMessage) {
    const payload = JSON.stringify(items.slice(start, start + itemsPerMessage));
    messages.push({ topicSuffix, payload, qos: 1, retain: false });
  }
  return messages;
};

/**
 * Lets a device live through the hours before now in long strides, so that its curve and its last hour aren't empty at
 * the first look. The device goes on from there.
 */
export const historyOf = (puppet: Puppet, nowMs: number, random: () => number): SimulatedMessage[] => {
  const messages: SimulatedMessage[] = [];
  for (let atMs = nowMs - hoursBack * 3_600_000; atMs < nowMs; atMs += stepMs) {
    messages.push(...puppet.step({ nowMs: atMs, random }));
  }
  // What happened since the last stride would be told late, too.
  puppet.skipTo(nowMs);
  const telemetry = messages.filter(({ topicSuffix }) => topicSuffix === 'telemetry').flatMap(itemsOf);
  const events = messages
    .filter(({ topicSuffix }) => topicSuffix === 'events')
    .flatMap(itemsOf)
    .filter((item) => toldLater.has((item as { type: string }).type));
  return [...inBatches('telemetry', telemetry), ...inBatches('events', events)];
};

/**
 * What the same device measured in the weeks before those hours, as a logger uploads it late: readings only, in strides
 * of two hours, so that the long charts have something to show on the first day.
 */
export const pastWeeksOf = (player: Player, nowMs: number, random: () => number): SimulatedMessage[] => {
  const puppet = puppetOf(player, {});
  const endMs = nowMs - hoursBack * 3_600_000;
  const readings: unknown[] = [];
  for (let atMs = nowMs - weeksDaysBack * 24 * 3_600_000; atMs < endMs; atMs += weeksStepMs) {
    const messages = puppet.step({ nowMs: atMs, random });
    readings.push(...messages.filter(({ topicSuffix }) => topicSuffix === 'telemetry').flatMap(itemsOf));
  }
  return inBatches('telemetry', readings);
};
