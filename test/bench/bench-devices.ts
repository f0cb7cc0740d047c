import type { HubClient } from '../../services/client/hub-client.ts';
import type { HubProcess, ImportedCredential } from './hub-process.ts';
import type { LoadDevice } from './load/load-connection.ts';
import { countMark, type MessageTemplate, timeMark } from './load/packet-writer.ts';

export const compound = 'bench-yuan';
export const eventBytes = 300;

/** Fills the text field so that the whole event is 300 bytes. */
const filled = (event: (text: string) => object): string => {
  const bare = JSON.stringify(event(''));
  return JSON.stringify(event('.'.repeat(Math.max(0, eventBytes - Buffer.byteLength(bare)))));
};

export const passage = (): string =>
  filled((text) => ({
    type: 'gate.passed',
    time: timeMark,
    id: `g-${countMark}`,
    data: { credential: { method: 'card' }, direction: 'in', door: 'east', confidence: 0.97, text },
  }));

export const deviceId = (nth: number): string => `gate-${String(nth).padStart(5, '0')}`;

export const canonicalMessage = (device: string): MessageTemplate => ({
  topic: `xy/v1/${compound}/${device}/events`,
  payload: passage(),
});

const importedAtOnce = 5_000;

export const registerCompound = (api: HubClient): Promise<unknown> =>
  api.post('/api/compounds', { id: compound, name: '星园小区', profile: 'new', households: 1200 });

/** Registers access gates by CSV, as an integrator would, and answers clients that speak for them. */
export const registerGates = async (
  hub: Pick<HubProcess, 'api' | 'importCsv'>,
  count: number,
): Promise<LoadDevice[]> => {
  await registerCompound(hub.api);
  const credentials: ImportedCredential[] = [];
  for (let first = 0; first < count; first += importedAtOnce) {
    const rows = Array.from({ length: Math.min(importedAtOnce, count - first) }, (_, nth) => {
      const id = deviceId(first + nth);
      return `${id},${compound},access-gate,${id}`;
    });
    credentials.push(...(await hub.importCsv(['id,compound,kind,name', ...rows].join('\n'))));
  }
  return credentials.map(({ device, username, password }) => ({
    ...{ clientId: device, username, password },
    messages: [canonicalMessage(device)],
  }));
};
