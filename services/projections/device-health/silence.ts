import { modelOf } from '../../../devices/model.ts';
import { isoTime } from '../../runtime/clock.ts';
import { silentAfterMs } from '../star-rating/kind-silence.ts';
import type { Health } from './health.ts';

/** When a device counts as silent if nothing more is heard of it; `null` for one of which nothing is awaited. */
export interface Silence {
  silentFrom: string | null;
  /**
   * No later than `silentFrom`, and moved only by half of what the kind may be silent: the index over it is written
   * rarely, though the device speaks all the time. `-infinity` for a device that is known to be gone.
   */
  lookFrom: string | null;
}

export const silenceOf = ({ kind, model, retired, connection, connectionAt, lastHeardAt }: Health): Silence => {
  const heardAt = lastHeardAt ?? (connection === null ? null : connectionAt);
  if (retired || heardAt === null) return { silentFrom: null, lookFrom: null };
  const limitMs = silentAfterMs(kind ?? undefined, modelOf(model));
  const stepMs = limitMs / 2;
  const heardMs = Date.parse(heardAt);
  return {
    silentFrom: isoTime(heardMs + limitMs),
    lookFrom: connection === 'offline' ? '-infinity' : isoTime(Math.floor(heardMs / stepMs) * stepMs + limitMs),
  };
};
