/**
 * What really happened, written down by those who did it: the devices what they said and what was acknowledged, the
 * network what it delivered, the stewards what they were answered, the targets what they were told. The auditor believes this and nothing else.
 */
export interface SaidFact {
  /** The hub's id of the device, or `<gateway>/<external id>` where the hub gives the id itself. */
  device: string;
  type: string;
  data: Record<string, unknown>;
  /** By the device's own clock; left out where the message carries no time. */
  statedAtMs?: number;
  sourceId?: string;
  /** A state report: `changed` where the state is another than the device last said. */
  level?: 'changed' | 'same';
}

export interface Acknowledgement {
  atMs: number;
  /** MQTT 5 only. */
  outcome?: string;
  receipt?: string;
  reasonCode: number;
}

export interface SaidMessage {
  number: number;
  /** Whose credential it was sent with. */
  sender: string;
  dialect: string;
  topic: string;
  payload: Buffer;
  qos: 0 | 1;
  retain: boolean;
  facts: SaidFact[];
  /** It is nonsense, and the device knows it (the simulation does). */
  nonsense?: boolean;
  saidAtMs: number;
  /** When it came in at the hub's end of a connection, each time. */
  deliveriesMs: number[];
  acknowledgement?: Acknowledgement;
}

/** A connection as the hub's end saw it. */
export interface ConnectionNote {
  device: string;
  what: 'opened' | 'closed';
  atMs: number;
}

export interface HubNote {
  what: 'started' | 'crashed' | 'log-down' | 'log-up';
  atMs: number;
}

export interface CommandNote {
  order: string;
  command: string;
  outcome?: string;
  atMs: number;
  actor: string;
  /** `done`, or the code of the refusal; `unknown` when no answer came. */
  answer: string;
}

/** A commit of the log: what stands up to that position stood then at the latest. */
export interface CommitNote {
  fromMs: number;
  atMs: number;
  position: string | null;
  /** Stored and reported as it is. */
  isWell: boolean;
}

/** A stretch of time in which what follows the log was far behind. */
export interface LagNote {
  fromMs: number;
  toMs: number;
}

/** One event at the door of a target, as its own server saw it. */
export interface DeliveryNote {
  target: string;
  event: string;
  sentMs: number;
  atMs: number;
  /** The server keeps it. */
  isTaken: boolean;
  /** What the hub was answered. */
  answer: 'yes' | 'no' | 'never-this-one' | 'nothing';
}

export interface TargetNote {
  id: string;
  compounds: string[];
  types: string[];
}

export interface RegisteredNote {
  id: string;
  compound: string;
  kind: string;
  gateway?: string;
  externalId?: string;
  dialect: string;
  features: string[];
  atMs: number;
}

export const createLedger = () => ({
  messages: [] as SaidMessage[],
  connections: [] as ConnectionNote[],
  hub: [] as HubNote[],
  commands: [] as CommandNote[],
  commits: [] as CommitNote[],
  lags: [] as LagNote[],
  targets: [] as TargetNote[],
  deliveries: [] as DeliveryNote[],
  /** The fault policy that people switched on, where they did. */
  policies: [] as string[],
  compounds: [] as string[],
  devices: [] as RegisteredNote[],
});

export type Ledger = ReturnType<typeof createLedger>;
