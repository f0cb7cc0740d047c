import { bodyOf } from '../../dashboards/control-room/forms/field-spec.ts';
import { shiftFields, shiftOf } from '../../dashboards/control-room/pages/operations/roster-fields.ts';
import { shift } from '../../services/work-orders/roster.ts';

const fields = shiftFields((key) => key, [], [{ id: 'b1', name: '1号楼' }]);
const entered = {
  ...{ person: '王海燕', role: 'steward', from: '08:00', to: '20:00', on: 'every-day' },
  ...{ weekdays: ['7', '1'], building: 'b1', trade: 'lift' },
};
const body = () => bodyOf(fields, entered, 'Asia/Shanghai');

test('what is entered is a shift that the hub takes', () => {
  expect(shift.parse(shiftOf(body(), []))).toMatchObject({ id: 'shift-1', weekdays: [1, 7] });
});

test('no two shifts have one id, also after one was taken away', () => {
  const first = shiftOf(body(), []);
  const second = shiftOf(body(), [first]);
  const third = shiftOf(body(), [second]);
  expect(new Set([second.id, third.id]).size).toBe(2);
});
