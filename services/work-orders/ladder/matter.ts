import { type Decider, Refusal } from '../../event-log/decider.ts';
import { isoTime } from '../../runtime/clock.ts';
import type { Ladder } from './ladder.ts';
import { cardsDue, dueAfter } from './matter-clocks.ts';
import type { Due, MatterEvent, MatterEventOf } from './matter-events.ts';
import { evolveMatter, isOpenMatter, type MatterState, noMatter } from './matter-state.ts';
import { leadsOn } from './matter-transitions.ts';
import {
  type CommandOf,
  type MatterCommand,
  type MatterWish,
  type Moment,
  refuse,
  refuseState,
  zoneOf,
} from './matter-wish.ts';
import {
  decideByWhistle,
  decideExtend,
  decideProposal,
  decideRate,
  decideReturn,
  supervised,
  whistled,
} from './whistle-decisions.ts';
import { addWorkingDays } from './working-days.ts';

const decideRefer = (ladder: Ladder, { at, data }: CommandOf<'refer'>, matter: MatterState): MatterEvent[] => {
  // Whoever refers it again, by hand or because a timer came twice, finds it on the ladder.
  if (matter.state !== 'none') return [];
  const { departments, ...referral } = data;
  const { screened, met, decided } = ladder.jointMeeting;
  const due = (duration: typeof screened): Due => dueAfter(at, duration, data.timeZone);
  const dues = { screen: due(screened), meet: due(met), decide: due(decided) };
  const referred: MatterEvent = {
    type: 'matter.referred',
    data: { ...referral, referredAt: at, ...(departments === undefined ? { dues } : {}) },
  };
  if (departments === undefined) return [referred];
  const reason = referral.text ?? referral.title.zh;
  return [referred, ...whistled(ladder, matter, departments, { at, emergency: true, reason, zone: data.timeZone })];
};

const decidePassTime = (ladder: Ladder, { at }: CommandOf<'pass-time'>, matter: MatterState): MatterEvent[] => {
  const cards = cardsDue(matter, ladder, Date.parse(at));
  const climbs =
    cards.some(({ colour }) => colour === 'red') &&
    ladder.supervision.redCard.levels.some((level) => level === matter.level);
  const shown = cards.map((card): MatterEvent => ({ type: 'matter.card-shown', data: card }));
  return [...shown, ...(climbs ? supervised(ladder, matter, at, 'red-card') : [])];
};

const decideMeeting = (command: CommandOf<'decide'>, matter: MatterState): MatterEvent[] => {
  const { at, data } = command;
  const { carriedOutBy, ...decision } = data;
  if (Date.parse(carriedOutBy) <= Date.parse(at)) {
    throw new Refusal('matter.not-fitting', 'carriedOutBy: what was decided is still to be done', {
      field: 'carriedOutBy',
    });
  }
  // The meeting names a day; it has all of it.
  const end = addWorkingDays(Date.parse(carriedOutBy), 0, zoneOf(matter));
  return [{ type: 'matter.decided', data: { ...decision, due: { from: at, at: isoTime(end), unit: 'working-days' } } }];
};

const decideWish = (ladder: Ladder, command: MatterWish & Moment, matter: MatterState): MatterEvent[] => {
  switch (command.type) {
    case 'screen':
      return decideScreening(command, matter);
    case 'call-meeting': {
      const plannedFor = isoTime(Date.parse(command.data.plannedFor));
      return [
        { type: 'matter.meeting-called', data: { ...command.data, plannedFor, meeting: `m${matter.meetings + 1}` } },
      ];
    }
    case 'hold-meeting':
      return [{ type: 'matter.met', data: { ...command.data, meeting: matter.meeting!.id } }];
    case 'decide':
      return decideMeeting(command, matter);
    case 'propose-whistle':
    case 'approve':
      return decideProposal(ladder, command, matter);
    case 'reject':
      return [{ type: 'matter.whistle-rejected', data: command.data }];
    case 'return-whistle':
      return decideReturn(ladder, command, matter);
    case 'extend':
      return decideExtend(ladder, command, matter);
    case 'rate':
      return decideRate(ladder, command, matter);
    case 'reply':
      return [{ type: 'matter.replied', data: command.data }];
    case 'close':
      return [{ type: 'matter.closed', data: { outcome: 'settled', ...command.data } }];
    case 'withdraw':
      return [{ type: 'matter.closed', data: { outcome: 'withdrawn', ...command.data } }];
    case 'note':
      return [{ type: 'matter.noted', data: command.data }];
    default:
      return decideByWhistle(ladder, command, matter);
  }
};

const decideScreening = (command: CommandOf<'screen'>, matter: MatterState): MatterEvent[] => {
  const { accepted, reason } = command.data;
  if (accepted) return [{ type: 'matter.screened', data: reason === undefined ? {} : { reason } }];
  if (reason === undefined) {
    return refuse('matter.reason-missing', command, matter, 'a matter that is not taken up needs a reason');
  }
  return [{ type: 'matter.declined', data: { reason } }];
};

/** While nobody has begun with a matter that came by itself, its orders take it back. */
const orderEnded = ({ data }: CommandOf<'record-order-end'>, matter: MatterState): MatterEvent[] => {
  const { referred, endedOrders } = matter;
  if (!isOpenMatter(matter) || !referred?.orders.includes(data.order) || endedOrders.includes(data.order)) return [];
  const ended: MatterEventOf<'matter.order-ended'> = { type: 'matter.order-ended', data };
  const isUntouched = matter.state === 'referred' && referred.cause !== 'asked';
  if (!isUntouched) return [ended];
  return [ended, { type: 'matter.closed', data: { outcome: 'solved-by-property' } }];
};

/** The decider of a ladder: its durations and departments are data. */
export const createMatterDecider = (ladder: Ladder): Decider<MatterState, MatterCommand, MatterEvent> => ({
  initial: noMatter,
  evolve: evolveMatter,
  decide(command, matter) {
    switch (command.type) {
      case 'refer':
        return decideRefer(ladder, command, matter);
      case 'pass-time':
        return isOpenMatter(matter) ? decidePassTime(ladder, command, matter) : [];
      case 'record-order-end':
        return orderEnded(command, matter);
      case 'erase-document':
        return [{ type: 'matter.document-erased', data: command.data }];
      default:
        if (!leadsOn(command.type, matter)) refuseState(command, matter);
        return decideWish(ladder, command, matter);
    }
  },
});
