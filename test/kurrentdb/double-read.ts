import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream, ServiceError } from '@grpc/grpc-js';
import type { Parts } from './double-parts.ts';
import type { StoredRecord } from './server-store.ts';

type Call = ServerWritableStream<ReadReq, ReadResp>;

const backwards = 1;

const response = ({ stubs: { streams, shared } }: Parts, record: StoredRecord): ReadResp => {
  const event = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(record.id))
    .setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(record.stream)))
    .setStreamRevision(String(record.revision))
    .setCommitPosition(String(record.position))
    .setPreparePosition(String(record.position))
    .setData(record.data)
    .setCustomMetadata(record.metadata);
  event
    .getMetadataMap()
    .set('type', record.type)
    .set('content-type', record.contentType)
    .set('created', `${record.createdMs}0000`);
  const resolved = new streams.ReadResp.ReadEvent().setEvent(event).setCommitPosition(String(record.position));
  return new streams.ReadResp().setEvent(resolved);
};

const streamPage = ({ store, calls }: Parts, options: ReadReq.Options): StoredRecord[] | string => {
  const wanted = options.getStream()!;
  const stream = Buffer.from(wanted.getStreamIdentifier()!.getStreamName_asU8()).toString();
  const call = `read ${stream}`;
  calls.set(call, (calls.get(call) ?? 0) + 1);
  if (store.streamOf(stream).length === 0) return stream;
  const records = store.visibleOf(stream);
  const count = Number(options.getCount());
  if (options.getReadDirection() !== backwards) {
    const from = wanted.hasRevision() ? Number(wanted.getRevision()) : 0;
    return records.filter(({ revision }) => revision >= from).slice(0, count);
  }
  const from = wanted.hasRevision() ? Number(wanted.getRevision()) : Number.POSITIVE_INFINITY;
  return records
    .filter(({ revision }) => revision <= from)
    .reverse()
    .slice(0, count);
};

/** From a position forwards it comes itself, backwards what stands before it. */
const allPage = ({ store }: Parts, options: ReadReq.Options): StoredRecord[] => {
  const wanted = options.getAll()!;
  const position = wanted.hasPosition() ? Number(wanted.getPosition()!.getCommitPosition()) : undefined;
  const count = Number(options.getCount());
  if (options.getReadDirection() !== backwards) return [...store.allFrom(position ?? 0, count)];
  const before = position ?? Number.POSITIVE_INFINITY;
  return store
    .all()
    .filter((record) => record.position < before)
    .reverse()
    .slice(0, count);
};

const subscribe = (parts: Parts, call: Call, options: ReadReq.Options): void => {
  const wanted = options.getAll()!;
  let sent = wanted.hasPosition() ? Number(wanted.getPosition()!.getCommitPosition()) : -1;
  const { ReadResp } = parts.stubs.streams;
  call.write(new ReadResp().setConfirmation(new ReadResp.SubscriptionConfirmation().setSubscriptionId('double')));
  const send = (): void => {
    for (const record of parts.store.allFrom(sent + 1)) {
      sent = record.position;
      call.write(response(parts, record));
    }
  };
  const end = (): void => {
    stopListening();
    parts.subscriptions.delete(drop);
  };
  const drop = (error: Partial<ServiceError>): void => {
    end();
    call.emit('error', error);
  };
  const stopListening = parts.store.onAppend(send);
  parts.subscriptions.add(drop);
  call.on('cancelled', end);
  call.on('close', end);
  send();
};

export const readRecords =
  (parts: Parts) =>
  (call: Call): void => {
    if (parts.muteReads.now) return;
    if (parts.readError.now !== undefined) {
      call.emit('error', parts.readError.now);
      return;
    }
    const options = call.request.getOptions()!;
    if (options.hasSubscription()) {
      subscribe(parts, call, options);
      return;
    }
    const { streams, shared } = parts.stubs;
    const page = options.hasAll() ? allPage(parts, options) : streamPage(parts, options);
    if (typeof page === 'string') {
      const identifier = new shared.StreamIdentifier().setStreamName(Buffer.from(page));
      const missing = new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifier);
      call.write(new streams.ReadResp().setStreamNotFound(missing));
    } else {
      for (const record of page) call.write(response(parts, record));
    }
    call.end();
  };
