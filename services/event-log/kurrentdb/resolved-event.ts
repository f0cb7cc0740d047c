import type { LiveRecords } from './log-client.ts';
import type { LogPosition } from './log-position.ts';
import type { LogRecord } from './record.ts';
import { NoAnswer } from './server-error.ts';

/** What both clients call a resolved event; links are not resolved, so `event` is the record itself. */
export interface ResolvedEvent {
  event?: {
    streamId: string;
    revision: bigint;
    id: string;
    type: string;
    data: unknown;
    metadata?: unknown;
    position?: LogPosition;
    created?: Date;
  };
  link?: ResolvedEvent['event'];
  commitPosition?: bigint;
}

const recordOf = ({ event, link, commitPosition = 0n }: ResolvedEvent): LogRecord | undefined => {
  const record = link ?? event;
  if (record === undefined) return undefined;
  const { streamId, revision, id, type, data, metadata, created } = record;
  const position = record.position ?? { commit: commitPosition, prepare: commitPosition };
  return { stream: streamId, revision, id, type, data, metadata, position, createdMs: created?.getTime() ?? 0 };
};

const ignore = (): void => {};

/** An error that a client's stream raises once nobody iterates any more would end the process. */
const holdErrors = (source: object): void => {
  const { on } = source as { on?: (event: string, listener: () => void) => void };
  if (on !== undefined) on.call(source, 'error', ignore);
};

/**
 * Reads that can all be given up at once. Both clients let a read that they dispose of end as if nothing more were
 * there, and "no such events" would be believed: an event would be stored twice, a stream's end be told too early.
 */
export const createReads = (client: { dispose(): Promise<void> }) => {
  let givenUp = 0;
  return {
    async *recordsOf(source: AsyncIterable<ResolvedEvent>): AsyncGenerator<LogRecord, void, undefined> {
      const givenUpBefore = givenUp;
      holdErrors(source);
      for await (const resolved of source) {
        const record = recordOf(resolved);
        if (record !== undefined) yield record;
      }
      if (givenUp !== givenUpBefore) throw new NoAnswer('a read of the event log was given up with another call');
    },
    cancelEverything(): void {
      givenUp += 1;
      void client.dispose();
    },
  };
};

interface Subscription {
  read(): unknown;
  on(event: string, listener: (...values: unknown[]) => void): unknown;
  unsubscribe(): Promise<void>;
}

export const liveRecords = (subscription: Subscription): LiveRecords => {
  holdErrors(subscription);
  return {
    read() {
      for (;;) {
        const resolved = subscription.read() as ResolvedEvent | null;
        if (resolved === null) return null;
        const record = recordOf(resolved);
        if (record !== undefined) return record;
      }
    },
    on: (event: string, listener: (error: unknown) => void) => void subscription.on(event, listener),
    // It rejects when the connection was never made, and then there is nothing to cancel.
    cancel: () => void subscription.unsubscribe().catch(ignore),
  };
};

/** `capabilities` is asked for by both clients themselves before the first append, but is not part of their types. */
export const versionOf = async (client: object): Promise<string> =>
  (await (client as { capabilities: Promise<{ serverVersion: string }> }).capabilities).serverVersion;
