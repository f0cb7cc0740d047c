import { healthAt, unheard } from '../../services/projections/device-health/health.ts';
import { healthOf } from '../../services/projections/device-health/queries.ts';
import { silentAfterMs } from '../../services/projections/star-rating/kind-silence.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import type { FilledCity } from './city-database.ts';

/** State of every device by the hub's own fold. */
export const allHealth = async ({ pool, city }: FilledCity): Promise<Record<string, string>> => {
  const health = await healthOf(
    pool,
    city.devices.map(({ id }) => id),
  );
  return Object.fromEntries(
    city.devices.map(({ id, kind }) => {
      const seconds = silentAfterMs(kind) / 1000;
      return [id, healthAt(health.get(id) ?? unheard, seconds, systemClock.now()).state];
    }),
  );
};
