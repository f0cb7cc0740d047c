import type { EventLog } from '../../event-log/event-log.ts';

/** The first revision that was taken in at or after the instant; the hub takes a stream in in order of time. */
export const firstTakenIn = async (
  log: Pick<EventLog, 'readStream'>,
  stream: string,
  atMs: number,
): Promise<number> => {
  const [newest] = await log.readStream(stream, { backwards: true, maxCount: 1 });
  if (newest === undefined || Date.parse(newest.meta.receivedAt) < atMs) return (newest?.revision ?? -1) + 1;
  let low = 0;
  let high = newest.revision;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    // What has expired leaves a hole: the next event there is speaks for it.
    const [event] = await log.readStream(stream, { fromRevision: middle, maxCount: 1 });
    if (event !== undefined && Date.parse(event.meta.receivedAt) < atMs) low = event.revision + 1;
    else high = middle;
  }
  return low;
};
