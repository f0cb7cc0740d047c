import { type MatterCommandName, matterStates } from './matter-commands.ts';
import { isOpenMatter, type MatterState, type MatterStatus, openWhistles } from './matter-state.ts';

interface Transition {
  /** States that the command leads on from. */
  from: readonly MatterStatus[];
  rule: string;
}

const open = matterStates.filter((state) => isOpenMatter({ state }));
/** Once the community has whistled, or supervision has taken over. */
const withDepartments = ['whistled', 'supervised', 'replied'] as const;

/** The whole way of a matter: what is not in this table is refused. */
export const matterTransitions: Record<MatterCommandName, Transition> = {
  screen: { from: ['referred'], rule: 'a matter is screened once, as it comes to the community' },
  'call-meeting': { from: ['screened', 'met'], rule: 'a joint meeting is called for a matter that was screened' },
  'hold-meeting': { from: ['screened', 'met'], rule: 'a joint meeting is called before it is held' },
  decide: { from: ['met'], rule: 'a joint meeting decides once it was held' },
  'propose-whistle': {
    from: ['screened', 'met', 'decided'],
    rule: 'a whistle is proposed where the joint meeting cannot settle the matter',
  },
  approve: { from: ['proposed'], rule: 'the principal approves of a whistle that was proposed' },
  reject: { from: ['proposed'], rule: 'the principal rejects a whistle that was proposed' },
  whistle: {
    from: withDepartments,
    rule: 'the first whistle is proposed and approved; further ones go to departments that are not at work on it',
  },
  'blow-emergency': { from: open, rule: 'an emergency whistle goes to departments that are not at work on the matter' },
  'report-in': { from: withDepartments, rule: 'a department reports in once it was whistled for, and once' },
  'return-whistle': {
    from: withDepartments,
    rule: 'only the wrong department returns a whistle, before it reports in and in time; an emergency is not returned',
  },
  extend: { from: withDepartments, rule: 'a department that has reported in gets more time before its time is up' },
  finish: { from: withDepartments, rule: 'a department finishes after it has reported in' },
  rate: { from: withDepartments, rule: 'the whistler rates a department once it has finished' },
  reply: { from: ['supervised'], rule: 'supervision is replied to once' },
  close: {
    from: ['decided', 'whistled', 'replied'],
    rule: 'a matter is closed once it is decided or replied to, and every department is rated',
  },
  withdraw: { from: open, rule: 'only an open matter is withdrawn' },
  note: { from: matterStates, rule: 'any matter takes a note' },
};

const commandNames = Object.keys(matterTransitions) as MatterCommandName[];

/** Conditions beside the state; for a command to a department, whether there is any to which it applies. */
const isHindered = (name: MatterCommandName, matter: MatterState): boolean => {
  const { whistles } = matter;
  const has = (...states: string[]): boolean => whistles.some(({ state }) => states.includes(state));
  switch (name) {
    case 'hold-meeting':
      return matter.meeting === null;
    case 'report-in':
    case 'return-whistle':
      return !has('blown');
    case 'extend':
    case 'finish':
      return !has('reported-in');
    case 'rate':
      return !has('finished');
    case 'close':
      // A matter whose every whistle was returned has been settled by nobody.
      return openWhistles(matter).length > 0 || (matter.state === 'whistled' && !has('rated'));
    default:
      return false;
  }
};

export const leadsOn = (name: MatterCommandName, matter: MatterState): boolean =>
  matter.state !== 'none' && matterTransitions[name].from.includes(matter.state) && !isHindered(name, matter);

/** The commands that would lead on from here, for the page's buttons and for refusals. */
export const allowedMatterCommands = (matter: MatterState): MatterCommandName[] =>
  commandNames.filter((name) => leadsOn(name, matter));
