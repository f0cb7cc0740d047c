import { stepNotes } from './step-notes.ts';

const told = (type: string, data: Record<string, unknown>) =>
  stepNotes(`work-order.${type}`, data).map(({ family, text }) => (family === null ? text : `${family}.${text}`));

test.each([
  ['dispatched', { assignee: '李师傅', by: 'rotation' }, ['dispatchWay.rotation', '李师傅']],
  ['paused', { reason: 'weather', note: '大雨', at: '2026-03-01T00:00:00.000Z', stops: [] }, ['pause.weather', '大雨']],
  ['part-used', { name: '探头', quantity: 2, unit: '个' }, ['探头 × 2 个']],
  ['cost-recorded', { kind: 'labour', amountFen: -1250, paidBy: 'property', note: '退' }, ['¥ -12.50', '退']],
  ['cancelled', { kind: 'duplicate', reason: '重复', duplicateOf: 'wo-2' }, ['cancelKind.duplicate', '重复', 'wo-2']],
  ['rated', { score: 4, comment: '快' }, ['快', '4 / 5']],
  ['overdue', { step: 'onSite', dueAt: '2026-03-01T00:00:00.000Z' }, ['clock.onSite']],
  ['closed', { outcome: 'repaired', faultStanding: false }, ['outcome.repaired']],
  ['raised', { title: { zh: '离线', en: 'Offline' }, text: 'will' }, []],
])('%s', (type, data, expected) => {
  expect(told(type, data)).toEqual(expected);
});
