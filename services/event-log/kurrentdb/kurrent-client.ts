import { type BinaryEventData, binaryEvent, KurrentDBClient, STREAM_STATE } from '@kurrent/kurrentdb-client';
import type { DraftEvent } from '../stored-event.ts';
import type { LogClient, StreamWrite } from './log-client.ts';
import type { LogPosition } from './log-position.ts';
import { dataBytes, metadataOf } from './record.ts';
import { createReads, liveRecords, versionOf } from './resolved-event.ts';
import { serverErrorKind } from './server-error.ts';
import { keepFor } from './stream-metadata.ts';

const eventOf = ({ id, type, data, meta }: DraftEvent): BinaryEventData =>
  binaryEvent({ id, type, data: dataBytes(data), metadata: metadataOf(meta) });

const stateOf = (expected: number): bigint | 'no_stream' => (expected < 0 ? 'no_stream' : BigInt(expected));

/** `appendRecords` of 26.1, `multiStreamAppend` of 25.1; the client says `unsupported` by itself, before it sends. */
const manyAppender = (client: KurrentDBClient) => {
  let hasAppendRecords = true;

  const appendRecords = (writes: readonly StreamWrite[]) =>
    client.appendRecords(
      writes.flatMap(({ stream, events }) => events.map((event) => ({ streamName: stream, record: eventOf(event) }))),
      writes.map(({ stream, expected }) => ({
        type: STREAM_STATE,
        streamName: stream,
        expectedState: stateOf(expected),
      })),
    );

  const multiStreamAppend = (writes: readonly StreamWrite[]) =>
    client.multiStreamAppend(
      writes.map(({ stream, expected, events }) => ({
        streamName: stream,
        expectedState: stateOf(expected),
        events: events.map(eventOf),
      })),
    );

  return async (writes: readonly StreamWrite[]): Promise<LogPosition> => {
    if (hasAppendRecords) {
      try {
        const { position } = await appendRecords(writes);
        return { commit: position, prepare: position };
      } catch (error) {
        if (serverErrorKind(error) !== 'unsupported') throw error;
        hasAppendRecords = false;
      }
    }
    const { position } = await multiStreamAppend(writes);
    return { commit: position, prepare: position };
  };
};

/** `@kurrent/kurrentdb-client`, for servers under their new name and their ancestors from 23.10 on. */
export const connectKurrent = (url: string): LogClient => {
  const client = KurrentDBClient.connectionString(url);
  const { recordsOf, cancelEverything } = createReads(client);
  return {
    serverVersion: () => versionOf(client),
    async append({ stream, expected, events }) {
      const { position } = await client.appendToStream(stream, events.map(eventOf), { streamState: stateOf(expected) });
      return position;
    },
    appendMany: manyAppender(client),
    keepFor: (stream, maxAgeSeconds) => keepFor(client, stream, maxAgeSeconds),
    readStream: (stream, { from, maxCount, backwards }) =>
      recordsOf(
        client.readStream(stream, {
          fromRevision: typeof from === 'number' ? BigInt(from) : from,
          maxCount,
          direction: backwards ? 'backwards' : 'forwards',
          requiresLeader: true,
        }),
      ),
    readAll: ({ from, maxCount, backwards }) =>
      recordsOf(client.readAll({ fromPosition: from, maxCount, direction: backwards ? 'backwards' : 'forwards' })),
    subscribe: (from) => liveRecords(client.subscribeToAll({ fromPosition: from })),
    cancelEverything,
  };
};
