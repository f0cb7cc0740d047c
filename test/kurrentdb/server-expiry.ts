import { systemClock } from '../../services/runtime/clock.ts';

const metadataOf = (stream: string): string => `$$${stream}`;
export const isMetadata = (stream: string): boolean => stream.startsWith('$$');

interface Aging {
  stream: string;
  data: Uint8Array;
  createdMs: number;
}

/** The server's clock, and what `$maxAge` in a stream's metadata does to its records as time passes. */
export const createExpiry = <Record extends Aging>(all: Record[], streamOf: (stream: string) => readonly Record[]) => {
  let aheadMs = 0;
  const nowMs = (): number => systemClock.now() + aheadMs;

  const maxAgeSecondsOf = (stream: string): number | undefined => {
    const newest = streamOf(metadataOf(stream)).at(-1);
    if (newest === undefined) return undefined;
    return (JSON.parse(new TextDecoder().decode(newest.data)) as { $maxAge?: number }).$maxAge;
  };

  /** What a reader of the stream gets to see: what is past its `$maxAge` is hidden, and still counts. */
  const visibleOf = (stream: string): Record[] => {
    const sinceMs = nowMs() - (maxAgeSecondsOf(stream) ?? Number.POSITIVE_INFINITY) * 1000;
    return streamOf(stream).filter(({ createdMs }) => createdMs >= sinceMs);
  };

  return {
    nowMs,
    maxAgeSecondsOf,
    visibleOf,
    /** Time passes on the server. */
    pass(days: number): void {
      aheadMs += days * 86_400_000;
    },
    /** Takes what is hidden out of `$all` too; never the newest of a stream, which tells where the stream ends. */
    scavenge(): void {
      const visible = new Set([...new Set(all.map(({ stream }) => stream))].flatMap(visibleOf));
      const stays = (record: Record): boolean => visible.has(record) || streamOf(record.stream).at(-1) === record;
      all.splice(0, all.length, ...all.filter(stays));
    },
  };
};
