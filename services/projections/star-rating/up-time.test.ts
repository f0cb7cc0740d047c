import fc from 'fast-check';
import { type HeardRun, joinRuns, upTime } from './up-time.ts';

const runs = (...pairs: [number, number][]): HeardRun[] => pairs.map(([fromMs, toMs]) => ({ fromMs, toMs }));
const instants = (...at: number[]): HeardRun[] => at.map((ms) => ({ fromMs: ms, toMs: ms }));

describe('joinRuns', () => {
  test.each([
    ['within the silence allowed', instants(0, 10, 20), [], runs([0, 20])],
    ['longer silence', instants(0, 11), [], runs([0, 0], [11, 11])],
    ['a late word between two runs', [...runs([0, 5], [20, 25]), ...instants(17)], [], runs([0, 5], [17, 25])],
    ['a late word that bridges', [...runs([0, 5], [20, 25]), ...instants(15, 12)], [], runs([0, 25])],
    ['known to be gone in between', instants(0, 5), [3], runs([0, 0], [5, 5])],
    ['gone and back in the same instant', instants(0, 3), [3], runs([0, 3])],
    ['heard before', [...runs([0, 20]), ...instants(7)], [], runs([0, 20])],
  ])('%s', (_, given, disconnects, expected) => {
    expect(joinRuns(given, disconnects, 10)).toEqual(expected);
  });

  test('the order in which words come, and repeating them, changes nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { minLength: 1, maxLength: 20 }), fc.infiniteStream(fc.nat()), (at, seed) => {
        const shuffled = [...at, ...at]
          .map((ms) => ({ ms, key: seed.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ ms }) => ms);
        let oneByOne: HeardRun[] = [];
        for (const ms of shuffled) oneByOne = joinRuns(oneByOne.concat(instants(ms)), [], 10);
        expect(oneByOne).toEqual(joinRuns(instants(...at), [], 10));
      }),
    );
  });
});

describe('upTime', () => {
  const options = { silentAfterMs: 10, gaps: [] };
  test.each([
    ['never heard', { runs: [], disconnectsMs: [] }, {}, []],
    ['heard once', { runs: instants(100), disconnectsMs: [] }, {}, [[100, 110]]],
    [
      'silent, then heard',
      { runs: runs([0, 50], [100, 150]), disconnectsMs: [] },
      {},
      [
        [0, 60],
        [100, 160],
      ],
    ],
    ['gone', { runs: runs([0, 50]), disconnectsMs: [52] }, {}, [[0, 52]]],
    [
      'gone and back',
      { runs: runs([0, 50], [55, 80]), disconnectsMs: [52] },
      {},
      [
        [0, 52],
        [55, 90],
      ],
    ],
    ['told late that it was gone, while it was heard', { runs: runs([0, 50]), disconnectsMs: [20] }, {}, [[0, 60]]],
    ['gone before it was ever heard', { runs: runs([50, 60]), disconnectsMs: [20] }, {}, [[50, 70]]],
    [
      'an outage of the hub stops the clock of silence',
      { runs: runs([0, 50]), disconnectsMs: [] },
      { gaps: [{ fromMs: 55, toMs: 100 }] },
      [[0, 105]],
    ],
    [
      'its gateway is gone',
      { runs: runs([0, 50]), disconnectsMs: [] },
      { silentAfterMs: 100, gateway: { runs: runs([0, 60]), disconnectsMs: [60] } },
      [[0, 60]],
    ],
    [
      'its gateway is gone and back, and the child need not speak for it',
      { runs: runs([0, 50]), disconnectsMs: [] },
      { silentAfterMs: 100, gateway: { runs: runs([0, 60], [70, 80]), disconnectsMs: [60] } },
      [
        [0, 60],
        [70, 150],
      ],
    ],
    [
      'heard although its gateway is gone',
      { runs: runs([0, 50], [65, 65]), disconnectsMs: [] },
      { silentAfterMs: 100, gateway: { runs: runs([0, 60]), disconnectsMs: [60] } },
      [
        [0, 60],
        [65, 165],
      ],
    ],
  ])('%s', (_, heard, more, expected) => {
    const up = upTime(heard, { ...options, ...more });
    expect(up.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual(expected);
  });
});
