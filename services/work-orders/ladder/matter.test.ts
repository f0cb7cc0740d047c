import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { Refusal } from '../../event-log/decider.ts';
import { ladder } from './carry-out-matter.ts';
import { createMatterDecider } from './matter.ts';
import { openClocks } from './matter-clocks.ts';
import { type MatterCommandName, matterCommands } from './matter-commands.ts';
import { type MatterEvent, matterEvents } from './matter-events.ts';
import type { MatterState } from './matter-state.ts';
import { allowedMatterCommands } from './matter-transitions.ts';
import type { MatterCommand, MatterWish, Referral } from './matter-wish.ts';

const { initial, decide, evolve } = createMatterDecider(ladder);
/** A Monday. */
const monday = '2026-03-02T02:00:00.000Z';
const instant = (day: number, time = '02:00'): string => `2026-03-${String(day).padStart(2, '0')}T${time}:00.000Z`;
/** As `2026-03-03T24:00` in China. */
const endOf = (day: number): string => instant(day, '16:00');

const run = (commands: readonly MatterCommand[], from: MatterState = initial): MatterState =>
  commands.reduce((state, command) => decide(command, state).reduce(evolve, state), from);
const said = (command: MatterCommand, matter: MatterState): MatterEvent[] => decide(command, matter);

const paper = { text: '会议纪要' };
const data = {
  screen: { accepted: true },
  'call-meeting': { plannedFor: instant(4), parties: ['社区', '物业'] },
  'hold-meeting': { minutes: paper, attended: ['社区', '物业'] },
  decide: { decision: paper, carriedOutBy: instant(20), responsible: '物业' },
  'propose-whistle': { departments: ['water'], reason: '管网老化' },
  approve: { principal: '王书记' },
  reject: { principal: '王书记', reason: '先开会' },
  whistle: { department: 'power', reason: '需断电' },
  'blow-emergency': { departments: ['fire'], reason: '险情' },
  'report-in': { department: 'water', person: '李工' },
  'return-whistle': { department: 'water', reason: '不属本部门' },
  extend: { department: 'water', workingDays: 3, reason: '等配件' },
  finish: { department: 'water', result: paper },
  rate: { department: 'water', score: 5 },
  reply: { document: paper },
  close: { result: paper },
  withdraw: { reason: '已自行解决' },
  note: { document: paper },
} as const satisfies Record<MatterCommandName, unknown>;

const wish = (type: MatterCommandName, more: object = {}, at = monday, by = 'user:chen'): MatterCommand => ({
  ...({ type, data: matterCommands[type].parse({ ...data[type], ...more }) } as MatterWish),
  ...{ at, by },
});
const approve = (at = monday): MatterCommand => wish('approve', {}, at, 'user:wang');
const title = { zh: '水管老化', en: 'Old pipes' };
const referral: Referral = { compound: 'garden', timeZone: 'Asia/Shanghai', title, orders: ['a-1'], cause: 'asked' };
const refer: MatterCommand = { type: 'refer', data: referral, at: monday, by: 'user:chen' };
const passTime = (at: string): MatterCommand => ({ type: 'pass-time', data: {}, at, by: 'policy:ladder' });

const blown = [refer, wish('screen'), wish('propose-whistle'), approve()];
const reportedIn = [...blown, wish('report-in')];
const twoReturns = [...blown, wish('return-whistle'), wish('whistle'), wish('return-whistle', { department: 'power' })];
const supervisedAtWork = [...reportedIn, passTime(instant(10, '04:00'))];
const situations: Record<string, MatterCommand[]> = {
  referred: [refer],
  screened: [refer, wish('screen')],
  'meeting-called': [refer, wish('screen'), wish('call-meeting')],
  met: [refer, wish('screen'), wish('call-meeting'), wish('hold-meeting')],
  decided: [refer, wish('screen'), wish('call-meeting'), wish('hold-meeting'), wish('decide')],
  proposed: [refer, wish('screen'), wish('propose-whistle')],
  blown,
  'reported-in': reportedIn,
  finished: [...reportedIn, wish('finish')],
  rated: [...reportedIn, wish('finish'), wish('rate')],
  returned: [...blown, wish('return-whistle')],
  supervised: twoReturns,
  'supervised-at-work': supervisedAtWork,
  replied: [...twoReturns, wish('reply')],
  'replied-at-work': [...supervisedAtWork, wish('reply')],
  declined: [refer, wish('screen', { accepted: false, reason: '物业自办' })],
  closed: [refer, wish('withdraw')],
};

const written: Record<string, MatterCommandName[]> = parse(
  readFileSync(new URL('./matter.decisions.yaml', import.meta.url), 'utf8'),
);
const commandNames = Object.keys(matterCommands) as MatterCommandName[];

describe('every state and every command', () => {
  test('all are written down', () => expect(Object.keys(written)).toEqual(Object.keys(situations)));
  const cases = Object.keys(situations).flatMap((name) => commandNames.map((command) => [name, command] as const));
  test.each(cases)('%s: %s', (name, type) => {
    const matter = run(situations[name]!);
    // The proposer may not approve; somebody else asks here.
    const command = wish(type, {}, monday, 'user:wang');
    expect(allowedMatterCommands(matter).includes(type)).toBe(written[name]!.includes(type));
    if (written[name]!.includes(type)) {
      const events = said(command, matter);
      expect(events.length).toBeGreaterThan(0);
      for (const { type: of, data: stored } of events) expect(matterEvents[of].parse(stored)).toEqual(stored);
    } else {
      const refused = (): unknown => said(command, matter);
      expect(refused).toThrow(Refusal);
      expect(refused).toThrow(`the matter is ${matter.state}, and`);
      expect(refused).toThrow('Possible now: ');
    }
  });
  test.each(commandNames)('nothing happens to a matter that nobody referred: %s', (type) => {
    expect(() => said(wish(type), initial)).toThrow('the matter is none');
  });
});

const clocksOf = (commands: readonly MatterCommand[]): Record<string, string> =>
  Object.fromEntries(openClocks(run(commands)).map(({ clock, due }) => [clock, due.at]));

describe('the clocks', () => {
  test.each<[string, Record<string, string>]>([
    ['referred', { screen: endOf(3), meet: endOf(9), decide: endOf(16) }],
    ['screened', { meet: endOf(9), decide: endOf(16) }],
    ['met', { decide: endOf(16) }],
    ['decided', { 'carry-out': endOf(20) }],
    ['proposed', { approve: endOf(3) }],
    ['blown', { 'w1:report-in': endOf(4), 'w1:close': endOf(9) }],
    ['reported-in', { 'w1:close': endOf(9) }],
    ['finished', {}],
    ['supervised', { reply: endOf(5) }],
    ['declined', {}],
    ['closed', {}],
  ])('%s', (name, clocks) => expect(clocksOf(situations[name]!)).toEqual(clocks));
  test('a rejected proposal gives the joint meeting its clocks back', () => {
    expect(clocksOf([...situations.proposed!, wish('reject')])).toEqual({ meet: endOf(9), decide: endOf(16) });
    expect(run([...situations.proposed!, wish('reject')]).state).toBe('screened');
  });
  test('an emergency whistle: half an hour to report in, by day and night', () => {
    const saturdayNight = '2026-03-07T18:00:00.000Z';
    expect(clocksOf([refer, wish('blow-emergency', {}, saturdayNight)])).toEqual({
      'w1:report-in': '2026-03-07T18:30:00.000Z',
      'w1:close': '2026-03-08T18:00:00.000Z',
    });
  });
});

const cards = (commands: readonly MatterCommand[], at: string): string[] =>
  said(passTime(at), run(commands)).map(({ type, data: of }) =>
    'colour' in of ? `${of.colour} ${of.clock}` : `${type} ${'cause' in of ? of.cause : ''}`,
  );

describe('cards', () => {
  test('yellow comes one working day before a clock runs out, and once', () => {
    expect(cards(reportedIn, instant(6, '15:59'))).toEqual([]);
    expect(cards(reportedIn, endOf(6))).toEqual(['yellow w1:close']);
    expect(cards([...reportedIn, passTime(endOf(6))], instant(7))).toEqual([]);
  });
  test('red comes on the first overdue working day, and leads to supervision', () => {
    expect(cards([...reportedIn, passTime(endOf(6))], instant(9, '15:59'))).toEqual([]);
    expect(cards([...reportedIn, passTime(endOf(6))], endOf(9))).toEqual([
      'red w1:close',
      'matter.supervised red-card',
    ]);
  });
  test('of a clock that nobody looked at in time only the red one is shown', () => {
    expect(cards(reportedIn, instant(30))).toEqual(['red w1:close', 'matter.supervised red-card']);
  });
  test('a Friday that ran out is red on Monday', () => {
    const friday = [{ ...refer, at: instant(5) }];
    expect(cards([...friday, passTime(endOf(5))], endOf(6))).toEqual([]);
    expect(cards([...friday, passTime(endOf(5))], instant(8, '15:59'))).toEqual([]);
    expect(cards([...friday, passTime(endOf(5))], endOf(8))).toEqual(['red screen', 'matter.supervised red-card']);
  });
  test('an emergency is red at its minute', () => {
    const emergency = [refer, wish('blow-emergency')];
    expect(cards(emergency, instant(2, '02:29'))).toEqual([]);
    expect(cards(emergency, instant(2, '02:30'))).toEqual(['red w1:report-in', 'matter.supervised red-card']);
  });
  test('nothing climbs above supervision', () => {
    expect(cards(twoReturns, endOf(5))).toEqual(['red reply']);
  });
  test('an extension takes a clock its card', () => {
    expect(cards([...reportedIn, wish('extend')], endOf(6))).toEqual([]);
    expect(clocksOf([...reportedIn, wish('extend')])).toEqual({ 'w1:close': endOf(12) });
  });
});

const refusedWith = (command: MatterCommand, commands: readonly MatterCommand[]): string => {
  try {
    said(command, run(commands));
    return 'taken';
  } catch (error) {
    return (error as Refusal).code;
  }
};

describe('whistles', () => {
  test.each<[string, string, MatterCommand, MatterCommand[]]>([
    ['who proposed does not approve', 'matter.own-proposal', wish('approve'), situations.proposed!],
    ['a department that does not exist', 'matter.unknown-department', wish('whistle', { department: 'navy' }), blown],
    ['one that is at work', 'matter.wrong-state', wish('whistle', { department: 'water' }), blown],
    ['returned too late', 'matter.return-too-late', wish('return-whistle', {}, instant(5)), blown],
    ['returned on the last day', 'taken', wish('return-whistle', {}, instant(4, '15:59')), blown],
    ['extended too far', 'matter.extension-too-long', wish('extend', { workingDays: 11 }), reportedIn],
    [
      'extended too far in two goes',
      'matter.extension-too-long',
      wish('extend', { workingDays: 8 }),
      [...reportedIn, wish('extend')],
    ],
    ['extended as far as it goes', 'taken', wish('extend', { workingDays: 10 }), reportedIn],
    ['extended after its time', 'matter.wrong-state', wish('extend', {}, instant(10)), reportedIn],
    [
      'an emergency returned',
      'matter.return-too-late',
      wish('return-whistle', { department: 'fire' }),
      [refer, wish('blow-emergency')],
    ],
    [
      'an emergency put off',
      'matter.no-extension',
      wish('extend', { department: 'fire' }),
      [refer, wish('blow-emergency'), wish('report-in', { department: 'fire' })],
    ],
    ['turned down without a reason', 'matter.reason-missing', wish('screen', { accepted: false }), [refer]],
    [
      'to be done before it was decided',
      'matter.not-fitting',
      wish('decide', { carriedOutBy: instant(1) }),
      situations.met!,
    ],
  ])('%s: %s', (_, code, command, commands) => expect(refusedWith(command, commands)).toBe(code));

  test('an unhappy whistler has it done once more, then it is supervised', () => {
    const unhappy = wish('rate', { score: 2 }, instant(4));
    const redone = [...situations.finished!, unhappy];
    expect(run(redone).whistles[0]).toMatchObject({ state: 'reported-in', redone: 1, score: 2 });
    expect(clocksOf(redone)).toEqual({ 'w1:close': endOf(11) });
    const again = run([...redone, wish('finish'), unhappy]);
    expect(again).toMatchObject({ state: 'supervised', level: 'L3', supervisedFor: 'unhappy' });
  });
  test('a second return is supervised', () => {
    expect(run(situations.returned!)).toMatchObject({ state: 'whistled', returns: 1 });
    expect(run(twoReturns)).toMatchObject({ state: 'supervised', supervisedFor: 'returns', returns: 2 });
  });
  test('is closed only once every department is rated', () => {
    const two = [...blown, wish('whistle'), wish('report-in'), wish('finish'), wish('rate')];
    expect(refusedWith(wish('close'), two)).toBe('matter.wrong-state');
    const both = ['report-in', 'finish', 'rate'] as const;
    const done = [...two, ...both.map((type) => wish(type, { department: 'power' }))];
    expect(run([...done, wish('close')])).toMatchObject({ state: 'closed', outcome: 'settled' });
  });
});

describe('an order that ends', () => {
  const ended = (order = 'a-1'): MatterCommand => ({
    ...{ type: 'record-order-end', data: { order, outcome: 'repaired' } },
    ...{ at: monday, by: 'policy:ladder' },
  });
  const byItself: MatterCommand = { ...refer, type: 'refer', data: { ...referral, cause: 'breaches' } };
  test.each<[string, MatterCommand[], string, number]>([
    ['takes back what came by itself and nobody began with', [byItself, ended()], 'closed', 1],
    ['is noted where people are at work', [byItself, wish('screen'), ended()], 'screened', 1],
    ['is noted where a person asked', [refer, ended(), ended()], 'referred', 1],
    ['is not its affair', [byItself, ended('b-2')], 'referred', 0],
  ])('%s', (_, commands, state, count) => {
    const matter = run(commands);
    expect([matter.state, matter.endedOrders.length]).toEqual([state, count]);
  });
});

test('referring twice is referring once', () => expect(said(refer, run([refer]))).toEqual([]));
