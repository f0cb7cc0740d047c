import { Refusal } from '../../event-log/decider.ts';
import type { Ladder } from './ladder.ts';
import { dueAfter, dueLater } from './matter-clocks.ts';
import type { MatterEvent } from './matter-events.ts';
import { type MatterState, type Whistle, whistleOf } from './matter-state.ts';
import { matterTransitions } from './matter-transitions.ts';
import { type CommandOf, type MatterCommand, refuse, refuseState, zoneOf } from './matter-wish.ts';

export const whistled = (
  ladder: Ladder,
  matter: MatterState,
  departments: readonly string[],
  { at, emergency, reason, zone }: { at: string; emergency: boolean; reason: string; zone: string },
): MatterEvent[] => {
  const clocks = emergency ? ladder.whistles.emergency : ladder.whistles.ordinary;
  return departments.map((department, index) => ({
    type: 'matter.whistled',
    data: {
      ...{ whistle: `w${matter.whistles.length + index + 1}`, department, emergency, reason, blownAt: at },
      reportIn: dueAfter(at, clocks.reportIn, zone),
      ...(clocks.returned === null ? {} : { returnUntil: dueAfter(at, clocks.returned, zone).at }),
      close: dueAfter(at, clocks.closed, zone),
    },
  }));
};

export const supervised = (
  ladder: Ladder,
  matter: MatterState,
  at: string,
  cause: 'red-card' | 'returns' | 'unhappy',
): MatterEvent[] => {
  if (matter.level === 'L3') return [];
  return [{ type: 'matter.supervised', data: { cause, due: dueAfter(at, ladder.supervision.reply, zoneOf(matter)) } }];
};

const checkKnown = (
  ladder: Ladder,
  command: MatterCommand,
  matter: MatterState,
  departments: readonly string[],
): void => {
  const missing = departments.find((wanted) => !ladder.departments.some(({ id }) => id === wanted));
  if (missing === undefined) return;
  const rule = `the alliance has no department ${missing}`;
  throw new Refusal('matter.unknown-department', rule, {
    field: 'department',
    command: command.type,
    matter: matter.state,
  });
};

const checkFree = (
  ladder: Ladder,
  command: CommandOf<'whistle' | 'blow-emergency'>,
  matter: MatterState,
  departments: readonly string[],
): void => {
  checkKnown(ladder, command, matter, departments);
  if (departments.some((department) => whistleOf(matter, department) !== undefined)) refuseState(command, matter);
};

/** The department's whistle in one of these states. */
const whistleIn = (
  ladder: Ladder,
  command: CommandOf<'report-in' | 'return-whistle' | 'extend' | 'finish' | 'rate'>,
  matter: MatterState,
  state: Whistle['state'],
): Whistle => {
  checkKnown(ladder, command, matter, [command.data.department]);
  const whistle = whistleOf(matter, command.data.department);
  return whistle?.state === state ? whistle : refuseState(command, matter);
};

export const decideReturn = (
  ladder: Ladder,
  command: CommandOf<'return-whistle'>,
  matter: MatterState,
): MatterEvent[] => {
  const whistle = whistleIn(ladder, command, matter, 'blown');
  if (whistle.returnUntil === null || command.at > whistle.returnUntil) {
    refuse('matter.return-too-late', command, matter, matterTransitions['return-whistle'].rule);
  }
  const returned: MatterEvent = { type: 'matter.whistle-returned', data: { ...command.data, whistle: whistle.id } };
  const isEnough = matter.returns + 1 >= ladder.supervision.returns.count;
  return [returned, ...(isEnough ? supervised(ladder, matter, command.at, 'returns') : [])];
};

export const decideExtend = (ladder: Ladder, command: CommandOf<'extend'>, matter: MatterState): MatterEvent[] => {
  const whistle = whistleIn(ladder, command, matter, 'reported-in');
  const { workingDays } = command.data;
  const { extended } = whistle.emergency ? ladder.whistles.emergency : ladder.whistles.ordinary;
  if (extended === null) return refuse('matter.no-extension', command, matter, 'an emergency is not put off');
  if (command.at > whistle.close.at) refuseState(command, matter);
  if (whistle.extendedDays + workingDays > extended.workingDays) {
    const rule = `all extensions together are at most ${extended.workingDays} working days`;
    refuse('matter.extension-too-long', command, matter, rule);
  }
  const due = dueLater(whistle.close, workingDays, zoneOf(matter));
  return [{ type: 'matter.extended', data: { ...command.data, whistle: whistle.id, due } }];
};

export const decideRate = (ladder: Ladder, command: CommandOf<'rate'>, matter: MatterState): MatterEvent[] => {
  const whistle = whistleIn(ladder, command, matter, 'finished');
  const { department } = whistle;
  const rated: MatterEvent = { type: 'matter.rated', data: { ...command.data, whistle: whistle.id } };
  if (command.data.score >= ladder.satisfied.score) return [rated];
  if (whistle.redone >= ladder.supervision.redos.count)
    return [rated, ...supervised(ladder, matter, command.at, 'unhappy')];
  const { closed } = whistle.emergency ? ladder.whistles.emergency : ladder.whistles.ordinary;
  const due = dueAfter(command.at, closed, zoneOf(matter));
  return [rated, { type: 'matter.redo-asked', data: { whistle: whistle.id, department, due } }];
};

export const decideProposal = (
  ladder: Ladder,
  command: CommandOf<'propose-whistle' | 'approve'>,
  matter: MatterState,
): MatterEvent[] => {
  const { at, by } = command;
  if (command.type === 'propose-whistle') {
    checkKnown(ladder, command, matter, command.data.departments);
    const due = dueAfter(at, ladder.whistles.approved, zoneOf(matter));
    return [{ type: 'matter.whistle-proposed', data: { ...command.data, by, due } }];
  }
  const { departments, reason, by: proposer } = matter.proposal!;
  if (by === proposer) refuse('matter.own-proposal', command, matter, 'another than who proposed it approves of it');
  const blow = { at, emergency: false, reason, zone: zoneOf(matter) };
  const free = departments.filter((department) => whistleOf(matter, department) === undefined);
  return [{ type: 'matter.whistle-approved', data: { ...command.data, by } }, ...whistled(ladder, matter, free, blow)];
};

export const decideByWhistle = (
  ladder: Ladder,
  command: CommandOf<'whistle' | 'blow-emergency' | 'report-in' | 'finish'>,
  matter: MatterState,
): MatterEvent[] => {
  const zone = zoneOf(matter);
  switch (command.type) {
    case 'whistle': {
      checkFree(ladder, command, matter, [command.data.department]);
      const { department, reason } = command.data;
      return whistled(ladder, matter, [department], { at: command.at, emergency: false, reason, zone });
    }
    case 'blow-emergency':
      checkFree(ladder, command, matter, command.data.departments);
      return whistled(ladder, matter, command.data.departments, {
        at: command.at,
        emergency: true,
        reason: command.data.reason,
        zone,
      });
    case 'report-in': {
      const { id } = whistleIn(ladder, command, matter, 'blown');
      return [{ type: 'matter.reported-in', data: { ...command.data, whistle: id } }];
    }
    case 'finish': {
      const { id } = whistleIn(ladder, command, matter, 'reported-in');
      return [{ type: 'matter.whistle-finished', data: { ...command.data, whistle: id } }];
    }
  }
};
