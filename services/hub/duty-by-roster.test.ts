import { emptyRoster, type Roster, shift } from '../work-orders/roster.ts';
import { dutyByRoster } from './duty-by-roster.ts';

const nowMs = Date.parse('2026-03-02T10:00:00+08:00');
const compound = {
  ...{ id: 'garden', name: 'garden', profile: 'retrofit' as const, households: 1, timeZone: 'Asia/Shanghai' },
  ...{ figures: {}, positions: [], buildings: [{ id: 'b1', name: 'b1', steward: { name: 'the steward' } }] },
};
const index = { compound: (id: string) => (id === 'garden' ? compound : undefined) };
const round = { from: '00:00', to: '00:00' };
const drawn: Roster = {
  ...emptyRoster,
  shifts: [
    shift.parse({ id: 'chief', person: 'qian', role: 'supervisor', ...round }),
    shift.parse({ id: 'a', person: 'li', role: 'steward', building: 'b1', ...round }),
    shift.parse({ id: 'b', person: 'zhao', role: 'steward', ...round }),
  ],
};
const dutyWith = (roster: Roster, last: string | null = null) =>
  dutyByRoster({ of: () => roster }, index, {
    query: async () => ({ rows: [{ person: last } as never], rowCount: 1 }),
  });

test.each([
  ['the roster’s for the building', drawn, 'b1', 'li'],
  ['the roster’s for all', drawn, undefined, 'zhao'],
  ['the steward of the register where the roster knows nobody', emptyRoster, 'b1', 'the steward'],
  ['nobody where neither does', emptyRoster, 'b2', undefined],
])('who is sent: %s', (_, roster, building, expected) => {
  expect(dutyWith(roster).onDuty({ compound: 'garden', building }, nowMs)).toBe(expected);
});

test('by turns those who have duty go, and never whoever directs them', async () => {
  const next = (last: string | null) => dutyWith(drawn, last).nextInTurn({ compound: 'garden', building: 'b1' }, nowMs);
  expect(await next(null)).toBe('li');
  expect(await next('li')).toBe('zhao');
  expect(await next('zhao')).toBe('li');
});

test('two orders that are sent at once go to two people, and later the board decides again', async () => {
  const duty = dutyWith(drawn, 'zhao');
  const place = { compound: 'garden', building: 'b1' };
  expect(await Promise.all([duty.nextInTurn(place, nowMs), duty.nextInTurn(place, nowMs + 5)])).toEqual(['li', 'zhao']);
  expect(await duty.nextInTurn(place, nowMs + 60_000)).toBe('li');
});
