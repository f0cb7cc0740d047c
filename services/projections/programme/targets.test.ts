import { loadProgrammeTargets, parseProgrammeTargets, targetsOf } from './targets.ts';

const text = (years: string): string =>
  `timeZone: Asia/Shanghai\neveryYear: { target: 100, basis: N }\nyears: ${years}\n`;

test('the shipped programme asks for 100 star compounds a year, as the news of 2020 has it', () => {
  expect(targetsOf(loadProgrammeTargets(), 2026)).toEqual({ target: 100, basis: 'N', districts: {} });
});

test('a year may have a line of its own, with its districts', () => {
  const targets = parseProgrammeTargets(text(`{ '2027': { target: 120, basis: D, districts: { 环翠区: 40 } } }`));
  expect(targetsOf(targets, 2027)).toEqual({ target: 120, basis: 'D', districts: { 环翠区: 40 } });
  expect(targetsOf(targets, 2028).target).toBe(100);
});

test.each([
  [`{ '27': { target: 1, basis: D } }`, 'years.27'],
  [`{ '2027': { target: -1, basis: D } }`, '2027.target'],
  [`{ '2027': { target: 10, basis: D, districts: { 甲: 6, 乙: 5 } } }`, 'add up to 11'],
  [`{ '2027': { goal: 10, basis: D } }`, 'goal'],
])('a broken line is refused with its reason: %s', (years, complaint) => {
  expect(() => parseProgrammeTargets(text(years))).toThrow(complaint);
});
