import fc from 'fast-check';
import { cutterOf } from '../star-rating/cut.ts';
import { measure } from '../star-rating/measures/measures.ts';
import { rate } from '../star-rating/rate.ts';
import type { Standard } from '../star-rating/standard.ts';
import { standardInForce } from '../star-rating/standards.ts';
import { answerOn } from './answers.ts';
import { compareDay, ratedOf } from './compare.ts';
import { measuredDays } from './measured-days.ts';
import { pasts } from './pasts-for-tests.ts';
import { compareDays, comparedPeriod } from './rate-days.ts';

const standard = standardInForce('2026-04-01T00:00:00.000Z');
const standardsOf = () => ({ inForce: standard, replayed: standard });
const period = { from: '2026-03-14', to: '2026-04-18' };

test('over a period the measures answer each day what they answer over the facts cut to it', () => {
  fc.assert(
    fc.property(pasts, fc.constantFrom(30, 7), (past, windowDays) => {
      const { days, windows } = comparedPeriod({ ...period, timeZone: past.timeZone, standardsOf });
      const answers = measuredDays(past, windows(windowDays))!;
      const cut = cutterOf(past)!;
      for (const [index, { day, at }] of days.entries()) {
        const facts = cut({ at, windowDays });
        for (const { id, measure: parameters } of standard.criteria) {
          const { applicable, value } = answerOn(answers.answers(parameters), index);
          const alone = measure(facts, parameters);
          expect({ day, id, applicable, value }).toEqual({ day, id, applicable: alone.applicable, value: alone.value });
        }
        expect(answers.profiles[index]).toBe(facts.compound.profile);
      }
    }),
    { numRuns: 40 },
  );
});

/** Asks for so little that it gives stars to most of these compounds, which the standard itself never does. */
const milder: Standard = {
  ...standard,
  bands: { 1: 2, 2: 5, 3: 8, 4: 11, 5: 14 },
  floorPercent: 0,
  criteria: standard.criteria.map((criterion) => ({
    ...criterion,
    mandatoryFrom: criterion.mandatoryFrom && (criterion.control ? 5 : 4),
  })),
};

test('a replay finds each day what two ratings of it find', () => {
  fc.assert(
    fc.property(pasts, (past) => {
      const cut = cutterOf(past)!;
      const compared = comparedPeriod({
        ...{ ...period, timeZone: past.timeZone },
        standardsOf: () => ({ inForce: standard, replayed: milder }),
      });
      const days = compareDays(past, compared);
      for (const [index, { day, at }] of compared.days.entries()) {
        const rated = (of: Standard) =>
          ratedOf(rate(of, cut({ at, windowDays: of.windowDays }), { at, position: null }));
        expect(days[index]).toEqual(compareDay(day, rated(standard), rated(milder)));
      }
    }),
    { numRuns: 10 },
  );
});
