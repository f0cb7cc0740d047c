import { randomUUID } from 'node:crypto';
import { eventOf, type Fact } from '../event-log/decider.ts';
import { deviceStream } from '../event-log/event.ts';
import { isoTime } from '../runtime/clock.ts';
import { append, appendAll, deviceOrRefuse, type Meta, type RegistryParts } from './commands.ts';
import { type Credential, issued, newCredential } from './credential.ts';
import type { RegistryEvent } from './events.ts';

const appendOf = (parts: RegistryParts, device: { id: string; compound: string }, fact: RegistryEvent, meta: Meta) =>
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
  await appendOf(parts, device, issued(credential, formerUntil), meta);
  return { ...credential, formerUntil };
};

/** No password counts from now on; whoever is connected with one is sent away. */
export const revokeCredential = async (parts: RegistryParts, id: string, meta: Meta): Promise<void> => {
  const device = deviceOrRefuse(parts.index, id);
  await appendOf(parts, device, { type: 'device.credential-revoked', data: { username: id } }, meta);
};

/** The device has come with its new password: the former one counts no longer. */
export const takeUpCredential = async (parts: RegistryParts, id: string, meta: Meta): Promise<void> => {
  const device = deviceOrRefuse(parts.index, id);
  await appendOf(parts, device, { type: 'device.credential-taken-up', data: { username: id } }, meta);
};

const batchSize = 200;

/** As `issueCredential`, for many devices. */
export const issueCredentials = async (
  parts: RegistryParts,
  devices: readonly { id: string; compound: string }[],
  meta: Meta,
  { formerHours }: { formerHours: number },
): Promise<Credential[]> => {
  const formerUntil = formerHours > 0 ? isoTime(Date.parse(meta.occurredAt) + formerHours * 3_600_000) : null;
  const issuedTo: Credential[] = [];
  for (let start = 0; start < devices.length; start += batchSize) {
    const batch = devices
      .slice(start, start + batchSize)
      .map((device) => ({ device, credential: newCredential(device.id) }));
    await appendAll(
      parts,
      batch.map(({ device, credential }) => ({
        stream: deviceStream(device.id),
        expectedRevision: 'any' as const,
        events: [
          eventOf(randomUUID(), issued(credential, formerUntil) as Fact, {
            ...meta,
            compound: device.compound,
            device: device.id,
          }),
        ],
      })),
    );
    issuedTo.push(...batch.map(({ credential }) => credential));
  }
  return issuedTo;
};
