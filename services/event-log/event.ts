/** How far the device's own clock is believed: `trusted` has a zone or epoch, `assumed-zone` is local time read in the
 * compound's zone, `untrusted` means `occurredAt` is our receive time. */
export type ClockQuality = 'trusted' | 'assumed-zone' | 'untrusted';

/** Everything about an event that is not the fact itself. Instants are ISO 8601 in UTC with milliseconds. */
export interface EventMeta {
  schemaVersion: number;
  /** When it happened, by the device's clock where that is believed. */
  occurredAt: string;
  /** When the hub took it in. */
  receivedAt: string;
  clock: ClockQuality;
  compound?: string;
  device?: string;
  /** Who wished it: `user:<name>`, `device:<id>`, `policy:<name>`. */
  actor?: string;
  causationId?: string;
  correlationId?: string;
  /** The sender's own id of the message, where it has one. */
  sourceId?: string;
  dialect?: string;
  /** Sent again or uploaded later on purpose: corrects the past, never raises a live alarm. */
  replayed?: boolean;
  /** A state report that became an event because the channel's value changed. */
  level?: { channel: string; value: string };
}

/** A fact in the past, plain data. `type` is `<subject>.<fact>` in kebab-case; `id` is a UUID. */
export interface NewEvent<Type extends string = string, Data = unknown> {
  id: string;
  type: Type;
  data: Data;
  meta: EventMeta;
}

/** Opaque: comes from a log and goes back to the same log. Never parsed or compared by order outside its backend. */
export type Position = string;

export interface RecordedEvent<Type extends string = string, Data = unknown> extends NewEvent<Type, Data> {
  stream: string;
  /** 0 for the first event of its stream, without gaps. */
  revision: number;
  position: Position;
}

export const deviceStream = (device: string): string => `device-${device}`;
/** What a device measures and sees apart from what it is and what became of it, so that it may expire by itself. */
export const telemetryStream = (device: string): string => `telemetry-${device}`;
export const compoundStream = (compound: string): string => `compound-${compound}`;
export const workOrderStream = (workOrder: string): string => `work-order-${workOrder}`;
