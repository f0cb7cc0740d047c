import { bodyOf } from '../../dashboards/control-room/forms/field-spec.ts';
import {
  newRoundId,
  planOf,
  roundFields,
  roundInitial,
} from '../../dashboards/control-room/pages/operations/round-fields.ts';
import { roundPlan } from '../../services/work-orders/round-events.ts';

const places = {
  devices: [{ id: 'pump-1', name: '一号泵' }],
  positions: [{ id: 'pump-1', name: '泵房' }],
};

test('what is entered is a plan of rounds that the hub takes', () => {
  const fields = roundFields((key) => key, [], places);
  const entered = {
    ...roundInitial,
    title: '消防泵房巡检',
    route: ['pump-2', 'pump-1', 'position:pump-1'],
    firstDay: '2026-03-01',
  };
  const plan = roundPlan.parse(planOf(bodyOf(fields, entered, 'Asia/Shanghai'), 'shengde', places));
  expect(plan).toMatchObject({ compound: 'shengde', every: { count: 1, unit: 'month' }, withinMinutes: 1440 });
  expect(plan.stops.map(({ device, position, title }) => [device, position, title.zh])).toEqual([
    ['pump-2', undefined, 'pump-2'],
    ['pump-1', undefined, '一号泵'],
    [undefined, 'pump-1', '泵房'],
  ]);
});

test('no two plans have one id', () => {
  expect(newRoundId('a', ['a-round-2'])).toBe('a-round-3');
  expect(newRoundId('a', [])).toBe('a-round-1');
});
