import { resultOf, spreadOf } from './result.ts';

test('the figure is the median of the rounds, and the verdict is of the figure', () => {
  expect(spreadOf([3, 1, 2, 10])).toEqual({ min: 1, median: 2.5, max: 10, rounds: [3, 1, 2, 10] });
  expect(resultOf('rate', 'events/s', [5, 9, 7], { target: { atLeast: 7 } })).toMatchObject({ figure: 7, met: true });
  expect(resultOf('rate', 'events/s', [5, 9, 6], { target: { atLeast: 7 } })).toMatchObject({ figure: 6, met: false });
  expect(resultOf('wait', 'ms', [11], { target: { atMost: 10, words: 'at half the rate' } })).toEqual({
    ...{ name: 'wait', figure: 11, unit: 'ms', met: false },
    target: '≤ 10 at half the rate',
  });
  expect(resultOf('rate', 'events/s', [5]).met).toBeUndefined();
});
