import type { RecordedEvent } from '../event-log/event.ts';
import type { ZonedServiceHours } from '../runtime/service-hours.ts';
import {
  type CertificateEvent,
  type CertificateSnapshot,
  createCertificateIndex,
  isCertificateEvent,
} from './certificate-index.ts';
import { credentialAfter, type KnownCredential } from './credential.ts';
import { createDeviceLookups } from './device-lookups.ts';
import { type RegistryEvent, registryEventTypes } from './events.ts';
import { type Compound, changed, type Device, type Position } from './registry.ts';

export interface RegisteredDevice extends Device {
  registeredAt: string;
  retiredAt: string | null;
}

export interface RegistrySnapshot {
  compounds: Compound[];
  devices: RegisteredDevice[];
  credentials: (KnownCredential & { username: string })[];
  /** Left out, there are none. */
  certificates?: CertificateSnapshot;
  /** How far each stream had been read. */
  revisions: { stream: string; revision: number }[];
}

/** Who waits for an event to be applied. */
const createWaiting = () => {
  const waiting = new Map<string, (() => void)[]>();
  return {
    wake(eventId: string): void {
      const waited = waiting.get(eventId);
      waiting.delete(eventId);
      for (const resolve of waited ?? []) resolve();
    },
    /** Resolves once the event of that id was applied here, so that a command's caller sees its own change. */
    applied: (eventId: string): Promise<void> =>
      new Promise((resolve) => waiting.set(eventId, [...(waiting.get(eventId) ?? []), resolve])),
    /** Nobody waits for that event any longer. */
    forget: (eventId: string): boolean => waiting.delete(eventId),
  };
};

/**
 * The registry in memory, folded from the log: ingest looks up a credential and a device for every message.
 * `apply` may see an event again; the result is the same.
 */
export const createRegistryIndex = () => {
  const compounds = new Map<string, Compound>();
  const devices = new Map<string, RegisteredDevice>();
  const lookups = createDeviceLookups<RegisteredDevice>();
  const credentials = new Map<string, KnownCredential>();
  const certificates = createCertificateIndex();
  const revisions = new Map<string, number>();
  const { wake, ...waiting } = createWaiting();

  const putDevice = (device: RegisteredDevice): void => {
    lookups.put(devices.get(device.id), device);
    devices.set(device.id, device);
  };

  const applyDevice = (
    event: RecordedEvent & Exclude<RegistryEvent, CertificateEvent | { type: `compound.${string}` }>,
    id: string,
  ): void => {
    const before = devices.get(id);
    switch (event.type) {
      case 'device.registered':
        putDevice({ ...event.data, registeredAt: event.meta.occurredAt, retiredAt: null });
        return;
      case 'device.changed':
        if (before !== undefined) putDevice(changed(before, event.data));
        return;
      case 'device.retired':
        credentials.delete(id);
        if (before !== undefined) putDevice({ ...before, retiredAt: event.meta.occurredAt });
        return;
      default: {
        const after = credentialAfter(credentials.get(event.data.username), id, event);
        if (after === undefined) credentials.delete(event.data.username);
        else credentials.set(event.data.username, after);
      }
    }
  };

  const applyRegistry = (event: RecordedEvent & RegistryEvent): void => {
    if (isCertificateEvent(event)) certificates.apply(event);
    else if (event.type === 'compound.registered') compounds.set(event.data.id, event.data);
    else if (event.type === 'compound.changed') {
      const before = compounds.get(event.meta.compound!);
      if (before !== undefined) compounds.set(before.id, changed(before, event.data));
    } else applyDevice(event, event.meta.device!);
  };

  return {
    load(snapshot: RegistrySnapshot): void {
      for (const compound of snapshot.compounds) compounds.set(compound.id, compound);
      for (const device of snapshot.devices) putDevice(device);
      for (const { username, ...credential } of snapshot.credentials) credentials.set(username, credential);
      if (snapshot.certificates !== undefined) certificates.load(snapshot.certificates);
      for (const { stream, revision } of snapshot.revisions) revisions.set(stream, revision);
    },
    /** Folds one registry event; others only wake whoever waits for them. */
    apply(recorded: RecordedEvent): void {
      if (registryEventTypes.includes(recorded.type as RegistryEvent['type'])) {
        if (recorded.revision > (revisions.get(recorded.stream) ?? -1)) {
          revisions.set(recorded.stream, recorded.revision);
          applyRegistry(recorded as RecordedEvent & RegistryEvent);
        }
      }
      wake(recorded.id);
    },
    ...waiting,
    compound: (id: string) => compounds.get(id),
    compounds: (): Compound[] => [...compounds.values()],
    device: (id: string) => devices.get(id),
    devices: (): RegisteredDevice[] => [...devices.values()],
    devicesOf: lookups.of,
    standingDevices: lookups.standing,
    ...lookups.hanging,
    ...certificates.lookups,
    deviceByExternalId: (outside: Parameters<typeof lookups.outside>[0]): RegisteredDevice | undefined =>
      devices.get(lookups.outside(outside) ?? ''),
    /** Of a user name, which is the device's id. */
    credential: (username: string) => credentials.get(username),
  };
};

export type RegistryIndex = ReturnType<typeof createRegistryIndex>;

/** Where a device stands, in words: building and position. */
export const placeOf = (
  index: Pick<RegistryIndex, 'compound' | 'device'>,
  deviceId: string,
): { position: Position | undefined; buildingName: string | undefined; steward: string | undefined } => {
  const device = index.device(deviceId);
  const compound = device && index.compound(device.compound);
  const position = compound?.positions.find((candidate) => candidate.id === device?.position);
  const building = compound?.buildings.find((candidate) => candidate.id === position?.building);
  return { position, buildingName: building?.name, steward: building?.steward?.name };
};

/** The hours that a compound's contract sets, in its own zone; `undefined` where clocks run day and night. */
export const contractHoursOf = ({ serviceHours, timeZone }: Compound): ZonedServiceHours | undefined =>
  serviceHours === undefined ? undefined : { ...serviceHours, timeZone };
