import type { DeviceFact } from '../dialect.ts';

/** Who speaks and when; the same for every fact of one message. */
export type Speaker = Pick<DeviceFact, 'externalId' | 'kind' | 'name' | 'time' | 'replayed'>;

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** The entries that have a value, so that a fact carries no empty keys. */
export const defined = <T extends object>(entries: T): Partial<Defined<T>> => {
  const kept: Partial<Defined<T>> = {};
  for (const key of Object.keys(entries) as (keyof T)[]) {
    const value = entries[key];
    if (value !== undefined) kept[key] = value as Defined<T>[keyof T];
  }
  return kept;
};

/** Two decimals more than any sensor has: takes away what binary fractions add (`94.76000000000001`). */
export const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

export const spokenBy = (speaker: Speaker, facts: readonly DeviceFact[]): DeviceFact[] => {
  const known = defined(speaker);
  return facts.map((fact) => ({ ...fact, ...known }));
};

export const connectionFact = (online: boolean, channel = 'availability'): DeviceFact => ({
  type: online ? 'device.connected' : 'device.disconnected',
  data: { reason: 'reported' },
  level: { channel, value: online ? 'online' : 'offline' },
});

export const tamperFact = (active: boolean, text?: string): DeviceFact => ({
  type: 'device.tampered',
  data: defined({ active, text }),
  level: { channel: 'tamper', value: String(active), initial: 'false' },
});

/** An alarm that a sensor itself decides on, where it gives no number. */
export const alarmFact = (quantity: string, active: boolean): DeviceFact => ({
  type: 'sensor.threshold-crossed',
  data: { quantity, active },
  level: { channel: `alarm:${quantity}`, value: String(active), initial: 'false' },
});

export const faultFact = (
  code: string,
  active: boolean,
  detail: { text?: string; component?: string; vendorCode?: string } = {},
): DeviceFact => {
  const { vendorCode, ...rest } = detail;
  return {
    type: active ? 'device.fault-raised' : 'device.fault-cleared',
    data: defined({ code, ...rest, vendorCode: active ? vendorCode : undefined }),
    level: {
      channel: ['fault', code, detail.component].filter((part) => part !== undefined).join(':'),
      value: active ? 'raised' : 'cleared',
      initial: 'cleared',
    },
  };
};

/** A low battery is an event once. The vocabulary has no "battery fine", so the way back is said by `device.seen`. */
export const batteryFact = (low: boolean, batteryPercent?: number): DeviceFact => ({
  type: low ? 'device.battery-low' : 'device.seen',
  data: defined({ batteryPercent }),
  level: { channel: 'battery-low', value: String(low), initial: 'false' },
});

const lowBelowPercent = 15;
const fineFromPercent = 20;

/** For devices that give only the percentage. Between the two limits nothing is said, so that a battery on the edge
 * doesn't flap. */
export const batteryFactOfPercent = (batteryPercent: number): DeviceFact[] => {
  if (batteryPercent < lowBelowPercent) return [batteryFact(true, batteryPercent)];
  return batteryPercent >= fineFromPercent ? [batteryFact(false, batteryPercent)] : [];
};
