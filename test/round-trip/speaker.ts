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

export const messageOf = ({ topic, payload }: Said): DialectMessage => ({
  topic,
  payload: new TextEncoder().encode(typeof payload === 'string' ? payload : JSON.stringify(payload)),
  retain: false,
  timeZone: 'Asia/Shanghai',
});
