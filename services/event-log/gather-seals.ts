import { type Clock, isoTime } from '../runtime/clock.ts';
import { eventOf } from './decider.ts';
import type { Position } from './event.ts';
import { eventId } from './event-id.ts';
import type { EventLog } from './event-log.ts';
import { createGatherer, type Gathering, sealsGatheredType, sealsPerGathering } from './gathering.ts';
import { logStream } from './log-stream.ts';
import type { SealedLog } from './prove-events.ts';
import type { Verdict } from './verify-chain.ts';

interface GatherParts {
  sealed: SealedLog;
  append: EventLog['append'];
  clock: Clock;
}

/** Says of the seals that came since the last time what they were, once there are enough. Answers how many runs. */
export const gatherSeals = async (
  { sealed, append, clock }: GatherParts,
  { fewest, most } = sealsPerGathering,
): Promise<number> => {
  const gatherer = createGatherer();
  for (const { gathering } of await sealed.gatherings()) gatherer.follow(gathering);
  for (let runs = 0; ; runs += 1) {
    const seals = await sealed.sealsAfter(gatherer.through, most);
    if (seals.length < fewest) return runs;
    const said: Gathering = gatherer.gather(seals);
    const nowMs = clock.now();
    const id = eventId({ occurredAtMs: nowMs, device: logStream, source: `gathered|${said.through}` });
    const meta = { occurredAt: isoTime(nowMs), actor: 'policy:gather-seals' };
    const event = eventOf(id, { type: sealsGatheredType, data: said }, meta);
    await append([{ stream: logStream, expectedRevision: 'any', events: [event] }]);
  }
};

/** Holds what the log said of its seals against the seals themselves, which must have been checked. */
export const faultOfGatherings = async (
  sealed: SealedLog,
): Promise<{ brokenAt: Position; reason: string } | undefined> => {
  const gatherer = createGatherer();
  for (const { position, gathering } of await sealed.gatherings()) {
    const seals = gathering.after === gatherer.through ? await sealed.sealsAfter(gathering.after, gathering.seals) : [];
    const right = seals.length === 0 ? undefined : gatherer.gather(seals);
    const isRight = (Object.keys(gathering) as (keyof Gathering)[]).every((key) => gathering[key] === right?.[key]);
    if (!isRight) return { brokenAt: position, reason: `the gathering at position ${position} is not of the seals` };
  }
  return undefined;
};

/** The verdict on a log, once what it said of its seals was looked at too. */
export const withGatherings = async <Found extends Verdict>(sealed: SealedLog, verdict: Found): Promise<Found> => {
  const wrong = verdict.ok ? await faultOfGatherings(sealed) : undefined;
  return wrong === undefined ? verdict : { ...verdict, ok: false, ...wrong };
};
