import type { NewEvent, RecordedEvent } from '../../event-log/event.ts';
import { eventId } from '../../event-log/event-id.ts';
import { departmentTitle, type Ladder } from './ladder.ts';
import { type MatterEvent, matterOf } from './matter-events.ts';
import type { MatterState } from './matter-state.ts';

/** An entry in the compound's record of meetings and whistles. */
export interface RecordEntry {
  stream: string;
  event: NewEvent;
}

interface Entry {
  of: string;
  type: 'meeting.planned' | 'meeting.held' | 'whistle.blown' | 'whistle.answered';
  data: Record<string, unknown>;
}

const minutesText = (minutes: object): { minutes?: string } =>
  'text' in minutes && typeof minutes.text === 'string' ? { minutes: minutes.text } : {};

const entryOf = (event: MatterEvent, before: MatterState, ladder: Ladder): Entry | undefined => {
  const subject = before.referred?.title.zh ?? '';
  switch (event.type) {
    case 'matter.meeting-called':
      return {
        of: `meeting-${event.data.meeting}`,
        type: 'meeting.planned',
        data: { plannedFor: event.data.plannedFor, subject },
      };
    case 'matter.met':
      return { of: `meeting-${event.data.meeting}`, type: 'meeting.held', data: minutesText(event.data.minutes) };
    case 'matter.whistled': {
      const { whistle, department, reportIn, reason } = event.data;
      const data = {
        department: departmentTitle(ladder, department).zh,
        subject: subject || reason,
        dueAt: reportIn.at,
      };
      return { of: `whistle-${whistle}`, type: 'whistle.blown', data };
    }
    case 'matter.reported-in':
      return {
        of: `whistle-${event.data.whistle}`,
        type: 'whistle.answered',
        data: event.data.note === undefined ? {} : { answer: event.data.note },
      };
    case 'matter.whistle-returned':
      // It answered, though not by coming.
      return { of: `whistle-${event.data.whistle}`, type: 'whistle.answered', data: { answer: event.data.reason } };
    default:
      return undefined;
  }
};

/**
 * What a matter's event means for the compound's record, from which GOV-1 and GOV-2 are measured. The matter is the one
 * truth; its entry's id derives from the matter's event, so that it stands in the record once.
 */
export const recordEntry = (recorded: RecordedEvent, before: MatterState, ladder: Ladder): RecordEntry | undefined => {
  const matter = matterOf(recorded);
  const entry = entryOf(recorded as RecordedEvent & MatterEvent, before, ladder);
  if (entry === undefined) return undefined;
  const { occurredAt } = recorded.meta;
  const [kind, ordinal] = entry.of.split('-');
  return {
    stream: `${kind}-${matter}-${ordinal}`,
    event: {
      id: eventId({ occurredAtMs: Date.parse(occurredAt), device: recorded.stream, source: `record:${recorded.id}` }),
      type: entry.type,
      data: { ...entry.data, matter },
      meta: { ...recorded.meta, causationId: recorded.id },
    },
  };
};
