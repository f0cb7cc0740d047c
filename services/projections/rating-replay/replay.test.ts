import { Refusal } from '../../event-log/decider.ts';
import { type RatingReplayCommand, type RatingReplayEvent, ratingReplayDecider } from './replay.ts';

const requested: RatingReplayEvent = {
  type: 'rating-replay.requested',
  data: { standard: 'a@1', from: '2026-01-01', to: '2026-01-31', compounds: null },
};
const cancelled: RatingReplayEvent = { type: 'rating-replay.cancelled', data: {} };
const counts = { up: 1, down: 2, same: 3 };
const finished: RatingReplayEvent = { type: 'rating-replay.finished', data: { summary: counts, days: counts } };
const failed: RatingReplayEvent = { type: 'rating-replay.failed', data: { reason: 'x' } };

const request: RatingReplayCommand = { type: 'request', data: requested.data };
const cancel: RatingReplayCommand = { type: 'cancel' };
const finish: RatingReplayCommand = { type: 'finish', summary: counts, days: counts };
const fail: RatingReplayCommand = { type: 'fail', reason: 'x' };

const given = (...events: RatingReplayEvent[]) =>
  events.reduce(ratingReplayDecider.evolve, ratingReplayDecider.initial);

test.each<[string, RatingReplayEvent[], RatingReplayCommand, RatingReplayEvent[] | string]>([
  ['is asked for once', [], request, [requested]],
  ['asked for again by the same id is the same', [requested], request, []],
  ['is cancelled while it waits or runs', [requested], cancel, [cancelled]],
  ['is cancelled once', [requested, cancelled], cancel, []],
  ['can’t be cancelled before it is asked for', [], cancel, 'rating-replay.unknown'],
  ['can’t be cancelled once it is done', [requested, finished], cancel, 'rating-replay.over'],
  ['can’t be cancelled once it failed', [requested, failed], cancel, 'rating-replay.over'],
  ['finishes', [requested], finish, [finished]],
  ['finishes once, however often it is told', [requested, finished], finish, []],
  ['doesn’t finish after it was cancelled', [requested, cancelled], finish, []],
  ['fails', [requested], fail, [failed]],
])('a replay %s', (_, before, command, expected) => {
  const decide = () => ratingReplayDecider.decide(command, given(...before));
  if (typeof expected !== 'string') expect(decide()).toEqual(expected);
  else expect(decide).toThrow(expect.objectContaining({ code: expected, constructor: Refusal }));
});
