import type { HeardRun } from './heard-runs.ts';
import { type Heard, upTime } from './up-time.ts';

const runs = (...pairs: [number, number][]): HeardRun[] => pairs.map(([fromMs, toMs]) => ({ fromMs, toMs }));

/** Silent after 10, runs joined within 5. */
const heard = (given: Partial<Heard>): Heard => ({
  ...{ runs: [], goneMs: [], backMs: [], silentAfterMs: 10 },
  ...given,
});
const beneath = (gateway: Partial<Heard>, fromMs = 0, toMs = Number.POSITIVE_INFINITY) => [
  { gateway: heard({ silentAfterMs: 1000, ...gateway }), fromMs, toMs },
];
const shown = (intervals: { fromMs: number; toMs: number }[]) => intervals.map(({ fromMs, toMs }) => [fromMs, toMs]);

describe('upTime', () => {
  test.each<[string, Partial<Heard>, { fromMs: number; toMs: number }[], number[][]]>([
    ['never heard', {}, [], []],
    ['heard once', { runs: runs([100, 100]) }, [], [[100, 110]]],
    [
      'silent, then heard',
      { runs: runs([0, 50], [100, 150]) },
      [],
      [
        [0, 60],
        [100, 160],
      ],
    ],
    ['gone', { runs: runs([0, 50]), goneMs: [52] }, [], [[0, 52]]],
    [
      'gone and back',
      { runs: runs([0, 50], [58, 80]), goneMs: [52] },
      [],
      [
        [0, 52],
        [58, 90],
      ],
    ],
    ['gone and said to be back within a run', { runs: runs([0, 50]), goneMs: [20], backMs: [10, 22] }, [], [[0, 60]]],
    [
      'gone within a run, and heard on before it could count as silent',
      { runs: runs([0, 50]), goneMs: [20] },
      [],
      [[0, 60]],
    ],
    ['gone before it was ever heard', { runs: runs([50, 60]), goneMs: [20] }, [], [[50, 70]]],
    ['an outage stops the clock of silence', { runs: runs([0, 50]) }, [{ fromMs: 55, toMs: 100 }], [[0, 105]]],
  ])('%s', (_, given, gaps, expected) => {
    expect(shown(upTime(heard(given), { gaps, beneath: [] }).up)).toEqual(expected);
  });
});

describe('beneath a gateway', () => {
  const child = { silentAfterMs: 100, runs: runs([0, 50]) };
  test.each<[string, Partial<Heard>, ReturnType<typeof beneath>, number[][], number[][]]>([
    ['gone', child, beneath({ runs: runs([0, 60]), goneMs: [60] }), [[0, 60]], [[60, Infinity]]],
    [
      'gone and back, and the child need not speak for it',
      child,
      beneath({ runs: runs([0, 60], [70, 80]), goneMs: [60] }),
      [
        [0, 60],
        [70, 150],
      ],
      [
        [60, 70],
        [1080, Infinity],
      ],
    ],
    [
      'gone and back in the middle of what the child said',
      { ...child, runs: runs([0, 200]) },
      beneath({ runs: runs([0, 300]), goneMs: [60], backMs: [63] }),
      [[0, 300]],
      [[1300, Infinity]],
    ],
    [
      'said to be gone, yet the child is heard',
      { ...child, runs: runs([0, 50], [65, 65]) },
      beneath({ runs: runs([0, 60]), goneMs: [60] }),
      [
        [0, 60],
        [65, 165],
      ],
      [[60, 65]],
    ],
    [
      'a child that had failed before is not excused',
      { ...child, silentAfterMs: 5 },
      beneath({ runs: runs([0, 60], [70, 80]), goneMs: [60] }),
      [[0, 55]],
      [],
    ],
    [
      'silent for longer than it may: the child’s silence is the gateway’s',
      { ...child, silentAfterMs: 10 },
      beneath({ silentAfterMs: 40, runs: runs([0, 52], [200, 200]) }),
      [[0, 60]],
      [[92, 200]],
    ],
    ['no longer beneath it', child, beneath({ runs: runs([0, 60]), goneMs: [60] }, 0, 55), [[0, 150]], []],
  ])('%s', (_, given, gateways, up, gatewayDown) => {
    const time = upTime(heard(given), { gaps: [], beneath: gateways });
    expect([shown(time.up), shown(time.gatewayDown)]).toEqual([up, gatewayDown]);
  });
});
