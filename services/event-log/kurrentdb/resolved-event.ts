import type { LiveRecords } from './log-client.ts';
import type { LogPosition } from './log-position.ts';
import type { LogRecord } from './record.ts';

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

export async function* recordsOf(source: AsyncIterable<ResolvedEvent>): AsyncGenerator<LogRecord, void, undefined> {
  holdErrors(source);
  for await (const resolved of source) {
    const record = recordOf(resolved);
    if (record !== undefined) yield record;
  }
}

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
