import { exampleOrder } from './order-example.ts';
import { asides, fitForBulk, lifeSteps, nextStep } from './order-steps.ts';

test.each([
  [{ state: 'raised' }, 'acknowledge'],
  [{ state: 'acknowledged' }, 'dispatch'],
  [{ state: 'dispatched' }, 'accept'],
  [{ state: 'accepted' }, 'arrive'],
  [{ state: 'on-site' }, 'resolve'],
  [{ state: 'paused' }, 'resume'],
  [{ state: 'resolved' }, 'close'],
  [{ state: 'resolved', device: null }, 'confirm'],
  [{ state: 'confirmed' }, 'close'],
  [{ state: 'dispatched', offersClose: true }, 'close'],
  [{ state: 'closed' }, undefined],
  [{ state: 'cancelled' }, undefined],
] as const)('after %j comes %s', (change, expected) => {
  expect(nextStep(exampleOrder(change))).toBe(expected);
});

test('no command has two buttons', () => {
  const names = [...lifeSteps, ...asides];
  expect(new Set(names).size).toBe(names.length);
});

test('of many chosen orders a command goes to those whose state takes it', () => {
  const orders = (['raised', 'acknowledged', 'dispatched', 'accepted', 'closed'] as const).map((state) =>
    exampleOrder({ id: state, state }),
  );
  const ids = (command: 'acknowledge' | 'dispatch') => fitForBulk(orders, command).map(({ id }) => id);
  expect(ids('acknowledge')).toEqual(['raised']);
  expect(ids('dispatch')).toEqual(['raised', 'acknowledged', 'dispatched']);
});
