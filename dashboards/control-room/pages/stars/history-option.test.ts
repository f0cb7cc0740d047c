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

test('the line shows the stars, which a high total alone does not earn', () => {
  const words = { time: String, stars: (n: number) => `${n} stars`, points: String };
  const fallen = historyPoints([change('2026-03-02T00:00:00.000Z', 4, 96)], { ...rating, total: 96, stars: 0 });
  const { series, yAxis } = historyOption(fallen, palettes.light, words);
  expect(series[0]!.data.map(([, stars]) => stars)).toEqual([4, 0]);
  expect([yAxis.min, yAxis.max, yAxis.axisLabel.formatter(4)]).toEqual([0, 5, '4 stars']);
});
