import { z } from 'zod';
import type { RecordedEvent } from '../../event-log/event.ts';
import { expires } from '../../event-log/retention.ts';
import { isSaidByPeople } from '../../registry/events.ts';
import { instant } from '../../runtime/schema.ts';

/** `never-heard`: registered, and nothing came yet. `silent`: no word for longer than its kind allows. */
export const healthStates = ['online', 'offline', 'silent', 'never-heard'] as const;
export type HealthState = (typeof healthStates)[number];
export const standingFault = z.object({
  code: z.string(),
  text: z.string().nullable(),
  component: z.string().nullable(),
  since: instant,
});
export type StandingFault = z.infer<typeof standingFault>;

/** A state channel's last value and the device's own instant of it; ingest turns levels into edges by it. */
export interface Level {
  value: string;
  at: string;
}

/** What is known of one device, folded from its two streams. Instants are ISO 8601 in UTC. */
export interface Health {
  /** Newest event folded, of the stream that stays and of the one that may expire. */
  revision: number;
  telemetryRevision: number;
  compound: string | null;
  /** As registered; it says how long the device may be silent. */
  kind: string | null;
  /** By the register; its own silence limit holds. */
  model: string | null;
  retired: boolean;
  /** `null` until the device or its gateway says one or the other. */
  connection: 'online' | 'offline' | null;
  /** Device time of the newest report of the connection, so that a late one changes nothing. */
  connectionAt: string | null;
  lastHeardAt: string | null;
  batteryPercent: number | null;
  faults: StandingFault[];
  /** By fault, when it was newest said to be over: an older report of it that comes late raises nothing. */
  clearedAt: Record<string, string>;
  levels: Record<string, Level>;
}

export const unheard: Health = {
  revision: -1,
  telemetryRevision: -1,
  compound: null,
  kind: null,
  model: null,
  retired: false,
  connection: null,
  connectionAt: null,
  lastHeardAt: null,
  batteryPercent: null,
  faults: [],
  clearedAt: {},
  levels: {},
};

const later = (a: string | null, b: string): string => (a !== null && a > b ? a : b);

const withConnection = (health: Health, connection: 'online' | 'offline' | null, at: string): Health =>
  health.connectionAt !== null && at < health.connectionAt ? health : { ...health, connection, connectionAt: at };

type Fault = Pick<StandingFault, 'code' | 'component'>;

const faultKey = ({ code, component }: Fault): string => (component === null ? code : `${code} ${component}`);

/** Without a component the word is of the fault wherever it stands. */
const isOf = ({ code, component }: Fault, fault: Fault): boolean =>
  code === fault.code && (component === null || component === fault.component);

const raise = (health: Health, fault: StandingFault): Health => {
  const clearedAt = [health.clearedAt[faultKey(fault)], health.clearedAt[fault.code]];
  if (clearedAt.some((at) => at !== undefined && fault.since < at)) return health;
  if (health.faults.some((standing) => faultKey(standing) === faultKey(fault))) return health;
  return { ...health, faults: [...health.faults, fault] };
};

const clear = (health: Health, fault: Fault, at: string): Health => {
  const key = faultKey(fault);
  return {
    ...health,
    faults: health.faults.filter((standing) => !isOf(fault, standing) || standing.since > at),
    clearedAt: { ...health.clearedAt, [key]: later(health.clearedAt[key] ?? null, at) },
  };
};

interface DeviceData {
  kind?: string;
  model?: string | null;
  compound?: string;
  reason?: string;
  code?: string;
  text?: string;
  component?: string;
  active?: boolean;
  batteryPercent?: number;
  values?: Record<string, number>;
}

/** What people told of the device; its own words are evolveFact's. */
const evolveRegistration = (health: Health, { type, data }: RecordedEvent): Health => {
  const { kind = health.kind, model = health.model, compound = health.compound } = data as DeviceData;
  if (type === 'device.registered') return { ...health, kind, model, compound, retired: false };
  if (type === 'device.changed') return { ...health, kind, model, compound };
  return type === 'device.retired' ? { ...health, retired: true } : health;
};

const evolveFact = (health: Health, event: RecordedEvent, data: DeviceData): Health => {
  const { occurredAt, receivedAt } = event.meta;
  let at = occurredAt;
  // Never after we heard of it: a clock that runs ahead must not outlive its own repair.
  if (receivedAt < at) at = receivedAt;
  switch (event.type) {
    case 'device.connected':
      return withConnection(health, 'online', at);
    case 'device.disconnected':
      // A clean goodbye is how a battery device saves power; only silence tells whether it comes back.
      return withConnection(health, data.reason === 'goodbye' ? null : 'offline', at);
    case 'device.fault-raised':
      return raise(health, {
        code: data.code ?? 'unknown',
        text: data.text ?? null,
        component: data.component ?? null,
        since: at,
      });
    case 'device.fault-cleared':
      return clear(health, { code: data.code ?? 'unknown', component: data.component ?? null }, at);
    case 'device.tampered':
      return data.active === false
        ? clear(health, { code: 'tampered', component: null }, at)
        : raise(health, { code: 'tampered', text: data.text ?? null, component: null, since: at });
    default:
      // It was said to be gone, and yet it speaks: it is there.
      return health.connection === 'offline' ? withConnection(health, 'online', at) : health;
  }
};

/** Folds one event of the device's streams; an event that was folded already changes nothing. */
export const evolveHealth = (health: Health, event: RecordedEvent): Health => {
  const { meta, type, stream } = event;
  const isPassing = expires(stream);
  if (event.revision <= (isPassing ? health.telemetryRevision : health.revision)) return health;
  const revision = isPassing ? health.revision : event.revision;
  const telemetryRevision = isPassing ? event.revision : health.telemetryRevision;
  const compound = meta.compound ?? health.compound;
  if (isSaidByPeople(type)) return evolveRegistration({ ...health, revision, telemetryRevision, compound }, event);
  // Where its data wasn't opened, nothing in it matters here.
  const data = (event.data ?? {}) as DeviceData;
  const spoke = type !== 'device.disconnected' || data.reason === 'goodbye';
  const level = meta.level;
  const before = level && health.levels[level.channel];
  return evolveFact(
    {
      ...health,
      revision,
      telemetryRevision,
      compound,
      lastHeardAt: spoke ? later(health.lastHeardAt, meta.receivedAt) : health.lastHeardAt,
      batteryPercent: data.batteryPercent ?? data.values?.batteryPercent ?? health.batteryPercent,
      levels:
        level === undefined || (before !== undefined && before.at > meta.occurredAt)
          ? health.levels
          : { ...health.levels, [level.channel]: { value: level.value, at: meta.occurredAt } },
    },
    event,
    data,
  );
};

/** How a device is at `nowMs`. `since` is when that began, `null` when nothing was ever heard. */
export const healthAt = (
  health: Health,
  silentAfterSeconds: number,
  nowMs: number,
): { state: HealthState; since: string | null } => {
  if (health.connection === 'offline') return { state: 'offline', since: health.connectionAt };
  if (health.lastHeardAt === null && health.connection === null) return { state: 'never-heard', since: null };
  const lastHeardMs = Date.parse(health.lastHeardAt ?? health.connectionAt!);
  const silentFromMs = lastHeardMs + silentAfterSeconds * 1000;
  return nowMs > silentFromMs
    ? { state: 'silent', since: new Date(silentFromMs).toISOString() }
    : { state: 'online', since: health.connectionAt ?? health.lastHeardAt };
};
