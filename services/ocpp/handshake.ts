import type { IncomingMessage } from 'node:http';
import type { RegisteredDevice, RegistryIndex } from '../registry/registry-index.ts';
import { type OcppVersion, ocppVersions } from './answers.ts';

/** Versions that a device may speak, by the dialect that it is registered with. */
const versionsByDialect: Readonly<Record<string, readonly OcppVersion[]>> = {
  ocpp16: ['ocpp1.6'],
  ocpp201: ['ocpp2.0.1'],
  auto: ocppVersions,
};

export const versionsOf = ({ dialect }: Pick<RegisteredDevice, 'dialect'>): readonly OcppVersion[] =>
  versionsByDialect[dialect] ?? [];

const segmentsOf = (url: string): string[] | undefined => {
  try {
    const [path = ''] = url.split('?');
    return path.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return undefined;
  }
};

export interface Claim {
  /** What the post calls itself: the last part of the address (OCPP-J 1.6, 3.1.1). */
  identity: string;
  device: RegisteredDevice;
}

/**
 * Who a post says it is: by the device's id on any path, or by its own identity behind the compound's id
 * (`/harbour-view/CP-0001`), which need be unique in its compound only.
 */
export const claimOf = (
  index: Pick<RegistryIndex, 'device' | 'deviceByExternalId'>,
  url: string,
): Claim | undefined => {
  const segments = segmentsOf(url);
  const identity = segments?.at(-1);
  if (identity === undefined) return undefined;
  const compound = segments?.at(-2);
  const outside = Object.keys(versionsByDialect).map((dialect) =>
    compound === undefined ? undefined : index.deviceByExternalId({ compound, dialect, externalId: identity }),
  );
  const device = [index.device(identity), ...outside].find((found) => found?.retiredAt === null);
  return device === undefined ? undefined : { identity, device };
};

/** RFC 7617. The password stays bytes: OCPP's security profiles allow random ones. */
export const basicPassword = (
  { headers }: Pick<IncomingMessage, 'headers'>,
  { identity, device }: Claim,
): Uint8Array | undefined => {
  const encoded = /^basic +([a-z0-9+/_-]+=*) *$/i.exec(headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  // Security whitepaper for OCPP 1.6, A00: the user name is the identity.
  for (const name of [identity, device.id]) {
    const beginning = Buffer.from(`${name}:`);
    if (bytes.subarray(0, beginning.length).equals(beginning)) return bytes.subarray(beginning.length);
  }
  return undefined;
};
