import type { RatingReplay, ReplayChange } from '../../../../services/projections/rating-replay/replay.ts';
import { csvRow, shownCell } from '../../files/csv-row.ts';

export const isUnderWay = ({ state }: Pick<RatingReplay, 'state'>): boolean =>
  state === 'queued' || state === 'running';

/** Whole percent, and only a finished one is a hundred. */
export function progressPercent({
  progress: { done, total },
  state,
}: Pick<RatingReplay, 'progress' | 'state'>): number {
  if (state === 'done') return 100;
  return total === 0 ? 0 : Math.min(99, Math.floor((done / total) * 100));
}

export const directionOf = ({ starsInForce, starsReplayed }: ReplayChange): 'up' | 'down' =>
  starsReplayed > starsInForce ? 'up' : 'down';

/** A table for spreadsheets; the byte order mark lets them read Chinese. */
export function changesCsv(changes: readonly ReplayChange[], head: readonly string[]): string {
  const lines = changes.map(({ compound, name, day, until, days, starsInForce, starsReplayed, criteria }) =>
    csvRow(
      [compound, name, day, until, String(days), String(starsInForce), String(starsReplayed), criteria.join(' ')].map(
        shownCell,
      ),
    ),
  );
  return `\uFEFF${[csvRow(head), ...lines].join('\r\n')}\r\n`;
}
