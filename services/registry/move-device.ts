import { randomUUID } from 'node:crypto';
import { eventOf, type Fact, Refusal } from '../event-log/decider.ts';
import { deviceStream } from '../event-log/event.ts';
import type { StreamAppend } from '../event-log/event-log.ts';
import { appendAll, type ChangeMeta, checkDevice, deviceOrRefuse, type RegistryParts, timesOf } from './commands.ts';
import type { RegistryEvent } from './events.ts';
import { claimingExternalIds } from './external-ids.ts';
import { changed, type Device, type DeviceMove } from './registry.ts';
import type { RegisteredDevice } from './registry-index.ts';

interface Moved {
  before: RegisteredDevice;
  after: RegisteredDevice;
  change: Extract<RegistryEvent, { type: 'device.changed' }>['data'];
}

const ways = ['gateway', 'uplink', 'poweredBy'] as const;

/** The device, then what hangs on it. Ways among those who move stay, everything else is of the compound that they leave. */
const movesOf = ({ index }: RegistryParts, id: string, to: DeviceMove): Moved[] => {
  const ids = [id, ...index.hangingOn(id)];
  const goes = new Set(ids);
  return ids.map((each) => {
    const before = deviceOrRefuse(index, each);
    const left = ways.filter((way) => !goes.has(before[way] ?? ''));
    const change = {
      ...{ compound: to.compound, position: null, covers: [] },
      ...Object.fromEntries(left.map((way) => [way, null])),
      ...(each === id ? to : {}),
    };
    return { before, after: changed(before, change), change };
  });
};

const checkMoves = (parts: RegistryParts, moves: readonly Moved[], { compound }: DeviceMove): void => {
  const [device] = moves;
  if (device!.before.compound === compound) {
    const message = `compound: ${device!.before.id} is of ${compound} already`;
    throw new Refusal('device.not-fitting', message, { field: 'compound' });
  }
  // They are checked as they will stand: what one of them hangs on moves too.
  const after = new Map(moves.map((move) => [move.after.id, move.after]));
  const index = { ...parts.index, device: (id: string) => after.get(id) ?? parts.index.device(id) };
  for (const device of after.values()) checkDevice({ ...parts, index }, device);
};

const appendOf = ({ before, change }: Moved, meta: ReturnType<typeof timesOf>): StreamAppend => {
  const { id, compound, registeredAt } = before;
  // What was registered since then has been of the new compound from its first day on.
  const [, occurredAt] = [meta.occurredAt, registeredAt].sort() as [string, string];
  const fact: RegistryEvent = { type: 'device.changed', data: change };
  const event = eventOf(randomUUID(), fact as Fact, { ...meta, occurredAt, compound, device: id });
  return { stream: deviceStream(id), expectedRevision: 'any', events: [event] };
};

/**
 * Moves a device, and with it what hangs on it, to another compound: from now on, or as a correction from a past instant
 * on. Its orders stay with the compound in which they were raised. Refuses with `device.not-fitting`.
 */
export const moveDevice = async (
  parts: RegistryParts,
  id: string,
  to: DeviceMove,
  meta: ChangeMeta,
): Promise<{ device: Device; movedAlong: string[] }> => {
  const times = timesOf(meta, deviceOrRefuse(parts.index, id).registeredAt);
  const planned = movesOf(parts, id, to);
  const movedAlong = await claimingExternalIds(
    parts.index,
    planned.map(({ after }) => after),
    async () => {
      const moves = movesOf(parts, id, to);
      checkMoves(parts, moves, to);
      await appendAll(
        parts,
        moves.map((move) => appendOf(move, times)),
      );
      return moves.slice(1).map(({ before }) => before.id);
    },
  );
  const { registeredAt: _registered, retiredAt: _retired, ...device } = deviceOrRefuse(parts.index, id);
  return { device, movedAlong };
};
