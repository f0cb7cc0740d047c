import { createHanging } from './hanging.ts';
import type { Device } from './registry.ts';

type Outside = Pick<Device, 'compound' | 'dialect' | 'gateway' | 'externalId'>;

/**
 * Two gateways of one compound may each have a camera called `front`, so the gateway belongs to the key. Our own ids hold
 * no `|`; a dialect may be any word, so its length tells where it ends.
 */
const externalKey = ({ compound, dialect, gateway, externalId }: Outside): string =>
  `${compound}|${gateway ?? ''}|${dialect.length}|${dialect}|${externalId}`;

/** Ways to a device beside its id, kept with every device that is put into the index. */
export const createDeviceLookups = <Known extends Device & { retiredAt: string | null }>() => {
  const byCompound = new Map<string, Map<string, Known>>();
  const standing = new Map<string, number>();
  const byExternalId = new Map<string, string>();
  const { put: putHanging, ...hanging } = createHanging();

  const count = ({ compound, retiredAt }: Known, by: 1 | -1): void => {
    if (retiredAt === null) standing.set(compound, (standing.get(compound) ?? 0) + by);
  };

  return {
    put(before: Known | undefined, device: Known): void {
      if (before !== undefined) {
        count(before, -1);
        if (before.compound !== device.compound) byCompound.get(before.compound)?.delete(before.id);
        if (before.externalId !== undefined) byExternalId.delete(externalKey(before));
      }
      count(device, 1);
      putHanging(before, device);
      const own = byCompound.get(device.compound);
      if (own === undefined) byCompound.set(device.compound, new Map([[device.id, device]]));
      else own.set(device.id, device);
      if (device.externalId !== undefined && device.retiredAt === null) {
        byExternalId.set(externalKey(device), device.id);
      }
    },
    hanging,
    /** Retired ones too. */
    of: (compound: string): Known[] => [...(byCompound.get(compound)?.values() ?? [])],
    /** How many of a compound's devices are not retired. */
    standing: (compound: string): number => standing.get(compound) ?? 0,
    /** Id of the device with that id in its own ecosystem, beneath that gateway or beneath none. */
    outside: (outside: Outside & { externalId: string }): string | undefined => byExternalId.get(externalKey(outside)),
  };
};
