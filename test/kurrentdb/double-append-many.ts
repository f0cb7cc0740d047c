import { type handleClientStreamingCall, type handleUnaryCall, status } from '@grpc/grpc-js';
import type {
  AppendRecord,
  AppendRecordsRequest,
  AppendRecordsResponse,
  AppendRequest,
  AppendSessionResponse,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import { failure, type Parts } from './double-parts.ts';
import type { Answer, Expected, ProposedRecord, Write } from './server-store.ts';

const encoder = new TextEncoder();

/** Properties come back through the older protocol as JSON. */
const proposed = (record: AppendRecord): ProposedRecord => {
  const properties: Record<string, string> = { '$schema.format': 'Bytes' };
  for (const [key, value] of record.getPropertiesMap().entries()) properties[key] = value.getStringValue();
  return {
    id: record.getRecordId() ?? '',
    type: record.getSchema()!.getName(),
    contentType: 'application/octet-stream',
    data: record.getData_asU8(),
    metadata: encoder.encode(JSON.stringify(properties)),
  };
};

const expectedOf = (state: string | undefined): Expected =>
  state === undefined || state === '-2' ? 'any' : state === '-1' ? 'no-stream' : Number(state);

/** As the server does: names that differ by case only are taken for the stream that was named first. */
const writesOf = (request: AppendRecordsRequest): Write[] => {
  const writes = new Map<string, Write>();
  for (const check of request.getChecksList()) {
    const state = check.getStreamState()!;
    const stream = state.getStream();
    writes.set(stream.toLowerCase(), { stream, expected: expectedOf(state.getExpectedState()), records: [] });
  }
  for (const record of request.getRecordsList()) {
    const stream = record.getStream();
    const write = writes.get(stream.toLowerCase()) ?? { stream, expected: 'any', records: [] };
    writes.set(stream.toLowerCase(), write);
    write.records.push(proposed(record));
  }
  return [...writes.values()];
};

/** The error that the call ends with, `undefined` for none; `false` where nothing is ever said. */
const storeMany = (parts: Parts, writes: readonly Write[]): Answer | Error | false => {
  const trouble = parts.troubles.shift();
  if (trouble?.kind === 'mute') return false;
  const gone = Object.assign(new Error('gone'), failure(status.UNAVAILABLE, 'gone'));
  if (trouble?.kind === 'unavailable' && !trouble.stored) return gone;
  const answer = parts.store.appendMany(writes);
  if (trouble !== undefined) return gone;
  if (answer.kind === 'stored') return answer;
  return Object.assign(new Error(answer.kind), failure(status.FAILED_PRECONDITION, answer.kind));
};

export const manyAppends = (parts: Parts) => {
  const { AppendRecordsResponse: Records, AppendSessionResponse: Session } = parts.stubs.many!;
  const count = (method: string): void => void parts.calls.set(method, (parts.calls.get(method) ?? 0) + 1);

  const appendRecords: handleUnaryCall<AppendRecordsRequest, AppendRecordsResponse> = (call, callback) => {
    count('appendRecords');
    const answer = storeMany(parts, writesOf(call.request));
    if (answer === false) return;
    if (answer instanceof Error) callback(answer);
    else if (answer.kind === 'stored') callback(null, new Records().setPosition(String(answer.position)));
  };

  const appendSession: handleClientStreamingCall<AppendRequest, AppendSessionResponse> = (call, callback) => {
    count('appendSession');
    const writes: Write[] = [];
    call.on('data', (request: AppendRequest) => {
      writes.push({
        stream: request.getStream(),
        expected: expectedOf(request.getExpectedRevision()),
        records: request.getRecordsList().map(proposed),
      });
    });
    call.on('end', () => {
      const answer = storeMany(parts, writes);
      if (answer === false) return;
      if (answer instanceof Error) callback(answer);
      else if (answer.kind === 'stored') callback(null, new Session().setPosition(String(answer.position)));
    });
  };

  return { appendRecords, appendSession };
};
