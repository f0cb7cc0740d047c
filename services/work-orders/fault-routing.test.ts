import { describe, expect, test } from '@jest/globals';
import type { EventMeta } from '../event-log/event.ts';
import {
  type FaultRecord,
  type Hearing,
  hearingOf,
  neverHeard,
  type Routed,
  routeCleared,
  routeClosed,
  routeRaised,
} from './fault-routing.ts';

const minute = (count: number): string => `2026-03-01T08:${String(count).padStart(2, '0')}:00.000Z`;
const at = (count: number, heard = count): Hearing => ({
  happenedAt: minute(count),
  receivedAt: minute(heard),
  late: heard - count > 15,
});
const lasting = { lasting: true, raiseAgainAfterSeconds: null };
const dangerous = { lasting: true, raiseAgainAfterSeconds: 600 };
const momentary = { lasting: false, raiseAgainAfterSeconds: null };

type Step =
  | { fault: typeof lasting | typeof dangerous | typeof momentary; hearing: Hearing }
  | { clear: Hearing }
  | { close: string };
const fault = (rule: Extract<Step, { fault: unknown }>['fault'], hearing: Hearing): Step => ({ fault: rule, hearing });
const clear = (hearing: Hearing): Step => ({ clear: hearing });
const close = (count: number): Step => ({ close: minute(count) });

/** What is done at each step, orders being named after their episode. */
const run = (...steps: Step[]): string[] => {
  let record: FaultRecord = neverHeard({ device: 'north-gate', code: 'offline', component: '' });
  return steps.map((step) => {
    if ('close' in step) {
      record = routeClosed(record, `${record.episode}`, step.close);
      return 'closed';
    }
    const routed: Routed =
      'fault' in step ? routeRaised(record, step.fault, step.hearing) : routeCleared(record, step.clear);
    record = routed.do === 'raise' ? { ...routed.record, openOrder: `${routed.record.episode}` } : routed.record;
    return routed.do === 'nothing' ? routed.because : `${routed.do} ${record.episode}`;
  });
};

describe('given reports, then', () => {
  const table: [string, Step[], string[]][] = [
    ['the first fault raises', [fault(lasting, at(0))], ['raise 1']],
    ['the same again does not', [fault(lasting, at(0)), fault(lasting, at(1))], ['raise 1', 'order-open']],
    [
      'it recovers once, returns, recovers',
      [fault(lasting, at(0)), clear(at(1)), clear(at(2)), fault(lasting, at(3)), fault(lasting, at(4)), clear(at(5))],
      ['raise 1', 'recover 1', 'no-order', 'return 1', 'order-open', 'recover 1'],
    ],
    [
      'after the closing a new fault is a new episode',
      [fault(lasting, at(0)), clear(at(1)), close(2), fault(lasting, at(3))],
      ['raise 1', 'recover 1', 'closed', 'raise 2'],
    ],
    [
      'closed while it stands, it is quiet until it was cleared',
      [fault(lasting, at(0)), close(1), fault(lasting, at(30)), clear(at(31)), fault(lasting, at(32))],
      ['raise 1', 'closed', 'judged-by-a-person', 'no-order', 'raise 2'],
    ],
    [
      'danger is told again ten minutes after a person closed it',
      [fault(dangerous, at(0)), close(1), fault(dangerous, at(10)), fault(dangerous, at(11)), fault(dangerous, at(12))],
      ['raise 1', 'closed', 'judged-by-a-person', 'raise 2', 'order-open'],
    ],
    [
      'a momentary fault is raised anew after the closing only',
      [fault(momentary, at(0)), fault(momentary, at(1)), close(2), fault(momentary, at(3))],
      ['raise 1', 'order-open', 'closed', 'raise 2'],
    ],
    ['a late momentary fault raises nothing', [fault(momentary, at(0, 20))], ['late']],
    ['a late lasting fault raises', [fault(lasting, at(0, 20))], ['raise 1']],
    [
      'a late fault that is over already raises nothing',
      [fault(lasting, at(0)), clear(at(10)), close(11), fault(lasting, at(5, 30))],
      ['raise 1', 'recover 1', 'closed', 'over-already'],
    ],
    [
      'a clearing without a fault is remembered',
      [clear(at(10)), fault(lasting, at(5, 12))],
      ['no-order', 'over-already'],
    ],
    [
      'a late clearing does not end a newer fault',
      [fault(lasting, at(0)), clear(at(1)), fault(lasting, at(9)), clear(at(5, 10)), clear(at(11))],
      ['raise 1', 'recover 1', 'return 1', 'raised-again-since', 'recover 1'],
    ],
    [
      'the log order decides within one instant',
      [fault(lasting, at(0)), clear(at(0)), fault(lasting, at(0))],
      ['raise 1', 'recover 1', 'return 1'],
    ],
  ];
  test.each(table)('%s', (_, steps, expected) => {
    expect(run(...steps)).toEqual(expected);
  });
});

test('a thousand reports raise one order', () => {
  const done = run(...Array.from({ length: 1000 }, () => fault(lasting, at(0))));
  expect(done.filter((what) => what !== 'order-open')).toEqual(['raise 1']);
});

test('the closing of an order that is not the open one changes nothing', () => {
  const record = { ...neverHeard({ device: 'a', code: 'b', component: '' }), openOrder: '2', episode: 2 };
  expect(routeClosed(record, '1', minute(1))).toBe(record);
});

describe('late is', () => {
  const meta = (changes: Partial<EventMeta>): EventMeta => ({
    schemaVersion: 1,
    occurredAt: minute(0),
    receivedAt: minute(0),
    clock: 'trusted',
    ...changes,
  });
  test.each<[string, Partial<EventMeta>, boolean]>([
    ['not a quarter of an hour', { receivedAt: minute(15) }, false],
    ['more than that', { receivedAt: minute(16) }, true],
    ['so by a zone that was assumed', { receivedAt: minute(16), clock: 'assumed-zone' }, true],
    ['not so by a clock that nobody believes', { receivedAt: minute(16), clock: 'untrusted' }, false],
    ['whatever is replayed', { replayed: true }, true],
  ])('%s', (_, changes, late) => {
    expect(hearingOf({ meta: meta(changes) }, 900).late).toBe(late);
  });
  test('nothing happens after we heard of it', () => {
    const ahead = hearingOf({ meta: meta({ occurredAt: minute(30), receivedAt: minute(20) }) }, 900);
    expect(ahead).toEqual({ happenedAt: minute(20), receivedAt: minute(20), late: false });
  });
});
