import { palettes } from '../../palette.ts';
import { historyOption, historyPoints } from './history-option.ts';

const change = (at: string, to: number, total: number) => ({ at, from: null, to, total, standard: 's', causes: [] });
const rating = { at: '2026-03-03T00:00:00.000Z', total: 82, stars: 4 };
const points = historyPoints(
  [
    change('2026-03-02T00:00:00.000Z', 3, 75),
    change('2026-03-01T00:00:00.000Z', 2, 61),
    change('2026-03-04T00:00:00.000Z', 5, 99),
  ],
  rating,
);

test('oldest first, up to the instant the rating speaks of', () => {
  expect(points.map(({ total }) => total)).toEqual([61, 75, 82]);
});

test('the axis is labelled by the bands', () => {
  const words = { time: String, stars: (n: number) => `${n} stars`, points: String };
  const { yAxis } = historyOption(points, [{ stars: 4, total: 80 }], palettes.light, words);
  expect([yAxis.min, yAxis.axisLabel.formatter(80), yAxis.axisLabel.formatter(70)]).toEqual([50, '4 stars', '']);
});
