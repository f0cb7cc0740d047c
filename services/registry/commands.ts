import { randomUUID } from 'node:crypto';
import { type CommandMeta, eventOf, type Fact, Refusal } from '../event-log/decider.ts';
import { compoundStream, deviceStream } from '../event-log/event.ts';
import { type EventLog, type ExpectedRevision, WrongExpectedRevision } from '../event-log/event-log.ts';
import { type Credential, newCredential, secretHash } from './credential.ts';
import type { RegistryEvent } from './events.ts';
import type { Compound, Device } from './registry.ts';
import type { RegistryIndex } from './registry-index.ts';

export interface RegistryParts {
  log: EventLog;
  index: RegistryIndex;
  /** Names of the dialects that a device may speak. */
  dialects: readonly string[];
}
type Meta = Pick<CommandMeta, 'occurredAt' | 'actor'>;

const append = async (
  { log, index }: RegistryParts,
  stream: string,
  expectedRevision: ExpectedRevision,
  registryFacts: RegistryEvent[],
  meta: CommandMeta,
): Promise<void> => {
  const events = registryFacts.map((fact) => eventOf(randomUUID(), fact as Fact, meta));
  const seen = index.applied(events.at(-1)!.id);
  try {
    await log.append([{ stream, expectedRevision, events }]);
  } catch (error) {
    index.forget(events.at(-1)!.id);
    throw error;
  }
  await seen;
};

const positionsOnce = (compound: Pick<Compound, 'positions' | 'buildings'>): void => {
  for (const [field, list] of [
    ['positions', compound.positions],
    ['buildings', compound.buildings],
  ] as const) {
    const ids = list.map((item) => item.id);
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    if (twice !== undefined) {
      throw new Refusal('registry.duplicate-id', `${field} names ${twice} twice; ids are unique within a compound`, {
        field,
      });
    }
  }
  const buildings = new Set(compound.buildings.map((building) => building.id));
  const lost = compound.positions.find((position) => position.building && !buildings.has(position.building));
  if (lost !== undefined) {
    throw new Refusal(
      'registry.unknown-building',
      `position ${lost.id} names building ${lost.building}, which is not in buildings`,
      {
        field: 'positions',
      },
    );
  }
};

/** Refuses with `compound.already-registered`. */
export const registerCompound = async (parts: RegistryParts, compound: Compound, meta: Meta): Promise<Compound> => {
  positionsOnce(compound);
  try {
    await append(parts, compoundStream(compound.id), 'no-stream', [{ type: 'compound.registered', data: compound }], {
      ...meta,
      compound: compound.id,
    });
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision)) throw error;
    throw new Refusal(
      'compound.already-registered',
      `compound ${compound.id} is registered already; change it with PATCH`,
    );
  }
  return compound;
};

export const compoundOrRefuse = (index: RegistryIndex, id: string): Compound => {
  const found = index.compound(id);
  if (found === undefined)
    throw new Refusal('compound.unknown', `no compound ${id} is registered`, { field: 'compound' });
  return found;
};

export const changeCompound = async (
  parts: RegistryParts,
  id: string,
  change: Partial<Omit<Compound, 'id'>>,
  meta: Meta,
): Promise<Compound> => {
  const before = compoundOrRefuse(parts.index, id);
  positionsOnce({ ...before, ...change });
  await append(parts, compoundStream(id), 'any', [{ type: 'compound.changed', data: change }], {
    ...meta,
    compound: id,
  });
  return compoundOrRefuse(parts.index, id);
};

/** Throws a refusal that names the field unless compound, position, dialect, gateway and external id all fit. */
export const checkDevice = ({ index, dialects }: RegistryParts, device: Device): void => {
  const fail = (field: string, message: string): never => {
    throw new Refusal('device.not-fitting', `${field}: ${message}`, { field });
  };
  const compound = index.compound(device.compound) ?? fail('compound', `no compound ${device.compound} is registered`);
  const known = new Set(compound.positions.map((position) => position.id));
  for (const [field, position] of [
    ...(device.position === undefined ? [] : [['position', device.position] as const]),
    ...device.covers.map((covered) => ['covers', covered] as const),
  ]) {
    if (!known.has(position))
      fail(field, `compound ${compound.id} has no position ${position}; add it to the compound first`);
  }
  const mayBe = device.kind === 'gateway' ? [...dialects, 'auto'] : dialects;
  if (!mayBe.includes(device.dialect))
    fail('dialect', `${device.dialect} is not spoken here; one of ${mayBe.join(', ')}`);
  if (device.gateway !== undefined) {
    const gateway = index.device(device.gateway);
    if (gateway?.kind !== 'gateway' || gateway.compound !== device.compound) {
      fail('gateway', `${device.gateway} is not a gateway of compound ${device.compound}`);
    }
  }
  const { externalId } = device;
  const twin = externalId === undefined ? undefined : index.deviceByExternalId({ ...device, externalId });
  if (twin !== undefined && twin.id !== device.id)
    fail('externalId', `device ${twin.id} has external id ${device.externalId} already`);
};

/**
 * Registers a device and, unless it is heard beneath a gateway, issues its MQTT credential, told this once.
 * Refuses with `device.already-registered` or `device.not-fitting`.
 */
export const registerDevice = async (
  parts: RegistryParts,
  device: Device,
  meta: Meta,
): Promise<{ device: Device; credential: Credential | undefined }> => {
  checkDevice(parts, device);
  const credential = device.gateway === undefined ? newCredential(device.id) : undefined;
  const events: RegistryEvent[] = [{ type: 'device.registered', data: device }];
  if (credential !== undefined) events.push(issued(credential));
  try {
    await append(parts, deviceStream(device.id), 'no-stream', events, {
      ...meta,
      compound: device.compound,
      device: device.id,
    });
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision)) throw error;
    throw new Refusal(
      'device.already-registered',
      `device ${device.id} is registered already; ids are unique over all compounds`,
    );
  }
  return { device, credential };
};

const issued = (credential: Credential): RegistryEvent => ({
  type: 'device.credential-issued',
  data: { username: credential.username, secretSha256: secretHash(credential.password) },
});

const deviceOrRefuse = (index: RegistryIndex, id: string) => {
  const found = index.device(id);
  if (found === undefined) throw new Refusal('device.unknown', `no device ${id} is registered`);
  if (found.retiredAt !== null) throw new Refusal('device.retired', `device ${id} was retired on ${found.retiredAt}`);
  return found;
};

/**
 * Changes, retirement and credentials are decided from the index and appended without an expected revision: a device's
 * stream also carries everything it says, so a revision would be wrong a moment later; the last writer of a field wins.
 */
export const changeDevice = async (
  parts: RegistryParts,
  id: string,
  change: (RegistryEvent & { type: 'device.changed' })['data'],
  meta: Meta,
): Promise<Device> => {
  const before = deviceOrRefuse(parts.index, id);
  checkDevice(parts, { ...before, ...change });
  await append(parts, deviceStream(id), 'any', [{ type: 'device.changed', data: change }], {
    ...meta,
    compound: before.compound,
    device: id,
  });
  const { registeredAt: _registered, retiredAt: _retired, ...changed } = deviceOrRefuse(parts.index, id);
  return changed;
};

export const retireDevice = async (
  parts: RegistryParts,
  id: string,
  reason: string | undefined,
  meta: Meta,
): Promise<void> => {
  const device = deviceOrRefuse(parts.index, id);
  await append(
    parts,
    deviceStream(id),
    'any',
    [{ type: 'device.retired', data: reason === undefined ? {} : { reason } }],
    {
      ...meta,
      compound: device.compound,
      device: id,
    },
  );
};

/** A new password; the old one is refused from now on. */
export const issueCredential = async (parts: RegistryParts, id: string, meta: Meta): Promise<Credential> => {
  const device = deviceOrRefuse(parts.index, id);
  const credential = newCredential(id);
  await append(parts, deviceStream(id), 'any', [issued(credential)], {
    ...meta,
    compound: device.compound,
    device: id,
  });
  return credential;
};
