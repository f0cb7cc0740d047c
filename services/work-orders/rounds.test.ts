import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eventOf } from '../event-log/decider.ts';
import { workOrderStream } from '../event-log/event.ts';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import { workOrderEvents } from './order-events.ts';
import { type RoundEvent, type RoundPlan, roundEvents, roundPlan, roundStream } from './round-events.ts';
import { nextDay, nextTimer, noRound, type RoundCommand, type RoundState, rounds, windowOf } from './rounds.ts';
import { roundAppends } from './rounds-due.ts';

const planOf = (changes: Partial<RoundPlan> = {}): RoundPlan =>
  roundPlan.parse({
    compound: 'garden',
    kind: 'inspection',
    title: { zh: '消防巡检', en: 'Fire round' },
    stops: [
      {
        id: 'hydrant',
        position: 'north',
        title: { zh: '消火栓', en: 'Hydrant' },
        checks: [{ zh: '水压', en: 'Pressure' }],
      },
      { id: 'door', device: 'door-1', title: { zh: '防火门', en: 'Fire door' } },
    ],
    every: { count: 1, unit: 'week' },
    firstDay: '2026-03-02',
    at: '08:30',
    withinMinutes: 240,
    ...changes,
  });
const planned = (changes: Partial<RoundPlan> = {}): RoundState =>
  done(noRound, { type: 'plan', plan: planOf(changes), timeZone: 'Asia/Shanghai', today: '2026-03-01' });
const done = (state: RoundState, ...commands: RoundCommand[]): RoundState =>
  commands.reduce((before, command) => rounds.decide(command, before).reduce(rounds.evolve, before), state);
const tick = (at: string): RoundCommand => ({ type: 'tick', round: 'fire', at });
const said = (state: RoundState, command: RoundCommand): string[] =>
  rounds.decide(command, state).map(({ type }) => type);
/** 08:30 in Shanghai. */
const due = '2026-03-02T00:30:00.000Z';

describe('the days of a plan', () => {
  const days = (changes: Partial<RoundPlan>, count: number): string[] => {
    const found: string[] = [];
    for (let day = nextDay(planOf(changes), null); day !== undefined && found.length < count; )
      day = nextDay(planOf(changes), found[found.push(day) - 1]!);
    return found;
  };

  test.each<[string, Partial<RoundPlan>, string[]]>([
    ['every 10 days', { every: { count: 10, unit: 'day' } }, ['2026-03-02', '2026-03-12', '2026-03-22', '2026-04-01']],
    ['every 2 weeks', { every: { count: 2, unit: 'week' } }, ['2026-03-02', '2026-03-16', '2026-03-30', '2026-04-13']],
    [
      'every month, from its last day',
      { every: { count: 1, unit: 'month' }, firstDay: '2026-01-31' },
      ['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30'],
    ],
    ['until its last day', { lastDay: '2026-03-15' }, ['2026-03-02', '2026-03-09']],
  ])('%s', (_, changes, expected) => expect(days(changes, 4)).toEqual(expected));

  test('the next after any day is the first that lies behind it', () => {
    const every = fc.record({ count: fc.integer({ min: 1, max: 13 }), unit: fc.constantFrom('day', 'week', 'month') });
    fc.assert(
      fc.property(every, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 800 }), (often, index, past) => {
        const plan = planOf({ every: often as RoundPlan['every'], firstDay: '2026-01-31' });
        const after = new Date(Date.UTC(2026, 0, 31 + past)).toISOString().slice(0, 10);
        const all = days({ every: plan.every, firstDay: plan.firstDay }, index + 1);
        const behind = all.find((day) => day > after);
        if (behind !== undefined) expect(nextDay(plan, after)).toBe(behind);
      }),
    );
  });

  test('begin by the compound’s own clock', () => {
    expect(windowOf(planOf(), 'Asia/Shanghai', '2026-03-02')).toEqual({
      dueAt: due,
      until: '2026-03-02T04:30:00.000Z',
    });
    expect(windowOf(planOf(), 'Europe/Berlin', '2026-03-30').dueAt).toBe('2026-03-30T06:30:00.000Z');
  });
});

describe('a round', () => {
  const check = (stop: string, result: 'ok' | 'finding' = 'ok', note?: string): RoundCommand => ({
    ...{ type: 'check', occurrence: '2026-03-02', stop, result },
    ...(note === undefined ? {} : { note }),
  });
  const started = (): RoundState => done(planned(), tick(due));

  test('begins when it is due, once, and not before', () => {
    expect(said(planned(), tick('2026-03-02T00:29:59.999Z'))).toEqual([]);
    expect(said(planned(), tick(due))).toEqual(['round.started']);
    expect(said(started(), tick(due))).toEqual([]);
    expect(nextTimer(planned())).toBe(due);
    expect(nextTimer(started())).toBe('2026-03-02T04:30:00.000Z');
  });

  test('is done with its last stop, and counts what was found', () => {
    const state = done(started(), check('hydrant', 'finding', '漏水'));
    const events = rounds.decide(check('door'), state);
    expect(events.map(({ type }) => type)).toEqual(['round.stop-checked', 'round.done']);
    expect(events[1]!.data).toMatchObject({ occurrence: '2026-03-02', findings: 1 });
    expect(said(done(state, check('door')), tick('2026-03-02T05:00:00.000Z'))).toEqual([]);
    expect(said(state, check('hydrant', 'finding', '漏水'))).toEqual([]);
  });

  test('is missed once its time is over, and may be finished late', () => {
    const missed = done(started(), check('door'), tick('2026-03-02T04:30:00.000Z'));
    expect(missed.occurrences['2026-03-02']).toMatchObject({ missed: true, done: false });
    expect(said(missed, tick('2026-03-03T00:00:00.000Z'))).toEqual([]);
    expect(said(missed, check('hydrant'))).toEqual(['round.stop-checked', 'round.done']);
  });

  test('that came due and ran out while the hub was away is nobody’s fault', () => {
    expect(said(planned(), tick('2026-03-16T01:00:00.000Z'))).toEqual([
      ...['round.skipped', 'round.skipped'],
      'round.started',
    ]);
  });

  test.each<[string, RoundCommand, string]>([
    ['of another day', { ...check('door'), occurrence: '2026-03-03' } as RoundCommand, 'round.unknown-occurrence'],
    ['a stop that it has not', check('roof'), 'round.unknown-stop'],
    ['a finding without a word', check('door', 'finding'), 'round.note-missing'],
  ])('refuses %s', (_, command, code) => {
    expect(() => rounds.decide(command, started())).toThrow(expect.objectContaining({ code }));
  });

  test('checked otherwise before is not checked anew', () => {
    const state = done(started(), check('door'));
    expect(() => rounds.decide(check('door', 'finding', 'x'), state)).toThrow('already');
  });

  test('of an ended plan is not begun, but finished', () => {
    const state = done(started(), { type: 'end' });
    expect(said(state, tick('2026-03-09T01:00:00.000Z'))).toEqual(['round.missed']);
    expect(said(state, check('door'))).toEqual(['round.stop-checked']);
  });

  test('a plan doesn’t begin in the past, nor go to another compound', () => {
    const wish = (changes: Partial<RoundPlan>): RoundCommand => ({
      ...{ type: 'plan', timeZone: 'Asia/Shanghai', today: '2026-03-05' },
      plan: planOf(changes),
    });
    expect(() => rounds.decide(wish({}), noRound)).toThrow('firstDay');
    expect(said(planned(), wish({ at: '09:00' }))).toEqual(['round.planned']);
    expect(said(planned(), wish({}))).toEqual([]);
    expect(() => rounds.decide(wish({ compound: 'harbour' }), planned())).toThrow('compound');
  });
});

describe('what is appended', () => {
  const at = '2026-03-02T00:30:00.500Z';
  const withPlan = async (changes: Partial<RoundPlan> = {}) => {
    const log = createMemoryEventLog();
    const fact: RoundEvent = { type: 'round.planned', data: { plan: planOf(changes), timeZone: 'Asia/Shanghai' } };
    const event = eventOf('0b6f1c2e-55c1-4a9e-9a55-0a5b6f4f2d11', fact, {
      occurredAt: '2026-03-01T00:00:00.000Z',
      compound: 'garden',
    });
    await log.append([{ stream: roundStream('fire'), expectedRevision: 'no-stream', events: [event] }]);
    return log;
  };

  test('fits the contracts, and names the round’s order', async () => {
    const log = await withPlan({ assignee: 'Li' });
    const [round, order] = roundAppends('fire', await log.readStream(roundStream('fire')), at);
    for (const { type, data } of round!.events) {
      expect(roundEvents[type as keyof typeof roundEvents].parse(data)).toEqual(data);
    }
    for (const { type, data } of order!.events) {
      expect(workOrderEvents[type as keyof typeof workOrderEvents].parse(data)).toEqual(data);
    }
    expect(order!.stream).toBe(workOrderStream((round!.events[0]!.data as { order: string }).order));
    expect(order!.events.map(({ type }) => type)).toEqual([
      ...['work-order.raised', 'work-order.acknowledged', 'work-order.dispatched'],
    ]);
    expect(order!.events[0]!.data).toMatchObject({ deadlines: { resolve: '2026-03-02T04:30:00.000Z' } });
    expect((order!.events[0]!.data as { text: string }).text).toContain('□ 水压 / Pressure');
  });

  test('by two processes at once, or again after a crash, is one round and one order', async () => {
    const log = await withPlan();
    const before = await log.readStream(roundStream('fire'));
    const [first, second] = [roundAppends('fire', before, at), roundAppends('fire', before, at)];
    // A log that keeps single streams only may have taken the order and not the round.
    await log.append([first[1]!]);
    await log.append(second).catch(() => undefined);
    await log.append(first).catch(() => undefined);
    const round = await log.readStream(roundStream('fire'));
    expect(round.map(({ type }) => type)).toEqual(['round.planned', 'round.started']);
    const { order } = round[1]!.data as { order: string };
    expect(await log.readStream(workOrderStream(order))).toHaveLength(1);
    expect(roundAppends('fire', round, at)).toEqual([]);
  });
});
