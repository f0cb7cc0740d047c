import { randomUUID } from 'node:crypto';
import { eventOf, type Fact } from '../event-log/decider.ts';
import { deviceStream } from '../event-log/event.ts';
import { isoTime } from '../runtime/clock.ts';
import { append, appendAll, deviceOrRefuse, type Meta, type RegistryParts } from './commands.ts';
import { type Credential, issued, newCredential } from './credential.ts';
import type { RegistryEvent } from './events.ts';

interface Owner {
  id: string;
  compound: string;
}

/** What became of a device's credentials, on its stream. */
export const appendOfDevice = (parts: RegistryParts, device: Owner, fact: RegistryEvent, meta: Meta): Promise<void> =>
  append(parts, deviceStream(device.id), 'any', [fact], { ...meta, compound: device.compound, device: device.id });

/**
 * A new password. The old one is refused from now on, or with `formerHours` counts beside it for so long, unless the new
 * one is used before.
 */
export const issueCredential = async (
  parts: RegistryParts,
  id: string,
  meta: Meta,
  { formerHours = 0 }: { formerHours?: number } = {},
): Promise<Credential & { formerUntil: string | null }> => {
  const device = deviceOrRefuse(parts.index, id);
  const credential = newCredential(id);
  const isRotated = formerHours > 0 && parts.index.credential(id) !== undefined;
  const formerUntil = isRotated ? isoTime(Date.parse(meta.occurredAt) + formerHours * 3_600_000) : null;
  await appendOfDevice(parts, device, issued(credential, formerUntil), meta);
  return { ...credential, formerUntil };
};

/** No password counts from now on; whoever is connected with one is sent away. */
export const revokeCredential = async (parts: RegistryParts, id: string, meta: Meta): Promise<void> => {
  const device = deviceOrRefuse(parts.index, id);
  await appendOfDevice(parts, device, { type: 'device.credential-revoked', data: { username: id } }, meta);
};

/** The device has come with its new password: the former one counts no longer. */
export const takeUpCredential = async (parts: RegistryParts, id: string, meta: Meta): Promise<void> => {
  const device = deviceOrRefuse(parts.index, id);
  await appendOfDevice(parts, device, { type: 'device.credential-taken-up', data: { username: id } }, meta);
};

const batchSize = 200;

/** The same of many devices, a few hundred in one append. */
export const appendOfDevices = async (
  parts: RegistryParts,
  facts: readonly { device: Owner; fact: RegistryEvent }[],
  meta: Meta,
): Promise<void> => {
  for (let start = 0; start < facts.length; start += batchSize) {
    await appendAll(
      parts,
      facts.slice(start, start + batchSize).map(({ device: { id, compound }, fact }) => ({
        stream: deviceStream(id),
        expectedRevision: 'any' as const,
        events: [eventOf(randomUUID(), fact as Fact, { ...meta, compound, device: id })],
      })),
    );
  }
};

/** As `issueCredential`, for many devices. */
export const issueCredentials = async (
  parts: RegistryParts,
  devices: readonly Owner[],
  meta: Meta,
  { formerHours }: { formerHours: number },
): Promise<Credential[]> => {
  const formerUntil = formerHours > 0 ? isoTime(Date.parse(meta.occurredAt) + formerHours * 3_600_000) : null;
  const credentials = devices.map(({ id }) => newCredential(id));
  const facts = devices.map((device, at) => ({ device, fact: issued(credentials[at]!, formerUntil) }));
  await appendOfDevices(parts, facts, meta);
  return credentials;
};
