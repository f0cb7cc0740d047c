import type { ClockQuality } from '../services/event-log/event.ts';
import type { CommandDownlink, DeviceCommand } from './commands.ts';

/** What a dialect gets to see: one MQTT message, and the compound's time zone for local times without one. */
export interface DialectMessage {
  topic: string;
  payload: Uint8Array;
  retain: boolean;
  /** IANA name, e.g. `Asia/Shanghai`. */
  timeZone: string;
  /** MQTT 5 properties, for CloudEvents in binary mode. */
  contentType?: string;
  userProperties?: Record<string, string | string[]>;
}

/** A device's own instant, already in UTC. Leave it out when the message carries none. */
export interface DeviceTime {
  at: string;
  clock: Exclude<ClockQuality, 'untrusted'>;
}

/** One thing a device said, in the hub's words. Not yet an event: the ingest adds device, id and times. */
export interface DeviceFact {
  /** Canonical event type; `data` must satisfy that type's contract. */
  type: string;
  data: Record<string, unknown>;
  /** The device's id in its own ecosystem. Left out: the credential's own device speaks. */
  externalId?: string;
  /** For adoption of a device heard beneath a gateway. */
  kind?: string;
  name?: string;
  time?: DeviceTime;
  /** The sender's own unique id of this fact, if it has one: the event id is derived from it. */
  sourceId?: string;
  /** The id is a counter that a reset begins anew, and the message has no time: it tells repeats within a day only. */
  sourceIdRestarts?: true;
  /**
   * A state report: becomes an event only when `value` differs from the channel's last one.
   * `initial` is the value a channel never heard of is taken to have: reporting it is no event either.
   */
  level?: { channel: string; value: string; initial?: string };
  /** The sender says that this is old: stored, but never alarms. */
  replayed?: boolean;
}

/** Why a payload was refused. Closed list: integrators code against it. */
export const refusalCodes = [
  'broken-json',
  'binary-payload',
  'payload-too-large',
  'wrong-topic',
  'not-your-address',
  'no-dialect',
  'ambiguous-dialect',
  'unknown-type',
  'contract-violated',
  'time-out-of-range',
  'unknown-device',
  'identity-mismatch',
  'no-codec',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/**
 * What the protocol wants said back to the sender. It goes out the way the message came in, once that is durable, and with
 * QoS 0: who asks is there, and asks again until it hears.
 */
export interface Answer {
  topic: string;
  payload: string | Uint8Array;
}

export type Decoded = (
  | {
      outcome: 'facts';
      facts: DeviceFact[];
      /** Values a later message of the same credential needs, by key; `null` forgets. */
      remember?: Record<string, string | null>;
    }
  /** Understood, and nothing happened: a heartbeat of no meaning, an echo of our own command. `reason` is kebab-case. */
  | { outcome: 'no-op'; reason: string; remember?: Record<string, string | null> }
  | {
      outcome: 'refused';
      code: RefusalCode;
      /** A sentence with the remedy. */
      reason: string;
      /** The path in the payload (`data.values.temperatureC`). */
      field?: string;
      /** What the message shows although it can't be read: signs of life. */
      alive?: DeviceFact[];
      /** Of refusals about the same thing one a day is kept: what is refused again at every message of a device. */
      keptDailyAbout?: string;
    }
) & { answers?: Answer[] };

/** What the hub keeps saying of itself where devices wait for their host before they speak. */
export interface HostState {
  topic: string;
  /** `sinceMs`: when the hub came; its last word bears the same instant. */
  payload(online: boolean, sinceMs: number): string;
}

/** One ecosystem's way of speaking MQTT. Pure: no clock, no I/O, no state but what `recall` answers. */
export interface Dialect {
  /** kebab-case, the name of its file and of the `dialect` in the registry. */
  name: string;
  title: { zh: string; en: string };
  /** Kinds of device it can bring. */
  kinds: readonly string[];
  /** MQTT topic filters it claims; a credential bound to it may publish on nothing else but canonical topics. */
  topics: readonly string[];
  /** Filters beyond `topics` under which its devices listen for answers and commands. */
  downlinks?: readonly string[];
  hostState?: HostState;
  /** `recall` gives what an earlier message of the same credential asked to remember. */
  decode(message: DialectMessage, recall: (key: string) => string | undefined): Decoded;
  /** A command in the device's own words. Left out: its devices take none. */
  command?(command: DeviceCommand, recall: (key: string) => string | undefined): CommandDownlink;
}

/** The answer to a command that a dialect has no words for. */
export const impossible = (command: string, dialect: string): CommandDownlink => ({
  impossible: `${dialect} has no words for ${command}.`,
});

export const facts = (...items: DeviceFact[]): Decoded => ({ outcome: 'facts', facts: items });
export const noOp = (reason: string): Decoded => ({ outcome: 'no-op', reason });
export const refused = (code: RefusalCode, reason: string, field?: string): Decoded => ({
  outcome: 'refused',
  code,
  reason,
  ...(field === undefined ? {} : { field }),
});
export const answered = (decoded: Decoded, ...answers: Answer[]): Decoded =>
  answers.length === 0 ? decoded : { ...decoded, answers };
