import { keepMonth, monthsToKeep } from '../../services/projections/star-rating/kept-months.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import { compoundOf } from './city-fleet.ts';
import { embeddedServer, type HubProcess } from './hub-process.ts';

const atOnceMax = 1000;

/** Keeps at once the months that are over, as the hub does by and by. Answers how many seconds of its time that takes. */
export const keepMonthsAtOnce = async (hub: HubProcess, compounds: number): Promise<number> => {
  const city = Array.from({ length: compounds }, (_, nth) => compoundOf(nth));
  const { url } = await embeddedServer(hub.dataDir);
  const pool = openPool(url, { maxConnections: 1, statementTimeoutSeconds: 0 });
  const beganMs = performance.now();
  try {
    for (;;) {
      const months = await monthsToKeep(pool, city, { nowMs: systemClock.now(), limit: atOnceMax });
      if (months.length === 0) return (performance.now() - beganMs) / 1000;
      for (const month of months) await transact(pool, { durable: false })((own) => keepMonth(own, month));
    }
  } finally {
    await pool.end();
  }
};
