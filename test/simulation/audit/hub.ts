import type { RecordedEvent } from '../../../services/event-log/event.ts';
import { readModels } from '../../../services/hub/projections.ts';
import { catchUp, resetProjection } from '../../../services/projections/runner.ts';
import type { Transact } from '../../../services/runtime/sql.ts';
import { tablesOf } from '../../projection-laws.ts';
import type { Ledger } from '../ledger.ts';
import type { Simulated } from '../simulate.ts';
import { between } from './instants.ts';

/** Below a minute an absence is a restart; a beat is ten seconds old at most. */
const gapMs = 60_000;
const beatMs = 10_000;

/** An absence is on record of every compound, and nothing else is. */
export const auditGaps = (ledger: Ledger, events: readonly RecordedEvent[]): string[] => {
  const gaps = events
    .filter(({ type }) => type === 'compound.gap-recorded')
    .map(({ data, meta, position }) => {
      const { from, to, cause } = data as { from: string; to: string; cause: string };
      return { compound: meta.compound, fromMs: Date.parse(from), toMs: Date.parse(to), cause, position };
    });
  const away = between(ledger, 'crashed', 'started');
  // A failure is remembered for a minute.
  const down = between(ledger, 'log-down', 'log-up').map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs + 2 * gapMs }));
  const missing = away
    .filter(({ fromMs, toMs }) => toMs - fromMs >= gapMs + beatMs)
    .flatMap(({ fromMs, toMs }) =>
      ledger.compounds
        .filter(
          (compound) =>
            !gaps.some((gap) => gap.compound === compound && gap.fromMs <= fromMs && gap.toMs >= toMs - gapMs),
        )
        .map((compound) => `the hub's absence at ${new Date(fromMs).toISOString()} is not on record of ${compound}`),
    );
  const madeUp = gaps
    .filter(
      ({ fromMs, toMs }) =>
        !away.some((one) => one.fromMs >= fromMs && one.fromMs <= toMs) &&
        !down.some((one) => one.fromMs <= toMs && one.toMs >= fromMs),
    )
    .map(({ position, compound }) => `position ${position}: a gap of ${compound} in which the hub was well`);
  return [...missing, ...madeUp];
};

/** When the hub last wrote or ran something: not what the log says. */
const ignoredColumns = ['made_at', 'ran_at', 'mark'];

/** The live read models, against the same ones emptied and filled again from the log. */
export const auditReadModels = async ({ log }: Simulated, sql: Parameters<typeof tablesOf>[0], transact: Transact) => {
  const complaints: string[] = [];
  for (const projection of readModels) {
    const live = await tablesOf(sql, projection, ignoredColumns);
    await transact((inside) => resetProjection(inside, projection));
    await catchUp(log, transact, projection);
    const rebuilt = await tablesOf(sql, projection, ignoredColumns);
    for (const [table, rows] of Object.entries(rebuilt)) {
      const differs = rows.find((row, index) => live[table]![index] !== row) ?? live[table]![rows.length];
      if (differs !== undefined) complaints.push(`${table}: live and rebuilt differ, e.g. ${differs.slice(0, 200)}`);
    }
  }
  return complaints;
};
