import { kinds } from '../../devices/kinds/registry.ts';
import type { RegisteredDevice } from '../registry/registry-index.ts';

const silentAfterSecondsDefault = 15 * 60;
const silentAfterSeconds = new Map(kinds.map((kind) => [kind.kind, kind.silentAfterSeconds] as const));

/** Sign-of-life bookkeeping: a third of the kind's silence, so that two may get lost before a device seems silent. */
export const createHeartbeats = () => {
  const recordedAtMs = new Map<string, number>();
  return {
    isDue: (device: RegisteredDevice, nowMs: number): boolean => {
      const everySeconds = (silentAfterSeconds.get(device.kind) ?? silentAfterSecondsDefault) / 3;
      return nowMs - (recordedAtMs.get(device.id) ?? 0) >= everySeconds * 1000;
    },
    recorded: (device: string, atMs: number): void => void recordedAtMs.set(device, atMs),
  };
};

export type Heartbeats = ReturnType<typeof createHeartbeats>;
