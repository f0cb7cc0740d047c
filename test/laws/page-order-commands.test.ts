import type { CommandName } from '../../dashboards/control-room/api/answers.ts';
import { firstField } from '../../dashboards/control-room/forms/first-field.ts';
import {
  commandBody,
  commandFields,
  type FieldContext,
  initialValues,
} from '../../dashboards/control-room/orders/command-fields.ts';
import { asides, lifeSteps, withoutDialog } from '../../dashboards/control-room/orders/order-steps.ts';
import { workOrderCommands } from '../../services/work-orders/commands.ts';

const context: FieldContext = {
  t: (key) => key,
  faultStanding: false,
  steward: '王海燕',
  people: [],
  trades: [],
  reasons: [{ value: 'weather', label: 'Weather' }],
  others: [{ value: 'wo-2', label: 'another' }],
  values: {},
};
const zone = 'Asia/Shanghai';

/** Entered by somebody who fills in every field. */
const entered: Partial<Record<CommandName, Record<string, unknown>>> = {
  dispatch: { assignee: '李师傅', by: 'rotation' },
  offer: { trade: 'video' },
  transfer: { assignee: '李师傅', trade: 'video', reason: '不会修' },
  return: { reason: '不归我' },
  pause: { reason: 'weather', until: '2026-03-01T08:00', note: '下雨' },
  resolve: { note: '换了探头' },
  confirm: { note: '好了' },
  close: { outcome: 'false-alarm', note: '试验' },
  rate: { score: '4', comment: '快' },
  note: { text: '记一笔' },
  'add-part': { name: '探头', quantity: 2, unit: '个' },
  'add-cost': { kind: 'material', amountYuan: 12.35, paidBy: 'resident', note: '收据' },
  cancel: { kind: 'duplicate', duplicateOf: 'wo-2', reason: '重复' },
  reopen: { reason: '又坏了' },
};

test.each([...lifeSteps, ...asides].filter((name) => !withoutDialog.includes(name)))(
  'what is entered for %s is what the hub takes',
  (name) => {
    const values = entered[name] ?? {};
    const fields = commandFields(name, { ...context, values });
    expect(fields.length).toBeGreaterThan(0);
    const body = commandBody(name, fields, values, zone);
    expect(workOrderCommands[name].safeParse(body).error?.issues ?? []).toEqual([]);
  },
);

test('every command has a button, or says all by itself', () => {
  expect([...lifeSteps, ...asides].sort()).toEqual(Object.keys(workOrderCommands).sort());
});

test('a sum becomes whole fen', () => {
  const fields = commandFields('add-cost', context);
  expect(commandBody('add-cost', fields, { kind: 'labour', amountYuan: 0.29, paidBy: 'property' }, zone)).toEqual({
    ...{ kind: 'labour', amountFen: 29, paidBy: 'property' },
  });
});

test('who is named is sent; the way to find somebody counts only where nobody is', () => {
  const fields = commandFields('dispatch', context);
  expect(commandBody('dispatch', fields, { assignee: '李师傅', by: 'rotation' }, zone)).toEqual({ assignee: '李师傅' });
  expect(commandBody('dispatch', fields, { assignee: ' ', by: 'rotation' }, zone)).toEqual({ by: 'rotation' });
});

const required = (name: CommandName, change: Partial<FieldContext> = {}) =>
  commandFields(name, { ...context, ...change }).flatMap((field) => (field.required === true ? [field.name] : []));

test.each([
  ['resolve', {}, []],
  ['resolve', { faultStanding: true }, ['note']],
  ['close', {}, ['outcome']],
  ['close', { values: { outcome: 'false-alarm' } }, ['outcome', 'note']],
  ['cancel', {}, ['kind', 'reason']],
  ['cancel', { values: { kind: 'duplicate' } }, ['kind', 'duplicateOf', 'reason']],
  ['transfer', {}, ['assignee', 'reason']],
  ['transfer', { values: { trade: 'video' } }, ['reason']],
] as const)('%s %j asks for %j', (name, change, expected) => {
  expect(required(name, change)).toEqual(expected);
});

test.each([
  ['dispatch', 'assignee'],
  ['close', 'note'],
  ['cancel', 'reason'],
  ['pause', 'reason'],
  ['add-cost', 'amountYuan'],
] as const)('%s begins at %s', (name, expected) => {
  expect(firstField(commandFields(name, context), initialValues[name])).toBe(expected);
});
