import { type CompoundInZone, keepMonth, monthsToKeep } from '../../services/projections/star-rating/kept-months.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import { embeddedServer, type HubProcess } from './hub-process.ts';

const atOnceMax = 1000;

/** Keeps at once the months that are over, as the hub does by and by. Answers how many seconds of its time that takes. */
export const keepMonthsAtOnce = async (hub: HubProcess, compounds: readonly CompoundInZone[]): Promise<number> => {
  const { url } = await embeddedServer(hub.dataDir);
  const pool = openPool(url, { maxConnections: 1, statementTimeoutSeconds: 0 });
  const beganMs = performance.now();
  try {
    for (;;) {
      const months = await monthsToKeep(pool, compounds, { nowMs: systemClock.now(), limit: atOnceMax });
      if (months.length === 0) return (performance.now() - beganMs) / 1000;
      for (const month of months) await transact(pool, { durable: false })((own) => keepMonth(own, month));
    }
  } finally {
    await pool.end();
  }
};
