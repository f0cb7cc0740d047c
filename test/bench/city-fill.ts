import type { RecordedEvent } from '../../services/event-log/event.ts';
import type { Projection } from '../../services/event-log/projection.ts';
import { deviceHealthProjection } from '../../services/projections/device-health/projection.ts';
import { writeRating } from '../../services/projections/reporting/rating-record.ts';
import { starRatingProjection } from '../../services/projections/star-rating/projection.ts';
import { rateCompound } from '../../services/projections/star-rating/rate-compound.ts';
import { standardInForce } from '../../services/projections/star-rating/standards.ts';
import type { Compound, Device } from '../../services/registry/registry.ts';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import type { Sql } from '../../services/runtime/sql.ts';
import { compoundOf, createTeller, dayOfWords, devicesOf, fullDays, registrations, word } from './city-fleet.ts';

const dayMs = 86_400_000;
const batchEvents = 10_000;

/** As the registry's fold writes them, many rows at once. */
const register = async (sql: Sql, compound: Compound, devices: Device[], at: string): Promise<void> => {
  await sql.query('INSERT INTO hub.registry_compound VALUES ($1, $2, 0, $3)', [compound.id, compound, at]);
  await sql.query(
    `INSERT INTO hub.registry_device (id, compound, data, revision, registered_at)
     SELECT data ->> 'id', $2, data, 0, $3 FROM jsonb_array_elements($1::jsonb) AS data`,
    [JSON.stringify(devices), compound.id, at],
  );
};

const applyAll = async (
  sql: ReturnType<typeof openPool>,
  projection: Projection,
  events: readonly RecordedEvent[],
): Promise<void> => {
  for (let from = 0; from < events.length; from += batchEvents) {
    await transact(sql, { durable: false })((own) => projection.apply(own, events.slice(from, from + batchEvents)));
  }
};

/**
 * The tables of a running city: all compounds with what their devices said last, the first `full` of them with a whole
 * month of it. One device in thirty is silent.
 */
export const fillCity = async (
  url: string,
  { compounds, full }: { compounds: number; full: number },
): Promise<void> => {
  const sql = openPool(url, { maxConnections: 2, statementTimeoutSeconds: 0 });
  const tell = createTeller();
  const nowMs = systemClock.now();
  const firstMs = Math.floor(nowMs / dayMs - fullDays) * dayMs;
  const city = Array.from({ length: compounds }, (_, nth) => compoundOf(nth));
  const fleets = new Map(city.map(({ id }) => [id, devicesOf(id)]));
  try {
    for (let from = 0; from < compounds; from += 30) {
      const some = city.slice(from, from + 30);
      for (const compound of some) await register(sql, compound, fleets.get(compound.id)!, isoTime(firstMs));
      const events = some.flatMap((compound) => registrations(tell, compound, fleets.get(compound.id)!, firstMs));
      await applyAll(sql, starRatingProjection, events);
      await applyAll(sql, deviceHealthProjection, events);
    }
    for (const { id } of city.slice(0, full)) {
      for (let dayStartMs = firstMs; dayStartMs + dayMs <= nowMs; dayStartMs += dayMs) {
        await applyAll(sql, starRatingProjection, dayOfWords(tell, fleets.get(id)!, dayStartMs));
      }
    }
    const at = isoTime(nowMs);
    const standard = standardInForce(at);
    const pattern = await rateCompound(sql, standard, { compound: city[0]!, at });
    for (const compound of city) await writeRating(sql, { ...pattern, compound: compound.id }, compound.timeZone);
    for (let from = 0; from < compounds; from += 30) {
      const lastMs = systemClock.now();
      const words = city
        .slice(from, from + 30)
        .flatMap(({ id }, nth) =>
          fleets
            .get(id)!
            .map((device, of) => word(tell, device, lastMs - (of % 30 === nth ? 26 * 3_600_000 : of * 500))),
        );
      await applyAll(sql, deviceHealthProjection, words);
    }
    await sql.query('VACUUM ANALYZE');
    await sql.query('CHECKPOINT');
  } finally {
    await sql.end();
  }
};
