import type { DialectMessage } from '../../devices/dialect.ts';
import type { SimulatedEvent } from '../../devices/simulator.ts';

export interface Said {
  topic: string;
  payload: unknown;
}

/** How a device of that dialect would say an event of a simulator; `undefined` where its protocol has no word for it. */
export type Say = (event: SimulatedEvent) => Said[] | undefined;

export interface Speaker {
  dialect: string;
  /** The protocol carries no time of the device, or only whole seconds of it. */
  time?: 'none' | 'seconds';
  /** Whatever has to be numbered begins anew with each speaker. */
  speak: () => Say;
}

/** The names under `own` exchanged for the protocol's words; a value without one can't be said. */
export const renamed = (
  values: Record<string, unknown>,
  own: Readonly<Record<string, string>>,
): Record<string, unknown> | undefined => {
  const entries = Object.entries(values).map(([name, value]): [string | undefined, unknown] => [own[name], value]);
  return entries.every(([word]) => word !== undefined) ? Object.fromEntries(entries) : undefined;
};

export const isoOf = ({ atMs }: SimulatedEvent): string => new Date(atMs).toISOString();

/** Local time without a zone. */
export const inShanghai = (atMs: number): string =>
  new Date(atMs + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

/** What people show to gates and readers, and what became of it. */
export interface Passage {
  credential?: { method?: string; reference?: string };
  direction?: string;
  door?: string;
  confidence?: number;
  reason?: string;
}

/** `gate.denied expired`: an event of a gate as a protocol's table has it. */
export const outcomeOf = ({ type, data }: SimulatedEvent): string => {
  const { reason, state } = data as { reason?: string; state?: string };
  return [type, reason ?? state].filter((part) => part !== undefined).join(' ');
};

export const percentOf = (confidence: number): number => Math.round(confidence * 100);

/** The hub's own form, which every kind of device may speak. */
export const canonicalSpeaker: Speaker = {
  dialect: 'canonical',
  speak: () => (event) => [
    { topic: 'xy/v1/hemei/device-1/events', payload: [{ type: event.type, time: isoOf(event), data: event.data }] },
  ],
};

export const messageOf = ({ topic, payload }: Said): DialectMessage => ({
  topic,
  payload:
    payload instanceof Uint8Array
      ? payload
      : new TextEncoder().encode(typeof payload === 'string' ? payload : JSON.stringify(payload)),
  retain: false,
  timeZone: 'Asia/Shanghai',
});
