import type { Device } from './registry.ts';
import type { RegistryIndex } from './registry-index.ts';

/** Registrations under way, by the identity that they claim; of each index, for all who decide from it. */
const underWay = new WeakMap<RegistryIndex, Map<string, Promise<unknown>>>();

const identityOf = ({ compound, dialect, gateway, externalId }: Device): string[] =>
  externalId === undefined ? [] : [JSON.stringify([compound, dialect, gateway ?? null, externalId])];

/**
 * Does the work while nobody else claims one of the devices' external ids: whether one is taken is decided from the
 * index, which knows of a registration only once it is in the log.
 */
export const claimingExternalIds = async <Done>(
  index: RegistryIndex,
  devices: readonly Device[],
  work: () => Promise<Done>,
): Promise<Done> => {
  const claims = underWay.get(index) ?? new Map<string, Promise<unknown>>();
  underWay.set(index, claims);
  const identities = [...new Set(devices.flatMap(identityOf))];
  // All before are waited for and all are claimed in one go, so that two claims never wait for each other.
  const before = identities.map((identity) => claims.get(identity));
  const done = Promise.allSettled(before).then(work);
  const settled = done.catch(() => undefined);
  for (const identity of identities) claims.set(identity, settled);
  try {
    return await done;
  } finally {
    for (const identity of identities) if (claims.get(identity) === settled) claims.delete(identity);
  }
};
