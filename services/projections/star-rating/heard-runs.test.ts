import fc from 'fast-check';
import { type HeardRun, hear } from './heard-runs.ts';

const runs = (...pairs: [number, number][]): HeardRun[] => pairs.map(([fromMs, toMs]) => ({ fromMs, toMs }));

const joined = (before: HeardRun[], words: readonly number[], lossesMs: readonly number[] = []): HeardRun[] => {
  const wasLost = (fromMs: number, toMs: number): boolean => lossesMs.some((ms) => ms >= fromMs && ms < toMs);
  for (const atMs of words) hear(before, atMs, (fromMs, toMs) => toMs - fromMs <= 10 && !wasLost(fromMs, toMs));
  return before;
};

describe('hear', () => {
  test.each([
    ['within the time that joins', [], [0, 10, 20], [], runs([0, 20])],
    ['longer', [], [0, 11], [], runs([0, 0], [11, 11])],
    ['a late word between two runs', runs([0, 5], [20, 25]), [17], [], runs([0, 5], [17, 25])],
    ['late words that bridge', runs([0, 5], [20, 25]), [15, 12], [], runs([0, 25])],
    ['heard before', runs([0, 20]), [7], [], runs([0, 20])],
    ['not across a loss', runs([0, 5]), [9], [7], runs([0, 5], [9, 9])],
    ['lost in the instant of the last word', runs([0, 5]), [9], [5], runs([0, 5], [9, 9])],
    ['heard in the instant of the loss', runs([0, 5]), [9], [9], runs([0, 9])],
    ['late words on either side of a loss', runs([0, 5], [9, 9]), [8, 6], [7], runs([0, 6], [8, 9])],
    ['a loss told after the words that followed it', runs([0, 20]), [25], [7], runs([0, 25])],
  ])('%s', (_, before, words, lossesMs, expected) => {
    expect(joined(before, words, lossesMs)).toEqual(expected);
  });

  test('the order in which words come, and repeating them, changes nothing', () => {
    const words = fc.array(fc.nat(200), { minLength: 1, maxLength: 20 });
    const twice = words.chain((at) =>
      fc.tuple(fc.constant(at), fc.shuffledSubarray([...at, ...at], { minLength: 2 * at.length })),
    );
    fc.assert(
      fc.property(twice, fc.array(fc.nat(200), { maxLength: 3 }), ([at, shuffled], losses) => {
        expect(joined([], shuffled, losses)).toEqual(joined([], at, losses));
      }),
    );
  });
});
