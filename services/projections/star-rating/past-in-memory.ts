import type { RecordedEvent } from '../../event-log/event.ts';
import { type MinuteReading, widen } from './band-time.ts';
import { fold, type KnownDevice, type Loss, type RegisterRow } from './fold.ts';
import { type HeardRun, hear } from './heard-runs.ts';
import { joinedWithinMs } from './kind-silence.ts';
import type { CountSeries, DevicePast } from './past.ts';

/** What the register tells of a device that must be known to read its events. */
export const knownFrom = (device: string, register: readonly RegisterRow[]): KnownDevice => {
  const own = register.filter((row) => row.device === device).sort((a, b) => a.revision - b.revision);
  const quantities: Record<string, number> = {};
  const models: Record<string, number> = {};
  for (const { data, toldMs } of own) {
    const { quantity } = (data.band ?? {}) as { quantity?: string };
    if (quantity !== undefined) quantities[quantity] ??= toldMs;
    if (typeof data.model === 'string') models[data.model] ??= toldMs;
  }
  const kinds = own.map(({ data }) => data.kind);
  const gateways = own
    .map(({ data }) => data.gateway)
    .filter((gateway): gateway is string => typeof gateway === 'string');
  return {
    ...{ device, quantities, models },
    kind: kinds.find((kind): kind is string => typeof kind === 'string'),
    gateways: [...new Set(gateways)],
  };
};

/** Who has others beneath it comes first, for their words are read by its losses. */
export const gatewaysFirst = (devices: readonly KnownDevice[]): [gateways: KnownDevice[], others: KnownDevice[]] => {
  const gateways = new Set(devices.flatMap((device) => device.gateways));
  return [devices.filter(({ device }) => gateways.has(device)), devices.filter(({ device }) => !gateways.has(device))];
};

const hourMs = 3_600_000;

/** By the hour, as the tables tell it where a window may begin at any. */
const seriesOf = ({ dayMs, counter, hours }: { dayMs: number; counter: string; hours: number[] }): CountSeries => ({
  counter,
  hours: hours.map((_, hour) => dayMs / hourMs + hour),
  counts: hours,
});

/**
 * The same fold as the tables', kept in memory: for what the tables can't tell, which is what was known of a device at
 * some time. Each event is handed over once. `above` are the losses of its gateways.
 */
export const createDeviceMemory = (known: KnownDevice, compound: string, above: readonly Loss[]) => {
  const before = new Map([[known.device, known]]);
  const runs: HeardRun[] = [];
  const losses: Loss[] = [];
  const backMs = new Set<number>();
  const counts = new Map<string, { dayMs: number; counter: string; hours: number[] }>();
  const retention: { atMs: number; revision: number; retainedDays: number }[] = [];
  const readings = new Map<string, { hourMs: number; quantity: string; minutes: Map<number, MinuteReading> }>();
  const hoursMs = new Set<number>();
  const ascending = (one: number, other: number): number => one - other;

  return {
    add(events: readonly RecordedEvent[]): void {
      const additions = fold(events, before);
      losses.push(...additions.losses);
      for (const { atMs: heardMs, toldMs } of additions.heard.get(known.device) ?? []) {
        const isBetween = (fromMs: number, toMs: number) => (loss: Loss) =>
          loss.atMs >= fromMs && loss.atMs < toMs && loss.toldMs <= toldMs;
        const isOneRun = (fromMs: number, toMs: number): boolean =>
          toMs - fromMs <= joinedWithinMs(known.kind, known.models, toMs) &&
          !losses.some(isBetween(fromMs, toMs)) &&
          !above.some(isBetween(fromMs, toMs));
        hear(runs, heardMs, isOneRun);
      }
      for (const { atMs } of additions.returns) backMs.add(atMs);
      for (const [key, { dayMs, counter, hours }] of additions.counts) {
        const day = counts.get(key);
        if (day === undefined) counts.set(key, { dayMs, counter, hours });
        else day.hours = day.hours.map((count, hour) => count + hours[hour]!);
      }
      for (const { at, revision, retainedDays } of additions.retention) {
        retention.push({ atMs: Date.parse(at), revision, retainedDays });
      }
      for (const [key, { hourMs, quantity, minutes }] of additions.readings) {
        const hour = readings.get(key);
        if (hour === undefined) readings.set(key, { hourMs, quantity, minutes });
        else for (const reading of minutes.values()) widen(hour.minutes, reading);
      }
      for (const hourMs of additions.compoundHours.get(compound) ?? []) hoursMs.add(hourMs);
    },
    hoursMs,
    losses,
    past: (): DevicePast => ({
      firstHeardMs: runs[0]?.fromMs ?? null,
      runs,
      goneMs: [...new Set(losses.map(({ atMs }) => atMs))].sort(ascending),
      backMs: [...backMs].sort(ascending),
      counts: [...counts.values()].map(seriesOf),
      retention: retention.sort((a, b) => a.atMs - b.atMs || a.revision - b.revision),
      readings: [...readings.values()].map(({ minutes, ...hour }) => ({ ...hour, minutes: [...minutes.values()] })),
    }),
  };
};
