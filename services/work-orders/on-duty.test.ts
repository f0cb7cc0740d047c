import fc from 'fast-check';
import { Refusal } from '../event-log/decider.ts';
import { type DutyQuestion, onDuty } from './on-duty.ts';
import { emptyRoster, type Roster, type RosterCommand, roster, type Shift, shift } from './roster.ts';

const zone = 'Asia/Shanghai';
const at = (local: string): number => Date.parse(`${local}:00+08:00`);
const shiftOf = (id: string, more: Partial<Shift> = {}): Shift =>
  shift.parse({ id, person: id, role: 'steward', from: '08:00', to: '18:00', ...more });
const after = (...commands: RosterCommand[]): Roster =>
  commands.reduce((state, command) => roster.decide(command, state).reduce(roster.evolve, state), emptyRoster);
const drawnUp = (...shifts: Shift[]): RosterCommand => ({ type: 'draw-up', data: { shifts } });
const people = (state: Roster, local: string, question: DutyQuestion = {}): string[] =>
  onDuty(state, question, at(local), zone).map(({ person }) => person);

const night = shiftOf('night', { from: '20:00', to: '08:00' });
const whole = shiftOf('whole', { from: '08:00', to: '08:00' });

test.each<[string, Shift, string, boolean]>([
  ['at its first minute', shiftOf('a'), '2026-03-02T08:00', true],
  ['a minute before', shiftOf('a'), '2026-03-02T07:59', false],
  ['at its last minute', shiftOf('a'), '2026-03-02T17:59', true],
  ['as it ends', shiftOf('a'), '2026-03-02T18:00', false],
  ['before midnight', night, '2026-03-02T23:59', true],
  ['after midnight', night, '2026-03-03T07:59', true],
  ['by day', night, '2026-03-02T12:00', false],
  ['of a whole day', whole, '2026-03-02T07:59', true],
  ['on its weekday', shiftOf('a', { weekdays: [1] }), '2026-03-02T10:00', true],
  ['on another', shiftOf('a', { weekdays: [2] }), '2026-03-02T10:00', false],
  ['after the midnight of its weekday', { ...night, weekdays: [1] }, '2026-03-03T03:00', true],
  ['before the night of its weekday', { ...night, weekdays: [1] }, '2026-03-02T03:00', false],
  ['on its first day', shiftOf('a', { firstDay: '2026-03-02' }), '2026-03-02T10:00', true],
  ['before its first day', shiftOf('a', { firstDay: '2026-03-03' }), '2026-03-02T10:00', false],
  ['after its last day', shiftOf('a', { lastDay: '2026-03-01' }), '2026-03-02T10:00', false],
  ['in the night after its last day', { ...night, lastDay: '2026-03-01' }, '2026-03-02T03:00', true],
  ['of working days at the Spring Festival', shiftOf('a', { on: 'working-days' }), '2026-02-17T10:00', false],
  ['of free days at the Spring Festival', shiftOf('a', { on: 'free-days' }), '2026-02-17T10:00', true],
  ['of working days on a Saturday that is worked', shiftOf('a', { on: 'working-days' }), '2026-02-28T10:00', true],
  ['of working days on a Saturday', shiftOf('a', { on: 'working-days' }), '2026-03-07T10:00', false],
])('a shift %s', (_, held, local, expected) => {
  expect(people(after(drawnUp(held)), local)).toEqual(expected ? [held.person] : []);
});

const garden = after(
  drawnUp(
    shiftOf('all'),
    shiftOf('b1', { building: 'b1' }),
    shiftOf('lifts', { role: 'technician', trade: 'lift' }),
    shiftOf('b1-lifts', { role: 'technician', trade: 'lift', building: 'b1' }),
    shiftOf('chief', { role: 'supervisor' }),
    shiftOf('again', { person: 'all', role: 'control-room' }),
  ),
);

test.each<[string, DutyQuestion, string[]]>([
  ['nothing in particular', {}, ['all', 'chief']],
  ['a building', { building: 'b1' }, ['b1', 'all', 'chief']],
  ['another building', { building: 'b2' }, ['all', 'chief']],
  ['a trade', { trade: 'lift' }, ['lifts', 'all', 'chief']],
  ['a trade in a building', { trade: 'lift', building: 'b1' }, ['b1-lifts', 'b1', 'lifts', 'all', 'chief']],
  ['a role', { role: 'supervisor' }, ['chief']],
  ['a role of a trade', { role: 'technician', trade: 'lift' }, ['lifts']],
])('asked for %s', (_, question, expected) => {
  expect(people(garden, '2026-03-02T10:00', question)).toEqual(expected);
});

test('a swap puts somebody else on that one turn, also in its night, until it is withdrawn', () => {
  const drawn = after(drawnUp(night));
  const swapped = [{ type: 'swap', data: { id: 's1', shift: 'night', day: '2026-03-02', person: 'zhao' } } as const];
  const state = swapped.reduce(
    (before, command) => roster.decide(command, before).reduce(roster.evolve, before),
    drawn,
  );
  expect(people(state, '2026-03-02T22:00')).toEqual(['zhao']);
  expect(people(state, '2026-03-03T03:00')).toEqual(['zhao']);
  expect(people(state, '2026-03-03T22:00')).toEqual(['night']);
  expect(people(state, '2026-03-02T03:00')).toEqual(['night']);
  const again = roster.decide({ type: 'swap', data: { ...swapped[0]!.data, id: 's2', person: 'qian' } }, state);
  expect(people(again.reduce(roster.evolve, state), '2026-03-02T22:00')).toEqual(['qian']);
  const back = roster.decide({ type: 'withdraw-swap', data: { id: 's1' } }, state).reduce(roster.evolve, state);
  expect(people(back, '2026-03-02T22:00')).toEqual(['night']);
});

test('a compound’s own word on a day beats the calendar, until it is taken back', () => {
  const named = (working: boolean | null): RosterCommand => ({
    type: 'name-day',
    data: { day: '2026-03-02', working },
  });
  const held = shiftOf('a', { on: 'working-days' });
  expect(people(after(drawnUp(held), named(false)), '2026-03-02T10:00')).toEqual([]);
  expect(people(after(drawnUp(held), named(false), named(null)), '2026-03-02T10:00')).toEqual(['a']);
});

test.each<[string, RosterCommand, string]>([
  ['two shifts of one name', drawnUp(shiftOf('a'), shiftOf('a')), 'roster.duplicate-shift'],
  [
    'a shift that ends before it begins',
    drawnUp(shiftOf('a', { firstDay: '2026-03-02', lastDay: '2026-03-01' })),
    'roster.days-reversed',
  ],
  [
    'a swap of no shift',
    { type: 'swap', data: { id: 's', shift: 'b', day: '2026-03-02', person: 'c' } },
    'roster.unknown-shift',
  ],
  ['a swap withdrawn that isn’t', { type: 'withdraw-swap', data: { id: 's' } }, 'roster.unknown-swap'],
])('refused: %s', (_, command, code) => {
  const refused = (): unknown => roster.decide(command, emptyRoster);
  expect(refused).toThrow(Refusal);
  expect(refused).toThrow(expect.objectContaining({ code }));
});

test('two shifts that follow each other round the clock leave no minute without anybody, and none with two', () => {
  const round = after(drawnUp(shiftOf('day', { from: '08:00', to: '20:00' }), night));
  fc.assert(
    fc.property(fc.integer({ min: at('2025-12-20T00:00'), max: at('2026-12-20T00:00') }), (instant) => {
      expect(onDuty(round, {}, instant, zone)).toHaveLength(1);
    }),
  );
});
