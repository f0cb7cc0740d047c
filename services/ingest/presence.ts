import type { Dialect } from '../../devices/dialect.ts';
import type { NewEvent } from '../event-log/event.ts';
import type { EventLog, StreamAppend } from '../event-log/event-log.ts';
import type { RegisteredDevice } from '../registry/registry-index.ts';
import type { Clock } from '../runtime/clock.ts';
import { isoTime } from '../runtime/clock.ts';
import { promised, type Waiting } from '../runtime/waiting.ts';
import type { Heartbeats } from './heartbeats.ts';
import type { Outcome } from './outcome.ts';
import { type Origin, type PlanParts, planFacts } from './plan.ts';
import type { Recorder } from './recorder.ts';
import { stamp } from './stamp.ts';
import { appendsOf } from './stream-of.ts';

interface PresenceParts {
  log: Pick<EventLog, 'append'>;
  clock: Clock;
  planParts: PlanParts;
  canonical: Dialect;
  heartbeats: Heartbeats;
  recorder: Recorder;
}

const lifeSignOf = (device: RegisteredDevice, atMs: number): NewEvent =>
  stamp(
    { type: 'device.seen', data: {} },
    { occurredAt: isoTime(atMs), clock: 'trusted' },
    {
      device: device.id,
      compound: device.compound,
      dialect: device.dialect,
      receivedAtMs: atMs,
      contentHash: 'still-connected',
      index: 0,
    },
  );

/** Values of the level `availability` that a standing connection contradicts. */
const gone = ['offline', 'goodbye'];

/** What the hub itself sees of a device: its MQTT connection. */
export const createPresence = ({ log, clock, planParts, canonical, heartbeats, recorder }: PresenceParts) => {
  const known = (id: string): RegisteredDevice | undefined => {
    const device = planParts.index.device(id);
    return device?.retiredAt === null ? device : undefined;
  };
  const connection = async (
    senderId: string,
    state: 'online' | 'offline',
    reason: string | undefined,
    atMs: number,
  ): Promise<void> => {
    const sender = known(senderId);
    if (sender === undefined) return;
    const value = reason === 'goodbye' ? 'goodbye' : state;
    const origin: Origin = {
      sender,
      dialect: canonical,
      receivedAtMs: atMs,
      contentHash: `connection|${value}`,
      replayed: false,
    };
    const fact = {
      type: state === 'online' ? 'device.connected' : 'device.disconnected',
      data: reason === undefined ? {} : { reason },
      level: { channel: 'availability', value },
      time: { at: isoTime(atMs), clock: 'trusted' as const },
    };
    const plan = planFacts({ ...planParts, isHeartbeatDue: () => false }, origin, [fact]);
    if ('outcome' in plan || plan.appends.length === 0) return;
    await promised((waiting: Waiting<Outcome>) => recorder.record(sender.id, plan, undefined, waiting));
  };
  return {
    /** The device's own MQTT connection came or went, by our clock. */
    connection,
    /**
     * The connections of these devices stand, which their keepalive proves [MQTT-3.1.2-22]: a gate that nobody passes at
     * night is not silent. One `device.seen` for each that has not been heard for a while; and one that is said to be
     * gone is back: another process may have learnt late that it lost a device which had long come to this one.
     */
    async stillConnected(deviceIds: Iterable<string>): Promise<void> {
      const atMs = clock.now();
      const ids = [...deviceIds];
      const saidGone = ids.filter((id) => gone.includes(planParts.levels.value(id, 'availability') ?? ''));
      for (const id of saidGone) await connection(id, 'online', undefined, atMs);
      const appends = ids.flatMap((id): StreamAppend[] => {
        const device = known(id);
        if (device === undefined || !heartbeats.isDue(device, atMs)) return [];
        return appendsOf([lifeSignOf(device, atMs)]);
      });
      if (appends.length === 0) return;
      await log.append(appends);
      for (const { events } of appends) heartbeats.recorded(events[0]!.meta.device!, isoTime(atMs));
    },
  };
};
