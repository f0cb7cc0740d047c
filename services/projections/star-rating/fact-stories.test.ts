import { tell } from './fact-stories.ts';
import type { KeptFact } from './fold.ts';

const at = (time: string): string => `2026-03-02T${time}:00.000Z`;
const deadlines = { acknowledge: null, onSite: at('09:00'), resolve: at('12:00') };

const orderOf = (...steps: [type: string, time: string, data?: Record<string, unknown>][]) => {
  const facts = steps.map(([type, time, data = {}], revision): KeptFact => {
    const atMs = Date.parse(at(time));
    const place = { stream: 'work-order-1', revision, compound: 'garden', atMs, toldMs: atMs };
    return { ...place, type: `work-order.${type}`, data };
  });
  return tell(facts, Date.parse(at('00:00'))).workOrders[0]!;
};
const raised: [string, string, Record<string, unknown>] = ['raised', '08:00', { deadlines }];

describe('when a step of an order is due', () => {
  test('by the clocks as they were set', () => {
    expect(orderOf(raised)).toMatchObject({
      dueOnSiteMs: Date.parse(at('09:00')),
      dueResolveMs: Date.parse(at('12:00')),
    });
  });
  test('not at all while its clock stands still, unless it was due before', () => {
    const paused = orderOf(raised, ['paused', '10:00', { at: at('10:00'), stops: ['onSite', 'resolve'] }]);
    expect(paused).toMatchObject({ dueOnSiteMs: Date.parse(at('09:00')), dueResolveMs: null });
  });
  test('a clock that the pause does not stop runs on', () => {
    const paused = orderOf(raised, ['paused', '08:30', { at: at('08:30'), stops: ['resolve'] }]);
    expect(paused).toMatchObject({ dueOnSiteMs: Date.parse(at('09:00')), dueResolveMs: null });
  });
  test('by the clocks of the last resumption', () => {
    const resumed = orderOf(
      raised,
      ['paused', '10:00', { at: at('10:00'), stops: ['resolve'] }],
      ['resumed', '11:00', { deadlines: { ...deadlines, resolve: at('13:00') } }],
    );
    expect(resumed.dueResolveMs).toBe(Date.parse(at('13:00')));
  });
});

test('whoever accepts an order has acknowledged it', () => {
  expect(orderOf(raised, ['accepted', '08:05']).acknowledgedAtMs).toBe(Date.parse(at('08:05')));
});
