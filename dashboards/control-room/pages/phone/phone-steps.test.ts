import { exampleOrder } from '../../orders/order-example.ts';
import type { Waiting, Wish } from '../../outbox/outbox.ts';
import { asTold, phoneStep, withWaiting } from './phone-steps.ts';

const waits = (id: number, wish: Wish, refused: string | null = null): Waiting => ({
  ...{ id, order: 'wo-1', wish, atMs: 0, refused },
});
const command = (name: 'accept' | 'arrive' | 'resume' | 'resolve'): Wish => ({ kind: 'command', name, body: {} });
const order = exampleOrder({ state: 'dispatched' });

test.each([
  ['dispatched', 'accept'],
  ['accepted', 'arrive'],
  ['on-site', 'resolve'],
  ['paused', 'resume'],
  ['resolved', undefined],
  ['raised', undefined],
] as const)('%s: %s', (state, step) => {
  expect(phoneStep({ state })).toBe(step);
});

test('what waits to be sent counts as done, so that the thumb can go on', () => {
  const [shown] = withWaiting([order], [waits(1, command('accept')), waits(2, command('arrive'))]);
  expect(shown).toMatchObject({ step: 'resolve', unsent: 2, order: { state: 'on-site' } });
});

test('where only the hub knows what comes next, no button guesses', () => {
  const [shown] = withWaiting([exampleOrder({ state: 'paused' })], [waits(1, command('resume'))]);
  expect(shown).toMatchObject({ step: undefined, order: { state: 'paused' } });
});

test('a refused step changes nothing and stays in sight; a picture that waits is no step', () => {
  const photo: Wish = { kind: 'photo', photo: { data: '', shows: 'after' } };
  const [shown] = withWaiting([order], [waits(1, command('accept'), 'work-order.wrong-state'), waits(2, photo)]);
  expect(shown).toMatchObject({ step: 'accept', unsent: 1, refused: [{ id: 1 }], order: { state: 'dispatched' } });
});

test('what the hub answered holds against a list that is behind, and what was given back is gone at once', () => {
  const mine = { ...order, assignee: '王管家' };
  const told = (change: Parameters<typeof exampleOrder>[0]) => new Map([[mine.id, { ...mine, ...change }]]);
  expect(asTold([mine], told({ state: 'accepted' }), ['王管家'])).toMatchObject([{ state: 'accepted' }]);
  expect(asTold([mine], told({ state: 'acknowledged', assignee: null }), ['王管家'])).toEqual([]);
  expect(asTold([mine], new Map(), ['王管家'])).toEqual([mine]);
});
