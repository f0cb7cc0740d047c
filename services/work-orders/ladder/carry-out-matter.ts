import type { CommandMeta } from '../../event-log/decider.ts';
import { Refusal } from '../../event-log/decider.ts';
import type { RecordedEvent } from '../../event-log/event.ts';
import { eventId } from '../../event-log/event-id.ts';
import type { EventLog } from '../../event-log/event-log.ts';
import { handleCommand } from '../../event-log/handle-command.ts';
import { type Ladder, loadLadder } from './ladder.ts';
import { createMatterDecider } from './matter.ts';
import { type MatterEvent, matterStream } from './matter-events.ts';
import { evolveMatter, type MatterState, noMatter } from './matter-state.ts';
import type { MatterCommand } from './matter-wish.ts';

type Log = Pick<EventLog, 'readStream' | 'append'>;

export const foldMatter = (events: readonly RecordedEvent[]): MatterState =>
  events.reduce((state, event) => evolveMatter(state, event as RecordedEvent & MatterEvent), noMatter);

export const ladder: Ladder = loadLadder();
const decider = createMatterDecider(ladder);

/** Decides on the matter's stream and appends. Answers the stream as it is then. */
export const carryOutMatter = async (
  log: Log,
  matter: string,
  command: MatterCommand,
  { newId, compound, actor }: { newId: () => string; compound: string; actor: string },
): Promise<RecordedEvent[]> => {
  const stream = matterStream(matter);
  const meta: CommandMeta = { occurredAt: command.at, compound, actor };
  await handleCommand(log, { stream, decider, command, meta, newId });
  return log.readStream(stream);
};

/** The matter as its stream tells it; refuses one that nobody referred. */
export const readMatter = async (log: Pick<EventLog, 'readStream'>, matter: string): Promise<MatterState> => {
  const state = foldMatter(await log.readStream(matterStream(matter)));
  if (state.state === 'none') throw new Refusal('matter.unknown', `there is no matter ${matter}`);
  return state;
};

/** Ids of what a timer says: the same for whoever lets it run out, and however often. */
export const timerIds = (matter: string, timer: string, atMs: number): (() => string) => {
  let said = 0;
  return () => {
    said += 1;
    const source = JSON.stringify(['ladder', timer, said]);
    return eventId({ occurredAtMs: atMs, device: matterStream(matter), source });
  };
};
