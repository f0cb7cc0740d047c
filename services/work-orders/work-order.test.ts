import { describe, expect, test } from '@jest/globals';
import { Refusal } from '../event-log/decider.ts';
import {
  allowedCommands,
  type PersonCommand,
  type Raised,
  type WorkOrderCommand,
  type WorkOrderCommandName,
  type WorkOrderEvent,
  type WorkOrderState,
  workOrder,
  workOrderEvents,
} from './work-order.ts';

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
const closed: WorkOrderEvent = {
  type: 'work-order.closed',
  data: { outcome: 'repaired', faultStanding: false },
};
const rated: WorkOrderEvent = { type: 'work-order.rated', data: { score: 4 } };
const cancelled: WorkOrderEvent = { type: 'work-order.cancelled', data: { reason: 'raised twice' } };

const given = (...events: WorkOrderEvent[]): WorkOrderState => events.reduce(workOrder.evolve, workOrder.initial);

const histories: Record<string, WorkOrderEvent[]> = {
  none: [],
  raised: [raise],
  'raised, recovered': [raise, recovered],
  acknowledged: [raise, acknowledged],
  'acknowledged, recovered': [raise, acknowledged, recovered],
  dispatched: [raise, acknowledged, dispatched],
  'dispatched, recovered': [raise, acknowledged, dispatched, recovered],
  'on-site': [raise, acknowledged, dispatched, arrived],
  'on-site, recovered': [raise, acknowledged, dispatched, arrived, recovered],
  resolved: [raise, acknowledged, dispatched, arrived, resolved],
  'resolved, recovered': [raise, acknowledged, dispatched, arrived, resolved, recovered],
  closed: [raise, acknowledged, resolved, recovered, closed],
  'closed, rated': [raise, acknowledged, resolved, recovered, closed, rated],
  cancelled: [raise, cancelled],
};

const commands: Record<WorkOrderCommandName, PersonCommand> = {
  acknowledge: { type: 'acknowledge', data: {} },
  dispatch: { type: 'dispatch', data: { assignee: 'Wang' } },
  arrive: { type: 'arrive', data: {} },
  resolve: { type: 'resolve', data: { note: 'reset' } },
  close: { type: 'close', data: { outcome: 'repaired' } },
  rate: { type: 'rate', data: { score: 4 } },
  note: { type: 'note', data: { text: 'spare part ordered' } },
  cancel: { type: 'cancel', data: { reason: 'raised twice' } },
  reopen: { type: 'reopen', data: { reason: 'still dark' } },
};

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
const columns: WorkOrderCommandName[] = [
  'acknowledge',
  'dispatch',
  'arrive',
  'resolve',
  'close',
  'cancel',
  'reopen',
  'rate',
];
const table: [string, ...string[]][] = [
  ['none', ...columns.map(() => '!unknown')],
  ['raised', 'acknowledged', 'acknowledged+dispatched', wrong, wrong, faulty, 'cancelled', wrong, wrong],
  ['raised, recovered', 'acknowledged', 'acknowledged+dispatched', wrong, wrong, 'closed', 'cancelled', wrong, wrong],
  ['acknowledged', 'nothing', 'dispatched', wrong, 'resolved', faulty, 'cancelled', wrong, wrong],
  ['acknowledged, recovered', 'nothing', 'dispatched', wrong, 'resolved', 'closed', 'cancelled', wrong, wrong],
  ['dispatched', 'nothing', 'dispatched', 'arrived', 'resolved', faulty, 'cancelled', wrong, wrong],
  ['dispatched, recovered', 'nothing', 'dispatched', 'arrived', 'resolved', 'closed', 'cancelled', wrong, wrong],
  ['on-site', 'nothing', wrong, 'nothing', 'resolved', faulty, 'cancelled', wrong, wrong],
  ['on-site, recovered', 'nothing', wrong, 'nothing', 'resolved', 'closed', 'cancelled', wrong, wrong],
  ['resolved', wrong, wrong, wrong, 'nothing', faulty, wrong, 'reopened', wrong],
  ['resolved, recovered', wrong, wrong, wrong, 'nothing', 'closed', wrong, 'reopened', wrong],
  ['closed', wrong, wrong, wrong, wrong, 'nothing', wrong, wrong, 'rated'],
  ['closed, rated', wrong, wrong, wrong, wrong, 'nothing', wrong, wrong, wrong],
  ['cancelled', wrong, wrong, wrong, wrong, wrong, 'nothing', wrong, wrong],
];

describe('every state and every command', () => {
  test.each(table)('%s', (history, ...expected) => {
    const state = given(...histories[history]!);
    expect(columns.map((name) => then(commands[name], state))).toEqual(expected);
  });
  test('the table has every history and every command but note', () => {
    expect(table.map(([history]) => history)).toEqual(Object.keys(histories));
    expect([...columns, 'note'].sort()).toEqual(Object.keys(commands).sort());
  });
  test.each(Object.keys(histories))('a note on %s', (history) => {
    const expected = history === 'none' ? '!unknown' : 'noted';
    expect(then(commands.note, given(...histories[history]!))).toBe(expected);
  });
  test.each(Object.keys(histories))('what is allowed on %s is not refused for its state', (history) => {
    const state = given(...histories[history]!);
    const allowed = allowedCommands(state);
    for (const name of columns) {
      const answer = then(commands[name], state);
      const leadsOn = answer !== 'nothing' && answer !== wrong && answer !== '!unknown';
      // Closing from `resolved` stays possible with another outcome than `repaired`.
      if (answer !== faulty) expect([name, allowed.includes(name)]).toEqual([name, leadsOn]);
    }
    expect(allowed.includes('close')).toBe(
      history.startsWith('resolved') || (state.recovered && !history.startsWith('closed')),
    );
  });
});

describe('closing', () => {
  const asFalseAlarm = (note?: string): WorkOrderCommand => ({ type: 'close', data: { outcome: 'false-alarm', note } });
  test.each([
    ['resolved', asFalseAlarm(), '!note-missing'],
    ['resolved', asFalseAlarm('  '), '!note-missing'],
    ['resolved', asFalseAlarm('dust in the detector'), 'closed'],
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

describe('dispatch', () => {
  test('to the same person again does nothing', () => {
    expect(then({ type: 'dispatch', data: { assignee: 'Liu' } }, given(...histories.dispatched!))).toBe('nothing');
  });
  test('needs a name by now', () => {
    expect(then({ type: 'dispatch', data: {} }, given(raise))).toBe('!assignee-missing');
  });
  test('a reopened order goes back to whoever had it', () => {
    const reopened: WorkOrderEvent = { type: 'work-order.reopened', data: { reason: 'still dark' } };
    expect(given(...histories.resolved!, reopened)).toMatchObject({ state: 'dispatched', assignee: 'Liu' });
    expect(given(raise, acknowledged, resolved, reopened)).toMatchObject({ state: 'acknowledged', assignee: null });
  });
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
    'arrive: the work order is raised, and only who was dispatched arrives. Possible now: acknowledge, dispatch, note, cancel.',
  );
  expect(refusal).toThrow(
    expect.objectContaining({
      code: 'work-order.wrong-state',
      facts: expect.objectContaining({ state: 'raised', allowed: ['acknowledge', 'dispatch', 'note', 'cancel'] }),
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
