import { kinds } from '../../devices/kinds/registry.ts';
import { modelOf } from '../../devices/model.ts';
import type { RegisteredDevice } from '../registry/registry-index.ts';

const silentAfterSecondsDefault = 15 * 60;
const silentAfterSeconds = new Map(kinds.map((kind) => [kind.kind, kind.silentAfterSeconds] as const));

/** Sign-of-life bookkeeping: a third of the model's or the kind's silence, so that two may get lost before a device seems silent. */
export const createHeartbeats = () => {
  const recordedAt = new Map<string, string>();
  return {
    isDue: (device: RegisteredDevice, nowMs: number): boolean => {
      const ofKind = silentAfterSeconds.get(device.kind) ?? silentAfterSecondsDefault;
      const everySeconds = (modelOf(device.model)?.silentAfterSeconds ?? ofKind) / 3;
      const at = recordedAt.get(device.id);
      return at === undefined || nowMs - Date.parse(at) >= everySeconds * 1000;
    },
    /** `at`: when the hub took the event in, ISO 8601. */
    recorded: (device: string, at: string): void => void recordedAt.set(device, at),
  };
};

export type Heartbeats = ReturnType<typeof createHeartbeats>;
