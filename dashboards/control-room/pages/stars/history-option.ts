import type { Rating } from '../../../../services/projections/star-rating/rating.ts';
import type { RatingChange } from '../../api/answers.ts';
import type { Palette } from '../../palette.ts';

export interface HistoryPoint {
  atMs: number;
  total: number;
  stars: number;
}

/** Oldest first, and today's stars at the end, so that the line reaches to now. */
export function historyPoints(
  history: readonly RatingChange[],
  rating: Pick<Rating, 'at' | 'total' | 'stars'>,
): HistoryPoint[] {
  const now = Date.parse(rating.at);
  const points = history
    .map(({ at, total, to }) => ({ atMs: Date.parse(at), total, stars: to }))
    .filter(({ atMs }) => atMs < now)
    .sort((a, b) => a.atMs - b.atMs);
  return [...points, { atMs: now, total: rating.total, stars: rating.stars }];
}

interface Words {
  time(ms: number): string;
  stars(n: number): string;
  points(n: number): string;
}

/** A step line of the stars: a total in a star's band doesn't earn it where a mandatory criterion or a floor is missed. */
export function historyOption(points: HistoryPoint[], palette: Palette, words: Words) {
  return {
    animation: false,
    textStyle: { color: palette.quiet, fontFamily: 'inherit' },
    grid: { left: 44, right: 16, top: 12, bottom: 24 },
    tooltip: {
      trigger: 'axis' as const,
      backgroundColor: palette.surface,
      borderColor: palette.line,
      textStyle: { color: palette.text },
      formatter: (shown: unknown) => {
        const first: unknown = Array.isArray(shown) ? shown[0] : shown;
        const at = typeof first === 'object' && first !== null && 'dataIndex' in first ? Number(first.dataIndex) : -1;
        const point = points[at];
        return point === undefined
          ? ''
          : `${words.time(point.atMs)}<br>${words.stars(point.stars)} · ${words.points(point.total)}`;
      },
    },
    xAxis: {
      type: 'time' as const,
      axisLine: { lineStyle: { color: palette.lineStrong } },
      axisLabel: { color: palette.quiet, hideOverlap: true, formatter: (ms: number) => words.time(ms).slice(0, 5) },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value' as const,
      min: 0,
      max: 5,
      interval: 1,
      axisLabel: { color: palette.quiet, formatter: words.stars },
      splitLine: { lineStyle: { color: palette.line } },
    },
    series: [
      {
        type: 'line' as const,
        step: 'end' as const,
        symbol: 'circle',
        symbolSize: 6,
        showSymbol: points.length < 60,
        lineStyle: { color: palette.accent, width: 2 },
        itemStyle: { color: palette.accent },
        data: points.map(({ atMs, stars }) => [atMs, stars]),
      },
    ],
  };
}
