import { openEventLog } from '../../services/event-log/open.ts';
import { catchUp } from '../../services/projections/runner.ts';
import { starRatingProjection } from '../../services/projections/star-rating/projection.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import { withFilledServer } from './filled-log.ts';
import type { BenchOptions } from './options.ts';
import { type BenchResult, resultOf } from './result.ts';

const events = 300_000;

/** The whole log into an empty star-rating projection, as a rebuild does it. */
export const replay = async ({ rounds }: BenchOptions, emit: (result: BenchResult) => void): Promise<void> => {
  const rates = await withFilledServer(events, async ({ url }) => {
    const pool = openPool(url, { maxConnections: 4, statementTimeoutSeconds: 0 });
    const { log } = await openEventLog(url, { clock: systemClock, readOnly: true });
    const measured: number[] = [];
    try {
      for (let round = 0; round < rounds; round += 1) {
        await pool.query('DELETE FROM hub.projection_checkpoint WHERE projection = $1', [starRatingProjection.name]);
        const startMs = performance.now();
        const read = await catchUp(log, transact(pool), starRatingProjection);
        measured.push((read * 1000) / (performance.now() - startMs));
        if (read < events) throw new Error(`${read} of ${events} events were read`);
      }
    } finally {
      await log.close();
      await pool.end();
    }
    return measured;
  });
  emit(resultOf('replay into an empty star rating', 'events/s', rates, { target: { atLeast: 150_000 } }));
};
