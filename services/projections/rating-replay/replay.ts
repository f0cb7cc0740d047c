import { z } from 'zod';
import { type Decider, Refusal } from '../../event-log/decider.ts';
import { instant } from '../../runtime/schema.ts';

export const replayStream = (id: string): string => `rating-replay-${id}`;

const counts = z.object({ up: z.int(), down: z.int(), same: z.int() });
/** How many stand higher, lower or the same under the replayed standard than under the one in force. */
export type Counts = z.infer<typeof counts>;

export const replayStates = ['queued', 'running', 'done', 'cancelled', 'failed'] as const;

export const ratingReplay = z.object({
  id: z.string(),
  /** `<id>@<version>`. */
  standard: z.string(),
  /** First and last day, by each compound's own calendar; a day is rated at its end. */
  from: z.iso.date(),
  to: z.iso.date(),
  requestedAt: instant,
  requestedBy: z.string(),
  state: z.enum(replayStates),
  /** Of compounds. */
  progress: z.object({ done: z.int(), total: z.int() }),
  finishedAt: instant.nullable(),
  failure: z.string().nullable(),
  /** Compounds, by their stars on the last day of the period; `null` until it is done. */
  summary: counts.nullable(),
  /** Days of compounds, over the whole period. */
  days: counts.nullable(),
});
export type RatingReplay = z.infer<typeof ratingReplay>;

export const replayChange = z.object({
  compound: z.string(),
  name: z.string(),
  /** First and last day of a stretch on which the two standards give these stars. */
  day: z.iso.date(),
  until: z.iso.date(),
  days: z.int(),
  starsInForce: z.int(),
  starsReplayed: z.int(),
  /** Criteria by which one standard refuses the star that the other grants. */
  criteria: z.array(z.string()),
});
export type ReplayChange = z.infer<typeof replayChange>;

export interface RequestedData {
  standard: string;
  from: string;
  to: string;
  /** `null`: every compound that is registered when it begins. */
  compounds: string[] | null;
}

export type RatingReplayEvent =
  | { type: 'rating-replay.requested'; data: RequestedData }
  | { type: 'rating-replay.cancelled'; data: Record<string, never> }
  | { type: 'rating-replay.finished'; data: { summary: Counts; days: Counts } }
  | { type: 'rating-replay.failed'; data: { reason: string } };

export type RatingReplayCommand =
  | { type: 'request'; data: RequestedData }
  | { type: 'cancel' }
  | { type: 'finish'; summary: Counts; days: Counts }
  | { type: 'fail'; reason: string };

type State = 'none' | 'requested' | 'cancelled' | 'finished' | 'failed';

/** The life of a replay: somebody asked for it, and it was finished, failed, or was cancelled before. */
export const ratingReplayDecider: Decider<State, RatingReplayCommand, RatingReplayEvent> = {
  initial: 'none',
  evolve: (_, { type }) => type.slice('rating-replay.'.length) as State,
  decide(command, state) {
    if (command.type === 'request') {
      return state === 'none' ? [{ type: 'rating-replay.requested', data: command.data }] : [];
    }
    if (command.type === 'cancel') {
      if (state === 'none') throw new Refusal('rating-replay.unknown', 'there is no such replay of ratings');
      if (state === 'cancelled') return [];
      if (state !== 'requested') throw new Refusal('rating-replay.over', `the replay has ${state} already`);
      return [{ type: 'rating-replay.cancelled', data: {} }];
    }
    // Whoever rated the last compound may be told late that somebody cancelled, and nobody minds.
    if (state !== 'requested') return [];
    if (command.type === 'fail') return [{ type: 'rating-replay.failed', data: { reason: command.reason } }];
    return [{ type: 'rating-replay.finished', data: { summary: command.summary, days: command.days } }];
  },
};
