import type { levels, matterStates, whistleStates } from './matter-commands.ts';
import type { Due, MatterEvent, MatterEventOf, Referred } from './matter-events.ts';

export type MatterStatus = (typeof matterStates)[number];
export type MatterLevel = (typeof levels)[number];

export interface Whistle {
  id: string;
  department: string;
  emergency: boolean;
  state: (typeof whistleStates)[number];
  blownAt: string;
  reportIn: Due;
  returnUntil: string | null;
  close: Due;
  extendedDays: number;
  redone: number;
  score: number | null;
}

/** A clock of the matter itself, by the step that stops it. */
export type MatterStep = 'screen' | 'meet' | 'decide' | 'carry-out' | 'approve' | 'reply';

export interface MatterState {
  state: 'none' | MatterStatus;
  level: MatterLevel | null;
  referred: Referred | null;
  /** Clocks that run. */
  dues: Partial<Record<MatterStep, Due>>;
  meetings: number;
  /** Called and not held yet. */
  meeting: { id: string; plannedFor: string } | null;
  /** `from`: where a rejected proposal goes back to. */
  proposal: { departments: string[]; reason: string; by: string; from: MatterStatus } | null;
  whistles: Whistle[];
  returns: number;
  supervisedFor: MatterEventOf<'matter.supervised'>['data']['cause'] | null;
  outcome: MatterEventOf<'matter.closed'>['data']['outcome'] | null;
  cards: MatterEventOf<'matter.card-shown'>['data'][];
  /** Of its orders. */
  endedOrders: string[];
}

export const noMatter: MatterState = {
  state: 'none',
  level: null,
  referred: null,
  dues: {},
  meetings: 0,
  meeting: null,
  proposal: null,
  whistles: [],
  returns: 0,
  supervisedFor: null,
  outcome: null,
  cards: [],
  endedOrders: [],
};

export const isOpenMatter = ({ state }: Pick<MatterState, 'state'>): boolean =>
  state !== 'none' && state !== 'declined' && state !== 'closed';

const isAtWork = ({ state }: Whistle): boolean => state === 'blown' || state === 'reported-in';

/** Somebody is still to report in, to finish, or to be rated. */
export const openWhistles = ({ whistles }: Pick<MatterState, 'whistles'>): Whistle[] =>
  whistles.filter((whistle) => isAtWork(whistle) || whistle.state === 'finished');

/** The department's whistle that isn't settled. */
export const whistleOf = (matter: Pick<MatterState, 'whistles'>, department: string): Whistle | undefined =>
  openWhistles(matter).find((whistle) => whistle.department === department);

const without = (dues: MatterState['dues'], ...steps: MatterStep[]): MatterState['dues'] =>
  Object.fromEntries(Object.entries(dues).filter(([step]) => !steps.includes(step as MatterStep)));

const withWhistle = (matter: MatterState, id: string, change: Partial<Whistle>): MatterState => ({
  ...matter,
  whistles: matter.whistles.map((whistle) => (whistle.id === id ? { ...whistle, ...change } : whistle)),
});

const onWhistled = (matter: MatterState, { data }: MatterEventOf<'matter.whistled'>): MatterState => {
  const { whistle: id, department, emergency, blownAt, reportIn, returnUntil = null, close } = data;
  const clocks = { blownAt, reportIn, returnUntil, close };
  const whistle: Whistle = {
    ...{ id, department, emergency, ...clocks },
    ...{ state: 'blown', extendedDays: 0, redone: 0, score: null },
  };
  const whistles = [...matter.whistles, whistle];
  if (matter.level === 'L3') return { ...matter, whistles };
  // What the joint meeting still had to do is overtaken.
  return { ...matter, whistles, state: 'whistled', level: 'L2', dues: {}, meeting: null, proposal: null };
};

const onProposal = (matter: MatterState, { data }: MatterEventOf<'matter.whistle-proposed'>): MatterState => {
  const { departments, reason, by, due } = data;
  const from = matter.state === 'none' ? 'screened' : matter.state;
  const dues = { ...without(matter.dues, 'meet', 'decide'), approve: due };
  return { ...matter, state: 'proposed', proposal: { departments, reason, by, from }, dues };
};

const onWhistlesWord = (matter: MatterState, event: MatterEvent): MatterState => {
  switch (event.type) {
    case 'matter.reported-in':
      return withWhistle(matter, event.data.whistle, { state: 'reported-in' });
    case 'matter.whistle-returned':
      return { ...withWhistle(matter, event.data.whistle, { state: 'returned' }), returns: matter.returns + 1 };
    case 'matter.extended': {
      const { whistle: id, workingDays, due } = event.data;
      const before = matter.whistles.find((whistle) => whistle.id === id)?.extendedDays ?? 0;
      return withWhistle(matter, id, { close: due, extendedDays: before + workingDays });
    }
    case 'matter.whistle-finished':
      return withWhistle(matter, event.data.whistle, { state: 'finished' });
    case 'matter.rated':
      return withWhistle(matter, event.data.whistle, { state: 'rated', score: event.data.score });
    case 'matter.redo-asked': {
      const { whistle: id, due } = event.data;
      const redone = (matter.whistles.find((whistle) => whistle.id === id)?.redone ?? 0) + 1;
      return withWhistle(matter, id, { state: 'reported-in', close: due, redone });
    }
    default:
      return matter;
  }
};

export const evolveMatter = (matter: MatterState, event: MatterEvent): MatterState => {
  switch (event.type) {
    case 'matter.referred':
      return { ...matter, state: 'referred', level: 'L1', referred: event.data, dues: event.data.dues ?? {} };
    case 'matter.screened':
      return { ...matter, state: 'screened', dues: without(matter.dues, 'screen') };
    case 'matter.declined':
      return { ...matter, state: 'declined', dues: {} };
    case 'matter.meeting-called': {
      const { meeting: id, plannedFor } = event.data;
      return { ...matter, meetings: matter.meetings + 1, meeting: { id, plannedFor } };
    }
    case 'matter.met':
      return { ...matter, state: 'met', meeting: null, dues: without(matter.dues, 'meet') };
    case 'matter.decided':
      return { ...matter, state: 'decided', dues: { 'carry-out': event.data.due } };
    case 'matter.whistle-proposed':
      return onProposal(matter, event);
    case 'matter.whistle-approved':
      return { ...matter, dues: without(matter.dues, 'approve') };
    case 'matter.whistle-rejected': {
      const { from = 'screened' } = matter.proposal ?? {};
      const { meet, decide } = matter.referred?.dues ?? {};
      const again = {
        ...(from === 'screened' && meet !== undefined ? { meet } : {}),
        ...(from !== 'decided' && decide !== undefined ? { decide } : {}),
      };
      return { ...matter, state: from, proposal: null, dues: { ...without(matter.dues, 'approve'), ...again } };
    }
    case 'matter.whistled':
      return onWhistled(matter, event);
    case 'matter.supervised': {
      const { cause, due } = event.data;
      const climbed = { state: 'supervised', level: 'L3', supervisedFor: cause, dues: { reply: due } } as const;
      return { ...matter, ...climbed, meeting: null, proposal: null };
    }
    case 'matter.replied':
      return { ...matter, state: 'replied', dues: without(matter.dues, 'reply') };
    case 'matter.closed':
      return { ...matter, state: 'closed', outcome: event.data.outcome, dues: {}, meeting: null, proposal: null };
    case 'matter.card-shown':
      return { ...matter, cards: [...matter.cards, event.data] };
    case 'matter.order-ended':
      return { ...matter, endedOrders: [...matter.endedOrders, event.data.order] };
    case 'matter.noted':
      return matter;
    default:
      return onWhistlesWord(matter, event);
  }
};
