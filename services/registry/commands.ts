import { randomUUID } from 'node:crypto';
import { deviceModels, modelOf } from '../../devices/model.ts';
import { type CommandMeta, eventOf, type Fact, Refusal } from '../event-log/decider.ts';
import { compoundStream, deviceStream, type EventMeta } from '../event-log/event.ts';
import {
  type EventLog,
  type ExpectedRevision,
  type StreamAppend,
  WrongExpectedRevision,
} from '../event-log/event-log.ts';
import { isoTime } from '../runtime/clock.ts';
import { type Credential, issued, newCredential } from './credential.ts';
import type { RegistryEvent } from './events.ts';
import { claimingExternalIds } from './external-ids.ts';
import { type Compound, type CompoundChange, changed, type Device, type DeviceChange } from './registry.ts';
import type { RegistryIndex } from './registry-index.ts';

export interface RegistryParts {
  log: EventLog;
  index: RegistryIndex;
  /** Names of the dialects that a device may speak. */
  dialects: readonly string[];
}
export type Meta = Pick<CommandMeta, 'occurredAt' | 'actor'>;

/** A change may say from when on it holds, so that the register of a past day can be put right. */
export interface ChangeMeta extends Meta {
  effectiveFrom?: string | undefined;
}
/** Longest that a change reaches back: the year that is rated again, and the window before it. */
const effectiveDaysMax = 400;

/** When the change took effect, and when it was told. Refuses what is to come, and what nobody looks at any more. */
export const timesOf = ({ occurredAt, actor, effectiveFrom }: ChangeMeta, registeredAt?: string): ReceivedMeta => {
  const told = { ...(actor === undefined ? {} : { actor }), receivedAt: occurredAt };
  if (effectiveFrom === undefined) return { ...told, occurredAt };
  const refuse = (message: string): never => {
    throw new Refusal('registry.effective-date', `effectiveFrom: ${message}`, { field: 'effectiveFrom' });
  };
  const effectiveMs = Date.parse(effectiveFrom);
  const nowMs = Date.parse(occurredAt);
  if (effectiveMs > nowMs) refuse(`${effectiveFrom} is still to come; change it then`);
  if (effectiveMs < nowMs - effectiveDaysMax * 86_400_000) {
    refuse(`${effectiveFrom} is more than ${effectiveDaysMax} days ago`);
  }
  if (registeredAt !== undefined && effectiveMs < Date.parse(registeredAt)) {
    refuse(`${effectiveFrom} is before the device was registered on ${registeredAt}`);
  }
  return { ...told, occurredAt: isoTime(effectiveMs) };
};
type ReceivedMeta = Meta & Pick<EventMeta, 'receivedAt'>;

/** Longest that a caller waits until the index shows what the log has taken. */
const behindSecondsMax = 10;

const seenWithin = async (seen: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `the change is recorded, but this process is more than ${behindSecondsMax} s behind the log; look again before you repeat it`;
      reject(new Refusal('registry.behind', message));
    }, behindSecondsMax * 1000);
  });
  await Promise.race([seen, late]).finally(() => clearTimeout(timer));
};

/** Appends, and resolves once the index shows it. */
export const appendAll = async ({ log, index }: RegistryParts, appends: StreamAppend[]): Promise<void> => {
  const newest = appends.map(({ events }) => events.at(-1)!.id);
  const seen = newest.map((id) => index.applied(id));
  try {
    const { stored } = await log.append(appends);
    // What the log had already, the index may have shown before anybody waited for it.
    if (stored > 0) await seenWithin(Promise.all(seen));
  } finally {
    for (const id of newest) index.forget(id);
  }
};

export const append = (
  parts: RegistryParts,
  stream: string,
  expectedRevision: ExpectedRevision,
  registryFacts: RegistryEvent[],
  meta: CommandMeta & Partial<Pick<EventMeta, 'receivedAt'>>,
): Promise<void> => {
  const events = registryFacts.map((fact) => eventOf(randomUUID(), fact as Fact, meta));
  return appendAll(parts, [{ stream, expectedRevision, events }]);
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
  change: CompoundChange,
  meta: ChangeMeta,
): Promise<Compound> => {
  const before = compoundOrRefuse(parts.index, id);
  positionsOnce(changed(before, change));
  await append(parts, compoundStream(id), 'any', [{ type: 'compound.changed', data: change }], {
    ...timesOf(meta),
    compound: id,
  });
  return compoundOrRefuse(parts.index, id);
};

/** What a device hangs on is of its compound, and doesn't hang on the device in turn. */
const checkHanging = (index: RegistryIndex, device: Device, fail: (field: string, message: string) => never): void => {
  for (const field of ['gateway', 'uplink', 'poweredBy'] as const) {
    const above = device[field];
    if (above === undefined) continue;
    if (index.device(above)?.compound !== device.compound) {
      fail(field, `compound ${device.compound} has no device ${above}; register it first`);
    }
    if (above === device.id || index.hangsOn(above).some(({ id }) => id === device.id)) {
      fail(field, `${above} hangs on ${device.id} itself`);
    }
  }
};

const checkModel = ({ kind, dialect, model: id }: Device, fail: (field: string, message: string) => never): void => {
  if (id === undefined) return;
  const model = modelOf(id);
  if (model === undefined) {
    fail('model', `${id} is not known; one of ${deviceModels.map((known) => known.id).join(', ')}`);
  } else if (model.kind !== kind || !(model.dialects as string[]).includes(dialect)) {
    fail('model', `${id} is a ${model.kind} that speaks ${model.dialects.join(' or ')}`);
  }
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
  checkModel(device, fail);
  if (device.gateway !== undefined) {
    const gateway = index.device(device.gateway);
    if (gateway?.kind !== 'gateway' || gateway.compound !== device.compound) {
      fail('gateway', `${device.gateway} is not a gateway of compound ${device.compound}`);
    }
  }
  checkHanging(index, device, fail);
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
  const registration = registrationOf(device, meta);
  await claimingExternalIds(parts.index, [device], () => {
    checkDevice(parts, device);
    return appendRegistration(parts, registration);
  });
  return { device, credential: registration.credential };
};

interface Registration {
  device: Device;
  credential: Credential | undefined;
  append: StreamAppend;
}

const registrationOf = (device: Device, meta: Meta): Registration => {
  const credential = device.gateway === undefined ? newCredential(device.id) : undefined;
  const facts: RegistryEvent[] = [{ type: 'device.registered', data: device }];
  if (credential !== undefined) facts.push(issued(credential));
  const whole = { ...meta, compound: device.compound, device: device.id };
  const events = facts.map((fact) => eventOf(randomUUID(), fact as Fact, whole));
  return { device, credential, append: { stream: deviceStream(device.id), expectedRevision: 'no-stream', events } };
};

const appendRegistration = async (parts: RegistryParts, registration: Registration): Promise<void> => {
  try {
    await appendAll(parts, [registration.append]);
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision)) throw error;
    throw new Refusal(
      'device.already-registered',
      `device ${registration.device.id} is registered already; ids are unique over all compounds`,
    );
  }
};

const batchSize = 200;
const batchesAtOnce = 4;

/** One batch in one append; where a device of it no longer fits, each by itself. */
const registerBatch = async (
  parts: RegistryParts,
  devices: readonly Device[],
  meta: Meta,
): Promise<(Registration | Refusal)[]> => {
  const registrations = devices.map((device) => registrationOf(device, meta));
  try {
    for (const device of devices) checkDevice(parts, device);
    await appendAll(
      parts,
      registrations.map((registration) => registration.append),
    );
    return registrations;
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision) && !(error instanceof Refusal)) throw error;
    if (error instanceof Refusal && error.code === 'registry.behind') throw error;
  }
  const outcomes: (Registration | Refusal)[] = [];
  for (const registration of registrations) {
    try {
      // With the ids of the batch: what of it was stored is known, and told like the rest.
      checkDevice(parts, registration.device);
      await appendRegistration(parts, registration);
      outcomes.push(registration);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code === 'registry.behind') throw error;
      outcomes.push(error);
    }
  }
  return outcomes;
};

/**
 * Registers many at once, a few hundred in one append. Answers for each, in their order, its credential or why it was
 * refused, as `registerDevice` refuses; the others stand.
 */
export const registerDevices = async (
  parts: RegistryParts,
  devices: readonly Device[],
  meta: Meta,
): Promise<(Pick<Registration, 'credential'> | Refusal)[]> => {
  const starts = Array.from({ length: Math.ceil(devices.length / batchSize) }, (_, index) => index * batchSize);
  const outcomes = new Map<number, (Registration | Refusal)[]>();
  const left = starts.values();
  const worker = async (): Promise<void> => {
    for (const start of left) {
      const batch = devices.slice(start, start + batchSize);
      const done = await claimingExternalIds(parts.index, batch, () => registerBatch(parts, batch, meta));
      outcomes.set(start, done);
    }
  };
  await Promise.all(Array.from({ length: batchesAtOnce }, worker));
  return starts.flatMap((start) => outcomes.get(start)!);
};

export const deviceOrRefuse = (index: RegistryIndex, id: string) => {
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
  change: DeviceChange,
  meta: ChangeMeta,
): Promise<Device> => {
  const before = deviceOrRefuse(parts.index, id);
  const times = timesOf(meta, before.registeredAt);
  await claimingExternalIds(parts.index, [changed(before, change)], async () => {
    checkDevice(parts, changed(deviceOrRefuse(parts.index, id), change));
    await append(parts, deviceStream(id), 'any', [{ type: 'device.changed', data: change }], {
      ...times,
      compound: before.compound,
      device: id,
    });
  });
  const { registeredAt: _registered, retiredAt: _retired, ...registered } = deviceOrRefuse(parts.index, id);
  return registered;
};

export const retireDevice = async (
  parts: RegistryParts,
  id: string,
  reason: string | undefined,
  meta: ChangeMeta,
): Promise<void> => {
  const device = deviceOrRefuse(parts.index, id);
  await append(
    parts,
    deviceStream(id),
    'any',
    [{ type: 'device.retired', data: reason === undefined ? {} : { reason } }],
    {
      ...timesOf(meta, device.registeredAt),
      compound: device.compound,
      device: id,
    },
  );
};
