import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import anyProto from 'google-protobuf/google/protobuf/any_pb.js';
import emptyProto from 'google-protobuf/google/protobuf/empty_pb.js';
import { failure, type Parts } from './double-parts.ts';
import { type Answer, appendBytesMax, type Expected, type ProposedRecord, type Write } from './server-store.ts';

const proposed = (message: BatchAppendReq.ProposedMessage): ProposedRecord => ({
  id: message.getId()!.getString(),
  type: message.getMetadataMap().get('type') ?? '',
  contentType: message.getMetadataMap().get('content-type') ?? '',
  data: message.getData_asU8(),
  metadata: message.getCustomMetadata_asU8(),
});

const expectedOf = (options: BatchAppendReq.Options): Expected => {
  if (options.hasAny()) return 'any';
  return options.hasNoStream() ? 'no-stream' : Number(options.getStreamPosition());
};

const detailOf = ({ stubs: { shared } }: Parts, answer: Exclude<Answer, { kind: 'stored' }>) => {
  const detail = new anyProto.Any();
  if (answer.kind === 'too-large') {
    const message = new shared.MaximumAppendSizeExceeded().setMaxappendsize(appendBytesMax);
    detail.pack(message.serializeBinary(), 'event_store.client.MaximumAppendSizeExceeded');
    return detail;
  }
  if (answer.kind === 'access-denied') {
    detail.pack(new shared.AccessDenied().serializeBinary(), 'event_store.client.AccessDenied');
    return detail;
  }
  const message = new shared.WrongExpectedVersion().setExpectedAny(new emptyProto.Empty());
  if (answer.current < 0) message.setCurrentNoStream(new emptyProto.Empty());
  else message.setCurrentStreamRevision(String(answer.current));
  detail.pack(message.serializeBinary(), 'event_store.client.WrongExpectedVersion');
  return detail;
};

const answered = (parts: Parts, request: BatchAppendReq, { stream }: Write, answer: Answer): BatchAppendResp => {
  const { streams, shared, status: statusProto } = parts.stubs;
  const response = new streams.BatchAppendResp()
    .setCorrelationId(request.getCorrelationId())
    .setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(stream)));
  if (answer.kind !== 'stored') {
    return response.setError(new statusProto.Status().setMessage(answer.kind).setDetails(detailOf(parts, answer)));
  }
  const position = new shared.AllStreamPosition()
    .setCommitPosition(String(answer.position))
    .setPreparePosition(String(answer.position));
  return response.setSuccess(
    new streams.BatchAppendResp.Success().setCurrentRevision(String(answer.revision)).setPosition(position),
  );
};

/** One call for all appends of a client, told apart by their correlation ids. */
export const batchAppend =
  (parts: Parts) =>
  (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void => {
    const unfinished = new Map<string, Write>();
    const respond = (request: BatchAppendReq, write: Write): void => {
      const trouble = parts.troubles.shift();
      if (trouble?.kind === 'mute') return;
      if (trouble?.kind === 'unavailable' && !trouble.stored) {
        call.emit('error', failure(status.UNAVAILABLE, 'gone before storing'));
        return;
      }
      const response = answered(parts, request, write, parts.store.append(write));
      if (trouble?.kind === 'unavailable') call.emit('error', failure(status.UNAVAILABLE, 'gone after storing'));
      else if (trouble?.kind === 'late') setTimeout(() => call.write(response), trouble.afterMs).unref();
      else call.write(response);
    };
    call.on('data', (request: BatchAppendReq) => {
      parts.calls.set('batchAppend', (parts.calls.get('batchAppend') ?? 0) + 1);
      const correlation = request.getCorrelationId()!.getString();
      const options = request.getOptions();
      const write =
        options === undefined
          ? unfinished.get(correlation)!
          : {
              stream: Buffer.from(options.getStreamIdentifier()!.getStreamName_asU8()).toString(),
              expected: expectedOf(options),
              records: [],
            };
      write.records.push(...request.getProposedMessagesList().map(proposed));
      unfinished.set(correlation, write);
      if (!request.getIsFinal()) return;
      unfinished.delete(correlation);
      respond(request, write);
    });
    call.on('error', () => {});
    call.on('end', () => call.end());
  };
