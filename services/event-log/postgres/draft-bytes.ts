import type { ExpectedRevision } from '../event-log.ts';
import type { Draft } from '../stored-event.ts';
import { createUtf8Bytes } from '../utf8-bytes.ts';

/** Appends on their way to the writer's thread, in memory that is handed over and not copied. */
export interface DraftBytes {
  /** Of each event: id, stream, NUL, type, NUL, data, NUL, meta. */
  texts: Uint8Array<ArrayBuffer>;
  /** Of each event: what begins with it, the expected revision, and how many bytes stream, type, data and meta take. */
  numbers: Int32Array<ArrayBuffer>;
}

/** An event whose texts stay the bytes as which they came. */
export interface EventBytes {
  id: string;
  type: string;
  texts: Buffer;
  /** Where the NUL before the type stands, and where the texts end. */
  start: number;
  end: number;
  streamBytes: number;
  typeBytes: number;
  dataBytes: number;
}

const numbersPerEvent = 6;
export const idBytes = 36;
const begins = { nothing: 0, entry: 1, draft: 2 };
const [anyRevision, noStream] = [-2, -1];

const numberOf = (expected: ExpectedRevision): number =>
  expected === 'any' ? anyRevision : expected === 'no-stream' ? noStream : expected;

const revisionOf = (number: number): ExpectedRevision =>
  number === anyRevision ? 'any' : number === noStream ? 'no-stream' : number;

/** Gathers appends. */
export const createDraftBytes = () => {
  const texts = createUtf8Bytes();
  let numbers: number[] = [];
  return {
    add({ entries }: Draft): void {
      let beginning = begins.draft;
      for (const { stream, expectedRevision, events } of entries) {
        for (const [nth, { id, type, data, meta }] of events.entries()) {
          const text = `${id}${stream}\0${type}\0${data}\0${meta}`;
          numbers.push(nth === 0 ? beginning : begins.nothing, numberOf(expectedRevision));
          // Where no character took more than a byte, lengths are lengths in bytes.
          if (texts.add(text) === text.length) numbers.push(stream.length, type.length, data.length, meta.length);
          else numbers.push(...[stream, type, data, meta].map((each) => Buffer.byteLength(each)));
        }
        if (events.length > 0) beginning = begins.entry;
      }
    },
    /** What was added since the last call. */
    take(): DraftBytes {
      const taken = { texts: new Uint8Array(texts.take()), numbers: Int32Array.from(numbers) };
      numbers = [];
      return taken;
    },
  };
};

/** The appends again, in order. */
export const draftsOf = ({ texts: bytes, numbers }: DraftBytes): Draft<EventBytes>[] => {
  const texts = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const drafts: Draft<EventBytes>[] = [];
  let draft: Draft<EventBytes> | undefined;
  for (let [at, begun] = [0, 0]; at < numbers.length; at += numbersPerEvent) {
    const [streamBytes, typeBytes, dataBytes] = [numbers[at + 2]!, numbers[at + 3]!, numbers[at + 4]!];
    const id = texts.toString('latin1', begun, begun + idBytes);
    const start = begun + idBytes + streamBytes;
    const end = start + 3 + typeBytes + dataBytes + numbers[at + 5]!;
    if (draft === undefined || numbers[at] === begins.draft) {
      draft = { entries: [], count: 0, size: 0 };
      drafts.push(draft);
    }
    if (numbers[at] !== begins.nothing) {
      const stream = texts.toString('utf8', begun + idBytes, start);
      draft.entries.push({ stream, expectedRevision: revisionOf(numbers[at + 1]!), events: [] });
    }
    const type = texts.toString('utf8', start + 1, start + 1 + typeBytes);
    draft.entries.at(-1)!.events.push({ id, type, texts, start, end, streamBytes, typeBytes, dataBytes });
    draft.count += 1;
    draft.size += end - begun;
    begun = end;
  }
  return drafts;
};
