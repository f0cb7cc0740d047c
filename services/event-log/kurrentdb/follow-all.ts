import { setTimeout as sleep } from 'node:timers/promises';
import type { Position, RecordedEvent } from '../event.ts';
import type { SubscribeOptions } from '../event-log.ts';
import { createBell } from '../follow.ts';
import { unlessAborted } from './ask.ts';
import type { LiveRecords } from './log-client.ts';
import { type LogPosition, parsePosition } from './log-position.ts';
import type { Reader } from './reader.ts';
import { ownRecord, recordedEvent } from './record.ts';
import { serverErrorKind } from './server-error.ts';

const pageDefault = 500;
const firstRetryMs = 100;
const longestRetryMs = 5_000;
/** A subscription that has been silent for so long is looked behind with a page: nobody says when it has died. */
const silenceMs = 10_000;

/** Answers `true` when there is something to read, `false` when the subscription is over or has been silent. */
const createListener = (live: LiveRecords, end: AbortSignal) => {
  const bell = createBell();
  let [heardOf, isOver] = [0, false];
  const finish = (): void => {
    isOver = true;
    bell.ring();
  };
  live.on('readable', bell.ring);
  live.on('error', finish);
  live.on('end', finish);
  live.on('close', finish);
  return async (): Promise<boolean> => {
    await bell.after(heardOf, end, silenceMs);
    const isNew = bell.count() !== heardOf;
    heardOf = bell.count();
    return isNew && !isOver && !end.aborted;
  };
};

const takeBatch = (live: LiveRecords, maxCount: number) => {
  const events: RecordedEvent[] = [];
  let end: LogPosition | undefined;
  while (events.length < maxCount) {
    const record = live.read();
    if (record === null) return { events, end, isLast: true };
    end = record.position;
    const own = ownRecord(record);
    if (own !== undefined) events.push(recordedEvent(own));
  }
  return { events, end, isLast: false };
};

interface Place {
  position: LogPosition | null;
}

/** Until the subscription ends. */
async function* followLive(
  reader: Reader,
  end: AbortSignal,
  place: Place,
  maxCount: number,
): AsyncGenerator<RecordedEvent[], void, undefined> {
  const live = reader.live(place.position);
  const heard = createListener(live, end);
  try {
    while (await heard()) {
      for (let isLast = false; !isLast; ) {
        const batch = takeBatch(live, maxCount);
        place.position = batch.end ?? place.position;
        isLast = batch.isLast;
        if (end.aborted) return;
        if (batch.events.length > 0) yield batch.events;
      }
    }
  } finally {
    live.cancel();
  }
}

/**
 * Pages while behind, a subscription once caught up, and pages again when it ends: the server drops a subscriber that is
 * slower than the writers, which is so within a second under load, and the clients don't come back by themselves.
 */
export async function* followAll(
  reader: Reader,
  closed: AbortSignal,
  from: Position | null,
  { signal, maxCount = pageDefault }: SubscribeOptions,
): AsyncGenerator<RecordedEvent[], void, undefined> {
  const end = AbortSignal.any([signal, closed]);
  const place: Place = { position: from === null ? null : parsePosition(from) };
  let retryMs = firstRetryMs;
  const rest = async (): Promise<void> => {
    await sleep(retryMs, undefined, { signal: end }).catch(() => {});
    retryMs = Math.min(retryMs * 2, longestRetryMs);
  };
  while (!end.aborted) {
    try {
      // Who leaves doesn't wait for a server that says nothing.
      const page = await unlessAborted(end, reader.all(place.position, maxCount));
      if (end.aborted) return;
      const hasMore = page.records.length === maxCount;
      const isNews = page.end !== place.position;
      place.position = page.end;
      if (isNews) retryMs = firstRetryMs;
      if (page.records.length > 0) yield page.records.map(recordedEvent);
      if (hasMore) continue;
    } catch (error) {
      if (end.aborted) return;
      if (serverErrorKind(error) === 'access-denied') throw error;
      await rest();
      continue;
    }
    if (end.aborted) return;
    const before = place.position;
    yield* followLive(reader, end, place, maxCount);
    // A subscription that ends before it has said anything is not to be asked for again at once.
    if (place.position === before) await rest();
    else retryMs = firstRetryMs;
  }
}
