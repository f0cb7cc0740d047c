import { binaryEvent, EventStoreDBClient } from '@eventstore/db-client';
import type { LogClient } from './log-client.ts';
import { dataBytes, metadataOf } from './record.ts';
import { createReads, liveRecords, versionOf } from './resolved-event.ts';
import { keepFor } from './stream-metadata.ts';

/** `@eventstore/db-client`, for servers under their old name. One call per stream is all it can. */
export const connectEventStore = (url: string): LogClient => {
  const client = EventStoreDBClient.connectionString(url);
  const { recordsOf, cancelEverything } = createReads(client);
  return {
    serverVersion: () => versionOf(client),
    async append({ stream, expected, events }) {
      const { position } = await client.appendToStream(
        stream,
        events.map(({ id, type, data, meta }) =>
          binaryEvent({ id, type, data: dataBytes(data), metadata: metadataOf(meta) }),
        ),
        { expectedRevision: expected < 0 ? 'no_stream' : BigInt(expected) },
      );
      return position;
    },
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
