import { defined, spokenBy } from '../../codecs/state-facts.ts';
import type { DeviceFact } from '../../dialect.ts';
import { timeFromEpochSeconds } from '../../time.ts';

/** The facts as said by a camera, at Frigate's epoch seconds where the message has them. */
export const saidBy = (camera: string, atSeconds: number | undefined | null, facts: DeviceFact[]): DeviceFact[] => {
  const time = typeof atSeconds === 'number' ? timeFromEpochSeconds(atSeconds) : undefined;
  return spokenBy({ externalId: camera, kind: 'camera', name: camera, ...defined({ time }) }, facts);
};

/** A name or plate that was read: the reference becomes a pseudonym in the ingest, so that it stands nowhere else. */
export const credentialSeen = (
  method: 'face' | 'plate',
  reference: string,
  confidence: number | null | undefined,
  sourceId: string,
): DeviceFact => ({
  type: 'gate.credential-seen',
  data: defined({ credential: { method, reference }, confidence: confidence ?? undefined }),
  sourceId,
});
