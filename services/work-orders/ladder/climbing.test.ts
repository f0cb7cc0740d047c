import { describe, expect, test } from '@jest/globals';
import type { Raised, WorkOrderEvent } from '../order-events.ts';
import { ladder } from './carry-out-matter.ts';
import { climbCommand, nextClimb, type WatchedOrder, watchOrder } from './climbing.ts';
import { createMatterDecider } from './matter.ts';
import { noMatter } from './matter-state.ts';

/** A Friday, ten o'clock in China. */
const startMs = Date.parse('2026-03-06T02:00:00.000Z');
const at = (hour: number): string => new Date(startMs + hour * 3_600_000).toISOString();
const raised = (more: Partial<Raised> = {}): WorkOrderEvent => ({
  type: 'work-order.raised',
  data: {
    ...{ compound: 'garden', code: 'reported', lasting: true, late: false, title: { zh: '故障', en: 'Fault' } },
    ...{ serviceLevel: 'danger-to-life', priority: 'P1', raisedAt: at(0), ...more },
    deadlines: { acknowledge: at(1), onSite: at(2), resolve: at(3) },
  },
});
const overdue = (step: 'acknowledge' | 'onSite' | 'resolve', hour: number): WorkOrderEvent => ({
  type: 'work-order.overdue',
  data: { step, dueAt: at(hour) },
});
const withdrawn: WorkOrderEvent = { type: 'work-order.overdue-withdrawn', data: { step: 'onSite', dueAt: at(2) } };
const paused: WorkOrderEvent = { type: 'work-order.paused', data: { reason: 'no-access', at: at(2), stops: [] } };

/** What happened, and at which hour. */
type Told = readonly [WorkOrderEvent, number];
const watch = (told: readonly Told[]): WatchedOrder =>
  told.reduce<WatchedOrder | undefined>(
    (watched, [event, hour], revision) => watchOrder(watched, event, { order: 'a-1', revision, at: at(hour) }),
    undefined,
  )!;
const climb = (...told: Told[]): string => {
  const found = nextClimb(watch(told), ladder);
  return found === undefined ? 'stays' : `${found.cause} ${new Date(found.atMs).toISOString()}`;
};
const plain: Told = [raised(), 0];
const urgent: Told = [raised({ priority: 'P0' }), 0];
const hours = { from: '08:00', to: '18:00', days: 'working-days', timeZone: 'Asia/Shanghai' } as const;

describe('an order leaves the property company', () => {
  test.each<[string, Told[], string]>([
    ['not while it is in time', [plain], 'stays'],
    ['a day after one breach', [plain, [overdue('onSite', 2), 2]], `overdue ${at(26)}`],
    [
      'a working day after it, where its clocks keep service hours',
      [
        [raised({ serviceHours: hours }), 0],
        [overdue('onSite', 2), 2],
      ],
      'overdue 2026-03-09T16:00:00.000Z',
    ],
    ['at the second breach', [plain, [overdue('acknowledge', 1), 1], [overdue('onSite', 2), 2]], `breaches ${at(2)}`],
    ['not for what a clock said that ran ahead', [plain, [overdue('onSite', 2), 2], [withdrawn, 2]], 'stays'],
    [
      'not for a step that was made in time and written later',
      [plain, [overdue('onSite', 2), 2], [{ type: 'work-order.arrived', data: {} }, 1.9]],
      'stays',
    ],
    ['not by waiting while it is paused', [plain, [overdue('onSite', 2), 2], [paused, 2]], 'stays'],
    [
      'not once it has ended',
      [plain, [overdue('onSite', 2), 2], [{ type: 'work-order.cancelled', data: { reason: 'x' } }, 3]],
      'stays',
    ],
    ['at once when a P0 overruns', [urgent, [overdue('onSite', 2), 2]], `urgent-overrun ${at(2)}`],
    ['not at once when a P0 is acknowledged late', [urgent, [overdue('acknowledge', 1), 1]], `overdue ${at(25)}`],
    [
      'not at once when a P0 was only told late',
      [
        [raised({ priority: 'P0', late: true }), 0],
        [overdue('onSite', 2), 2],
      ],
      `overdue ${at(26)}`,
    ],
  ])('%s', (_, told, expected) => expect(climb(...told)).toBe(expected));
});

test('an emergency calls whom nobody has called yet into the matter', () => {
  const { decide, evolve } = createMatterDecider(ladder);
  const watched = { ...watch([urgent, [overdue('onSite', 2), 2]]), matter: 'm', matterOpen: true };
  const moment = { at: at(2), by: 'policy:ladder' };
  const where = { street: undefined, timeZone: 'Asia/Shanghai' };
  const first = climbCommand(watched, ladder, { moment, where, matter: noMatter });
  expect(first).toMatchObject({ type: 'refer', data: { cause: 'urgent-overrun', departments: ['gas', 'fire'] } });
  const gas = { type: 'refer', data: { ...(first as { data: object }).data, departments: ['gas'] }, ...moment };
  const matter = decide(gas as Parameters<typeof decide>[0], noMatter).reduce(evolve, noMatter);
  const second = climbCommand(watched, ladder, { moment, where, matter });
  expect(second).toMatchObject({ type: 'blow-emergency', data: { departments: ['fire'] } });
  expect(decide(second!, matter)).toMatchObject([{ type: 'matter.whistled', data: { whistle: 'w2' } }]);
});
