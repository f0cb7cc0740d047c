import type { MatterCommand } from '../../dashboards/control-room/api/matter-queries.ts';
import {
  isPartOf,
  type MatterFieldContext,
  matterBody,
  matterCommandOrder,
  matterFields,
} from '../../dashboards/control-room/pages/matters/matter-fields.ts';
import { type MatterParty, matterCommands, partiesOf } from '../../services/work-orders/ladder/matter-commands.ts';

const context: MatterFieldContext = {
  t: (key) => key,
  say: ({ zh }) => zh,
  matter: { whistles: [] },
  own: null,
  departments: [{ value: 'fire', label: '消防' }],
  values: {},
};
const zone = 'Asia/Shanghai';

/** Entered by somebody who fills in every field. */
const entered: Record<MatterCommand, Record<string, unknown>> = {
  screen: { accepted: 'no', reason: '不属于联席会议' },
  'call-meeting': { plannedFor: '2026-03-05T09:00', parties: '物业\n社区、业委会' },
  'hold-meeting': { minutes: { text: '到会五人' }, attended: '物业, 社区' },
  decide: { decision: { text: '建车棚' }, carriedOutBy: '2026-04-01T18:00', responsible: '物业' },
  'propose-whistle': { departments: ['fire'], reason: '消防通道', document: { text: '附件' } },
  approve: { principal: '王书记' },
  reject: { principal: '王书记', reason: '再议' },
  whistle: { department: 'fire', reason: '还要消防' },
  'blow-emergency': { departments: ['fire'], reason: '没人到场' },
  'report-in': { department: 'fire', person: '张队', note: '在路上' },
  'return-whistle': { department: 'fire', reason: '不归我' },
  extend: { department: 'fire', workingDays: 5, reason: '等设备' },
  finish: { department: 'fire', result: { text: '清理完' } },
  rate: { department: 'fire', score: '5', comment: '快' },
  reply: { document: { text: '答复' } },
  close: { result: { text: '已办结' } },
  withdraw: { reason: '已解决' },
  note: { document: { text: '记一笔' } },
};

test.each(matterCommandOrder)('what is entered for %s is what the hub takes', (name) => {
  const fields = matterFields(name, { ...context, values: entered[name] });
  const body = matterBody(name, fields, entered[name], zone);
  expect(matterCommands[name].safeParse(body).error?.issues ?? []).toEqual([]);
});

test('every command of the ladder has its button', () => {
  expect([...matterCommandOrder].sort()).toEqual(Object.keys(matterCommands).sort());
});

const roleOf = { property: 'operator', community: 'community', department: 'department' } as const;

test.each(matterCommandOrder)('%s is offered to whom the hub lets', (name) => {
  const parties = Object.keys(roleOf) as MatterParty[];
  expect(parties.filter((party) => isPartOf(roleOf[party], name)).sort()).toEqual([...partiesOf[name]].sort());
  expect([isPartOf('admin', name), isPartOf('viewer', name)]).toEqual([true, false]);
});

test('a command is about the departments whose whistle stands so', () => {
  const whistle = (department: string, state: 'blown' | 'reported-in') => ({
    ...{ id: department, department, departmentTitle: { zh: department, en: department }, emergency: false, state },
    ...{ blownAt: '', reportInDueAt: '', reportedInAt: null, returnUntil: null, returnedAt: null, closeDueAt: '' },
    ...{ extendedDays: 0, finishedAt: null, redone: 0, score: null },
  });
  const matter = { whistles: [whistle('fire', 'blown'), whistle('gas', 'reported-in')] };
  const options = (name: MatterCommand) =>
    matterFields(name, { ...context, matter }).find((field) => field.name === 'department')?.options;
  expect(options('report-in')?.map(({ value }) => value)).toEqual(['fire']);
  expect(options('finish')?.map(({ value }) => value)).toEqual(['gas']);
});
