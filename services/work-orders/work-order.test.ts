import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { Refusal } from '../event-log/decider.ts';
import { photosMax, workOrderStates } from './commands.ts';
import { type Raised, type WorkOrderEvent, workOrderEvents } from './order-events.ts';
import { offersClose, type WorkOrderState } from './order-state.ts';
import { allowedCommands, transitions, type WorkOrderCommandName } from './transitions.ts';
import { type PersonCommand, type WorkOrderCommand, workOrder } from './work-order.ts';

const raised: Raised = {
  compound: 'harbour-view',
  device: 'north-gate',
  kind: 'access-gate',
  code: 'offline',
  episode: 1,
  lasting: true,
  title: { zh: '门禁道闸离线', en: 'Gate offline' },
  serviceLevel: 'gate-out-of-order',
  priority: 'P1',
  raisedAt: '2026-03-01T08:00:00.000Z',
  deadlines: { acknowledge: '2026-03-01T08:10:00.000Z', onSite: '2026-03-01T08:15:00.000Z', resolve: null },
  late: false,
  causedBy: 'fault-1',
};

const raise: WorkOrderEvent = { type: 'work-order.raised', data: raised };
const acknowledged: WorkOrderEvent = { type: 'work-order.acknowledged', data: {} };
const dispatched: WorkOrderEvent = { type: 'work-order.dispatched', data: { assignee: 'Liu' } };
const arrived: WorkOrderEvent = { type: 'work-order.arrived', data: {} };
const resolved: WorkOrderEvent = { type: 'work-order.resolved', data: {} };
const recovered: WorkOrderEvent = { type: 'work-order.fault-recovered', data: { causedBy: 'clear-1' } };
const returned: WorkOrderEvent = { type: 'work-order.fault-returned', data: { causedBy: 'fault-2' } };
const accepted: WorkOrderEvent = { type: 'work-order.accepted', data: {} };
const offered: WorkOrderEvent = { type: 'work-order.offered', data: {} };
const paused: WorkOrderEvent = {
  type: 'work-order.paused',
  data: { reason: 'no-access', at: '2026-03-01T08:12:00.000Z', stops: ['onSite', 'resolve'] },
};
const confirmed: WorkOrderEvent = { type: 'work-order.confirmed', data: {} };
const closed: WorkOrderEvent = {
  type: 'work-order.closed',
  data: { outcome: 'repaired', faultStanding: false },
};
const rated: WorkOrderEvent = { type: 'work-order.rated', data: { score: 4 } };
const cancelled: WorkOrderEvent = { type: 'work-order.cancelled', data: { reason: 'raised twice' } };

const given = (...events: WorkOrderEvent[]): WorkOrderState => events.reduce(workOrder.evolve, workOrder.initial);

const photographed: WorkOrderEvent = {
  type: 'work-order.photo-added',
  data: { sha256: 'a'.repeat(64), mediaType: 'image/jpeg', sizeBytes: 9, shows: 'after' },
};
const onSite = [raise, acknowledged, dispatched, accepted, arrived];
const histories: Record<string, WorkOrderEvent[]> = {
  none: [],
  raised: [raise],
  'raised, with a photo': [raise, photographed],
  'raised, recovered': [raise, recovered],
  acknowledged: [raise, acknowledged],
  'acknowledged, recovered': [raise, acknowledged, recovered],
  'acknowledged, offered': [raise, acknowledged, offered],
  'acknowledged, P0': [{ type: 'work-order.raised', data: { ...raised, priority: 'P0' } }, acknowledged],
  dispatched: [raise, acknowledged, dispatched],
  'dispatched, recovered': [raise, acknowledged, dispatched, recovered],
  accepted: [raise, acknowledged, dispatched, accepted],
  'accepted, recovered': [raise, acknowledged, dispatched, accepted, recovered],
  'on-site': onSite,
  'on-site, recovered': [...onSite, recovered],
  paused: [...onSite, paused],
  'paused, recovered': [...onSite, paused, recovered],
  resolved: [...onSite, resolved],
  'resolved, recovered': [...onSite, resolved, recovered],
  confirmed: [...onSite, resolved, recovered, confirmed],
  'confirmed, returned': [...onSite, resolved, recovered, confirmed, returned],
  closed: [raise, acknowledged, resolved, recovered, closed],
  'closed, rated': [raise, acknowledged, resolved, recovered, closed, rated],
  cancelled: [raise, cancelled],
};

const at = '2026-03-01T08:20:00.000Z';
const commands: { [Name in WorkOrderCommandName]: PersonCommand } = {
  acknowledge: { type: 'acknowledge', data: {} },
  dispatch: { type: 'dispatch', data: { assignee: 'Wang' } },
  offer: { type: 'offer', data: {} },
  grab: { type: 'grab', data: { assignee: 'Wang' } },
  accept: { type: 'accept', data: {} },
  return: { type: 'return', data: { reason: 'not my trade' } },
  transfer: { type: 'transfer', at, data: { assignee: 'Wang', reason: 'nearer' } },
  arrive: { type: 'arrive', data: {} },
  pause: { type: 'pause', at, data: { reason: 'waiting-for-parts' } },
  resume: { type: 'resume', at, data: {} },
  resolve: { type: 'resolve', data: { note: 'reset' } },
  confirm: { type: 'confirm', data: {} },
  close: { type: 'close', data: { outcome: 'repaired' } },
  rate: { type: 'rate', data: { score: 4 } },
  note: { type: 'note', data: { text: 'spare part ordered' } },
  'add-part': { type: 'add-part', data: { name: 'lock', quantity: 1 } },
  'add-cost': { type: 'add-cost', data: { kind: 'labour', amountFen: 5000, paidBy: 'property' } },
  'add-photo': {
    type: 'add-photo',
    data: { sha256: 'a'.repeat(64), mediaType: 'image/jpeg', sizeBytes: 9, shows: 'after' },
  },
  'erase-photo': { type: 'erase-photo', data: { sha256: 'a'.repeat(64) } },
  cancel: { type: 'cancel', data: { reason: 'raised twice' } },
  reopen: { type: 'reopen', data: { reason: 'still dark' } },
};
const commandNames = Object.keys(commands) as WorkOrderCommandName[];

/** The event types that come out, or the refusal's code without `work-order.`. */
const then = (command: WorkOrderCommand, state: WorkOrderState): string => {
  try {
    const types = workOrder.decide(command, state).map(({ type }) => type.replace('work-order.', ''));
    return types.join('+') || 'nothing';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return `!${error.code.replace('work-order.', '')}`;
  }
};

const wrong = '!wrong-state';
const faulty = '!device-still-faulty';
const byHand: Record<string, Partial<Record<WorkOrderCommandName, string>>> = parse(
  readFileSync(new URL('./work-order.decisions.yaml', import.meta.url), 'utf8'),
);

describe('every state and every command', () => {
  test('are in the table that was written by hand', () => {
    expect(Object.keys(byHand)).toEqual(Object.keys(histories));
    expect(new Set(Object.values(histories).map((history) => given(...history).state))).toEqual(
      new Set(['none', ...workOrderStates]),
    );
    expect(commandNames.sort()).toEqual(Object.keys(transitions).sort());
  });
  test.each(Object.keys(histories).flatMap((history) => commandNames.map((name) => [history, name] as const)))(
    '%s: %s',
    (history, name) => {
      expect(then(commands[name], given(...histories[history]!))).toBe(byHand[history]?.[name] ?? wrong);
    },
  );
  test.each(Object.keys(histories))('what is allowed on %s is what leads on', (history) => {
    const state = given(...histories[history]!);
    const leadOn = commandNames.filter((name) => {
      const answer = byHand[history]?.[name] ?? wrong;
      // Closing from `resolved` stays possible with another outcome than `repaired`; an offer with another trade, a photo with another.
      const isPossibleOtherwise =
        (answer === faulty && name === 'close' && state.state === 'resolved') ||
        (name === 'offer' && state.offered) ||
        (name === 'add-photo' && state.photos.length > 0);
      return isPossibleOtherwise || (answer !== 'nothing' && !answer.startsWith('!'));
    });
    expect(allowedCommands(state).sort()).toEqual(leadOn.sort());
  });
});

describe('closing', () => {
  const asFalseAlarm = (note?: string): WorkOrderCommand => ({ type: 'close', data: { outcome: 'false-alarm', note } });
  test.each([
    ['resolved', asFalseAlarm(), '!note-missing'],
    ['resolved', asFalseAlarm('  '), '!note-missing'],
    ['resolved', asFalseAlarm('dust in the detector'), 'closed'],
    ['confirmed', asFalseAlarm('dust in the detector'), 'closed'],
    ['on-site', asFalseAlarm('dust in the detector'), wrong],
    ['closed', asFalseAlarm('dust in the detector'), wrong],
  ])('%s %j', (history, command, expected) => {
    expect(then(command, given(...histories[history]!))).toBe(expected);
  });
  test('says whether the fault stood', () => {
    const [event] = workOrder.decide(asFalseAlarm('dust'), given(...histories.resolved!));
    expect(event?.data).toEqual({ outcome: 'false-alarm', note: 'dust', faultStanding: true });
  });
  test('is refused again once the fault has returned', () => {
    expect(then(commands.close, given(raise, acknowledged, resolved, recovered, returned))).toBe(faulty);
  });
  test('a momentary fault does not stand, and does not recover either', () => {
    const momentary: WorkOrderEvent = { type: 'work-order.raised', data: { ...raised, lasting: false } };
    expect(then(commands.close, given(momentary))).toBe(wrong);
    expect(then(commands.close, given(momentary, acknowledged, resolved))).toBe('closed');
  });
});

describe('who has it', () => {
  test.each<[string, PersonCommand, string]>([
    ['dispatched', { type: 'dispatch', data: { assignee: 'Liu' } }, 'nothing'],
    ['raised', { type: 'dispatch', data: {} }, '!assignee-missing'],
    ['acknowledged, offered', { type: 'grab', data: {} }, '!assignee-missing'],
    ['accepted', { type: 'grab', data: { assignee: 'Liu' } }, 'nothing'],
    ['acknowledged, offered', { type: 'offer', data: { trade: 'lift' } }, 'offered'],
    ['dispatched', { type: 'transfer', at, data: { assignee: 'Liu', reason: 'again' } }, 'nothing'],
    ['on-site', { type: 'transfer', at, data: { assignee: 'Liu', reason: 'start anew' } }, 'transferred'],
    ['dispatched', { type: 'transfer', at, data: { trade: 'lift', reason: 'a lift' } }, 'transferred'],
  ])('%s %j', (history, command, expected) => {
    expect(then(command, given(...histories[history]!))).toBe(expected);
  });
  test('the first who grabs an order has it, and the next is told who', () => {
    const state = given(...histories['acknowledged, offered']!);
    const first = workOrder.decide(commands.grab, state).reduce(workOrder.evolve, state);
    expect(first).toMatchObject({ state: 'accepted', assignee: 'Wang', offered: false });
    expect(() => workOrder.decide({ type: 'grab', data: { assignee: 'Chen' } }, first)).toThrow('Wang has it');
  });
  test('a reopened order goes back to whoever had it', () => {
    const reopened: WorkOrderEvent = { type: 'work-order.reopened', data: { reason: 'still dark' } };
    expect(given(...histories.resolved!, reopened)).toMatchObject({ state: 'dispatched', assignee: 'Liu' });
    expect(given(raise, acknowledged, resolved, reopened)).toMatchObject({ state: 'acknowledged', assignee: null });
  });
  test('a returned order waits for the next', () => {
    const state = given(...histories['on-site']!);
    const [event] = workOrder.decide(commands.return, state);
    expect(event?.data).toEqual({ reason: 'not my trade', assignee: 'Liu' });
    expect(workOrder.evolve(state, event!)).toMatchObject({ state: 'acknowledged', assignee: null });
  });
  test('an order given to a trade without anybody on duty waits for a dispatch', () => {
    const state = given(...histories.dispatched!);
    const [event] = workOrder.decide({ type: 'transfer', at, data: { trade: 'lift', reason: 'a lift' } }, state);
    expect(workOrder.evolve(state, event!)).toMatchObject({ state: 'acknowledged', assignee: null, trade: 'lift' });
  });
});

describe('resolving', () => {
  const silently: PersonCommand = { type: 'resolve', data: {} };
  test.each([
    ['on-site', silently, '!note-missing'],
    ['on-site', { type: 'resolve', data: { note: ' ' } } as const, '!note-missing'],
    ['on-site, recovered', silently, 'resolved'],
    ['resolved', silently, 'nothing'],
  ])('%s %j', (history, command, expected) => {
    expect(then(command, given(...histories[history]!))).toBe(expected);
  });
  test('against the word of the device is told, and stays told', () => {
    const state = given(...histories['on-site']!);
    const after = workOrder.decide(commands.resolve, state).reduce(workOrder.evolve, state);
    expect(after.resolvedWithoutRecovery).toBe(true);
    expect(workOrder.evolve(after, recovered).resolvedWithoutRecovery).toBe(true);
    expect(workOrder.evolve(after, { type: 'work-order.reopened', data: { reason: 'dark' } })).toMatchObject({
      resolvedWithoutRecovery: false,
    });
  });
  test('a recovery without it offers to close', () => {
    const offers = Object.keys(histories).filter((history) => offersClose(given(...histories[history]!)));
    expect(offers).toEqual([
      'raised, recovered',
      'acknowledged, recovered',
      'dispatched, recovered',
      'accepted, recovered',
      'on-site, recovered',
      'paused, recovered',
    ]);
  });
});

describe('pausing', () => {
  const clocks = { acknowledge: null, onSite: '2026-03-01T09:00:00.000Z', resolve: '2026-03-01T10:00:00.000Z' };
  const started: WorkOrderEvent = { type: 'work-order.raised', data: { ...raised, deadlines: clocks } };
  const before = given(started, acknowledged, dispatched);
  const carriedOut = (order: WorkOrderState, ...wishes: PersonCommand[]): WorkOrderState =>
    wishes.reduce((state, wish) => workOrder.decide(wish, state).reduce(workOrder.evolve, state), order);
  const pause = (reason: 'waiting-for-parts' | 'no-access', pausedAt: string): PersonCommand => ({
    type: 'pause',
    at: pausedAt,
    data: { reason },
  });
  const resume = (resumedAt: string): PersonCommand => ({ type: 'resume', at: resumedAt, data: {} });

  test('stops the clocks that its reason stops', () => {
    expect(carriedOut(before, pause('waiting-for-parts', at)).deadlines).toEqual({ ...clocks, resolve: null });
    expect(carriedOut(before, pause('no-access', at)).deadlines).toEqual({
      acknowledge: null,
      onSite: null,
      resolve: null,
    });
  });
  test('and resuming gives back what was left', () => {
    const resumed = carriedOut(
      before,
      pause('no-access', '2026-03-01T08:20:00.000Z'),
      resume('2026-03-02T08:20:00.000Z'),
    );
    expect(resumed).toMatchObject({
      state: 'dispatched',
      pause: null,
      deadlines: { acknowledge: null, onSite: '2026-03-02T09:00:00.000Z', resolve: '2026-03-02T10:00:00.000Z' },
    });
  });
  test('a clock that had run out is not moved', () => {
    const resumed = carriedOut(
      before,
      pause('no-access', '2026-03-01T09:30:00.000Z'),
      resume('2026-03-01T10:30:00.000Z'),
    );
    expect(resumed.deadlines).toEqual({
      acknowledge: null,
      onSite: '2026-03-01T09:00:00.000Z',
      resolve: '2026-03-01T11:00:00.000Z',
    });
  });
  test('a machine clock that was put back meanwhile takes nothing away', () => {
    const resumed = carriedOut(
      before,
      pause('no-access', '2026-03-01T08:20:00.000Z'),
      resume('2026-03-01T07:00:00.000Z'),
    );
    expect(resumed.deadlines).toEqual(clocks);
  });
  test('a transfer ends the pause first', () => {
    const transferred = carriedOut(before, pause('no-access', '2026-03-01T08:20:00.000Z'), commands.transfer);
    expect(transferred).toMatchObject({ state: 'dispatched', assignee: 'Wang', pause: null, deadlines: clocks });
  });
  test('until an instant that has passed is refused', () => {
    const data = { reason: 'weather', until: at } as const;
    expect(then({ type: 'pause', at, data }, before)).toBe('!until-passed');
  });
});

test('an order takes only so many photos', () => {
  const photo = (index: number) => ({
    sha256: index.toString(16).padStart(64, '0'),
    ...({ mediaType: 'image/png', sizeBytes: 9, shows: 'other' } as const),
  });
  const added = Array.from({ length: photosMax }, (_, index) => photo(index));
  const full = given(raise, ...added.map((data): WorkOrderEvent => ({ type: 'work-order.photo-added', data })));
  expect(then(commands['add-photo'], full)).toBe('!too-many-photos');
  expect(then({ type: 'add-photo', data: photo(3) }, full)).toBe('nothing');
  const [erased] = workOrder.decide({ type: 'erase-photo', data: { sha256: photo(3).sha256 } }, full);
  expect(then(commands['add-photo'], workOrder.evolve(full, erased!))).toBe('photo-added');
});

describe('the device speaks', () => {
  const recovery: WorkOrderCommand = { type: 'record-recovery', data: { causedBy: 'clear-1' } };
  const comingBack: WorkOrderCommand = { type: 'record-return', data: { causedBy: 'fault-2' } };
  test.each([
    ['none', recovery, '!unknown'],
    ['raised', recovery, 'fault-recovered'],
    ['raised, recovered', recovery, 'nothing'],
    ['resolved', recovery, 'fault-recovered'],
    ['closed', recovery, 'nothing'],
    ['raised', comingBack, 'nothing'],
    ['raised, recovered', comingBack, 'fault-returned'],
    ['closed', comingBack, 'nothing'],
    ['cancelled', comingBack, 'nothing'],
  ])('%s %j', (history, command, expected) => {
    expect(then(command, given(...histories[history]!))).toBe(expected);
  });
});

describe('raising', () => {
  test.each([
    ['none', 'fault-1', 'raised'],
    ['raised', 'fault-1', 'nothing'],
    ['raised', 'fault-9', wrong],
  ])('%s, caused by %s', (history, causedBy, expected) => {
    expect(then({ type: 'raise', data: { ...raised, causedBy } }, given(...histories[history]!))).toBe(expected);
  });
});

test('a refusal names state, rule and what would be possible', () => {
  const refusal = (): unknown => workOrder.decide(commands.arrive, given(raise));
  expect(refusal).toThrow(
    'arrive: the work order is raised, and only who was dispatched arrives. Possible now: acknowledge, dispatch, offer, note, add-photo, cancel.',
  );
  expect(refusal).toThrow(
    expect.objectContaining({
      code: 'work-order.wrong-state',
      facts: expect.objectContaining({
        state: 'raised',
        allowed: ['acknowledge', 'dispatch', 'offer', 'note', 'add-photo', 'cancel'],
      }),
    }),
  );
});

test('what is decided fits the stored schemas', () => {
  for (const history of Object.values(histories)) {
    for (const command of Object.values(commands)) {
      let events: WorkOrderEvent[] = [];
      try {
        events = workOrder.decide(command, given(...history));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
      for (const event of events) expect(workOrderEvents[event.type].safeParse(event.data).success).toBe(true);
    }
  }
  expect(workOrderEvents['work-order.raised'].parse(raised)).toEqual(raised);
});
