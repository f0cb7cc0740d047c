import { z } from 'zod';
import { deviceKinds, registryId } from '../registry/registry.ts';
import type { RegisteredDevice, RegistryIndex } from '../registry/registry-index.ts';
import { ApiRefusal } from './problem.ts';

/** Devices of a compound that speak for themselves: all, those of a kind, or those that are named. */
export const chosenDevices = {
  compound: registryId,
  kind: z.enum(deviceKinds).optional(),
  devices: z.array(registryId).max(20_000).optional(),
};
type Chosen = z.output<z.ZodObject<typeof chosenDevices>>;

/** Refuses when there is none of them. */
export const devicesChosen = (
  index: Pick<RegistryIndex, 'devicesOf'>,
  { compound, kind, devices }: Chosen,
): RegisteredDevice[] => {
  const named = devices === undefined ? undefined : new Set(devices);
  const chosen = index
    .devicesOf(compound)
    .filter((item) => item.retiredAt === null && item.gateway === undefined)
    .filter((item) => (kind === undefined || item.kind === kind) && (named?.has(item.id) ?? true));
  if (chosen.length > 0) return chosen;
  throw new ApiRefusal(404, 'device.unknown', `compound ${compound} has no such device with a credential of its own`);
};

export interface FileResponse {
  type(mediaType: string): FileResponse;
  setHeader(name: string, value: string): void;
}

/** A file with secrets, which no cache is to keep. */
export const secretFile = (
  response: FileResponse,
  { name, type }: { name: string; type: 'text/csv' | 'text/plain' },
  text: string,
): string => {
  response.type(`${type}; charset=utf-8`);
  response.setHeader('content-disposition', `attachment; filename="${name}"`);
  response.setHeader('cache-control', 'no-store');
  return text;
};
