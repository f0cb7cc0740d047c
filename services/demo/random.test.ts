import { expect, test } from '@jest/globals';
import { createRandom, shareOfText } from './random.ts';

const first = (seed: number, count: number): number[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, random);
};

test('the same seed gives the same numbers, another seed others', () => {
  expect(first(7, 20)).toEqual(first(7, 20));
  expect(first(7, 20)).not.toEqual(first(8, 20));
});

test('numbers lie in 0 to 1 and spread evenly', () => {
  const many = first(1, 10_000);
  expect(Math.min(...many)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...many)).toBeLessThan(1);
  const tenths = Array.from({ length: 10 }, (_, tenth) => many.filter((n) => Math.floor(n * 10) === tenth).length);
  expect(Math.min(...tenths)).toBeGreaterThan(850);
});

test('texts that differ in one character get unrelated shares', () => {
  const shares = Array.from({ length: 1000 }, (_, index) => shareOfText(`order-${index} raised`));
  expect(new Set(shares).size).toBe(1000);
  expect(shares.filter((share) => share < 0.5).length).toBeGreaterThan(400);
});
