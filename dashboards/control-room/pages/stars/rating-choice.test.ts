import { parseRatingChoice, ratingViewOf } from './rating-choice.ts';

const today = '2026-11-22';

test.each([
  [{}, { day: '', known: '', standard: '' }],
  [{ day: '2026-11-21' }, { day: '2026-11-21', known: '', standard: '' }],
  [
    { day: '2026-11-01', known: '2026-11-02', standard: 's@1' },
    { day: '2026-11-01', known: '2026-11-02', standard: 's@1' },
  ],
  [{ day: today }, { day: '', known: '', standard: '' }],
  [{ day: '2026-12-01' }, { day: '', known: '', standard: '' }],
  [{ day: '2026-99-01' }, { day: '', known: '', standard: '' }],
  [{ day: 'yesterday' }, { day: '', known: '', standard: '' }],
  // Of now, nothing but all that is known can be said.
  [{ known: '2026-11-01' }, { day: '', known: '', standard: '' }],
  [
    { day: '2026-11-01', known: today },
    { day: '2026-11-01', known: '', standard: '' },
  ],
])('%j', (query: Record<string, string>, choice) => {
  expect(parseRatingChoice(query, today)).toEqual(choice);
});

test('days end at midnight of the compound', () => {
  const view = ratingViewOf({ day: '2026-11-01', known: '2026-11-03', standard: 's@1' }, 'Asia/Shanghai');
  expect(view).toEqual({ at: '2026-11-01T15:59:59.999Z', knownAt: '2026-11-03T15:59:59.999Z', standard: 's@1' });
  expect(ratingViewOf({ day: '', known: '', standard: '' }, 'Asia/Shanghai')).toEqual({});
});
