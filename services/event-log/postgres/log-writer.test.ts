import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { sampleEvent } from '../../../test/contract/event-log.suite.ts';
import { systemClock } from '../../runtime/clock.ts';
import { StartRefused } from '../../runtime/start-refused.ts';
import { promised } from '../../runtime/waiting.ts';
import { genesisHash } from '../chain.ts';
import {
  type AppendResult,
  type EventLog,
  type StreamAppend,
  WriterFenced,
  WrongExpectedRevision,
} from '../event-log.ts';
import { createShelver } from '../retention.ts';
import { draftOf } from '../stored-event.ts';
import type { Seal } from '../verify-chain.ts';
import { createDraftBytes } from './draft-bytes.ts';
import { connectWriter } from './log-writer.ts';
import { serveWriter } from './serve-writer.ts';
import { DuplicateRow, type WriterSession } from './writer-session.ts';
import type { FromWriter, ToWriter } from './writer-words.ts';

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});
const channel = (): { ours: MessagePort; theirs: MessagePort } => {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  return { ours: port1, theirs: port2 };
};

/** A server that takes everything, unless a test says otherwise. */
const sessionWith = (own: Partial<WriterSession>): WriterSession => ({
  epoch: 1,
  head: { position: 0, hash: genesisHash },
  revisionsOf: async () => new Map(),
  positionsOf: async () => new Map(),
  placeOf: createShelver(400),
  commit: async () => {},
  isBroken: () => false,
  close: async () => {},
  ...own,
});

const serve = (port: MessagePort, own: Partial<WriterSession>): Promise<void> =>
  serveWriter(port, { openSession: async () => sessionWith(own), clock: systemClock }, () => port.close());

type Writer = Pick<EventLog, 'submit' | 'close'>;

const writerOver = (own: Partial<WriterSession>): Promise<Writer> => {
  const { ours, theirs } = channel();
  void serve(theirs, own);
  return connectWriter(ours, () => {});
};

const batchOf = (count: number): StreamAppend[] => [
  { stream: 'device-a', expectedRevision: 'any', events: Array.from({ length: count }, () => sampleEvent()) },
];
const append = (writer: Writer, batch = batchOf(1)): Promise<AppendResult> =>
  promised((waiting) => writer.submit(batch, waiting));

const wordOf = async (port: MessagePort): Promise<unknown> => (await once(port, 'message'))[0];
/** What is awaited crosses to another thread's queue and back, so it takes as long as the machine likes. */
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
};

describe('the writer as its callers see it', () => {
  test('refuses to start with the reason, and knows errors by their kind', async () => {
    const { ours, theirs } = channel();
    const refusing = async () => {
      throw new StartRefused('another hub holds the log');
    };
    void serveWriter(theirs, { openSession: refusing, clock: systemClock }, () => {});
    const refusal = await connectWriter(ours, () => {}).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StartRefused);
    expect(refusal).toMatchObject({ message: 'another hub holds the log' });

    const commit = async () => {
      throw new WriterFenced('taken over');
    };
    const writer = await writerOver({ commit, revisionsOf: async () => new Map([['device-a', 4]]) });
    const batch = [{ ...batchOf(1)[0]!, expectedRevision: 2 }];
    const wrong = await append(writer, batch).catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(WrongExpectedRevision);
    expect(wrong).toMatchObject({ stream: 'device-a', expected: 2, actual: 4 });
    await expect(append(writer)).rejects.toBeInstanceOf(WriterFenced);
    await expect(append(writer)).rejects.toBeInstanceOf(WriterFenced);
    await writer.close();
    await expect(append(writer)).rejects.toThrow('closed');
  });

  test('keeps the code of an error, by which the API knows a full disk from a defect', async () => {
    const commit = async () => {
      throw Object.assign(new Error('could not extend file'), { code: '53100' });
    };
    const writer = await writerOver({ commit });
    const failure = await append(writer).catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: 'could not extend file', code: '53100' });
    await writer.close();
  });

  test('a failure fails all that wait, also what is still here, and what comes after says that it knows', async () => {
    const { ours, theirs } = channel();
    const words: ToWriter[] = [];
    theirs.on('message', (word: ToWriter) => void words.push(word));
    const connecting = connectWriter(ours, () => {});
    theirs.postMessage('open' satisfies FromWriter);
    const writer = await connecting;
    const sent = append(writer);
    await until(() => words.length === 1);
    const failure: FromWriter = { failed: { kind: 'other', message: 'no space left' } };
    theirs.postMessage(failure);
    await expect(sent).rejects.toThrow('no space left');
    const later = append(writer);
    await until(() => words.length === 2);
    expect(words).toMatchObject([{ failures: 0 }, { failures: 1 }]);
    theirs.postMessage({ results: Float64Array.of(7, 1), refused: [], commit: undefined } satisfies FromWriter);
    expect(await later).toEqual({ position: '7', stored: 1 });
  });
});

describe('the writer', () => {
  test('throws away what was sent before its sender knew of a failure', async () => {
    const { ours, theirs } = channel();
    let failing = true;
    const stored: Seal[] = [];
    await serve(theirs, {
      async commit(_rows, seal) {
        if (failing) throw new Error('no space left');
        stored.push(seal);
      },
    });
    expect(await wordOf(ours)).toBe('open');
    const say = (failures: number): void => {
      const drafts = createDraftBytes();
      drafts.add(draftOf(batchOf(1)));
      ours.postMessage({ drafts: drafts.take(), failures } satisfies ToWriter);
    };
    say(0);
    expect(await wordOf(ours)).toMatchObject({ failed: { message: 'no space left' } });
    failing = false;
    say(0);
    say(1);
    expect(await wordOf(ours)).toMatchObject({ results: Float64Array.of(1, 1) });
    expect(stored).toHaveLength(1);
  });

  test('prepares a group while the one before is written, which closes no gap and opens none', async () => {
    const seals: Seal[] = [];
    const answers: (() => void)[] = [];
    const place = createShelver(400);
    let placed = 0;
    const writer = await writerOver({
      placeOf(...of) {
        placed += 1;
        return place(...of);
      },
      revisionsOf: async (streams) => new Map(streams.map((stream) => [stream, 0])),
      async commit(_rows, seal) {
        seals.push(seal);
        await new Promise<void>((resolve) => answers.push(resolve));
      },
    });
    const first = append(writer, batchOf(10));
    await until(() => seals.length === 1);
    const behind = [append(writer, batchOf(1_500)), append(writer, batchOf(5))];
    await until(() => placed === 1_515);
    expect(seals).toHaveLength(1);
    const answering = setInterval(() => answers.shift()?.(), 1);
    expect(await first).toEqual({ position: '10', stored: 10 });
    expect(await Promise.all(behind)).toEqual([
      { position: '1510', stored: 1_500 },
      { position: '1515', stored: 5 },
    ]);
    expect(seals.map(({ firstPosition, lastPosition }) => [firstPosition, lastPosition])).toEqual([
      [1, 10],
      [11, 1_515],
    ]);
    clearInterval(answering);
    await writer.close();
  });

  test('prepares a group anew when the one before became another', async () => {
    const [known] = batchOf(2);
    let refusals = 1;
    const seals: Seal[] = [];
    const place = createShelver(400);
    let [placed, isCommitting] = [0, false];
    const writer = await writerOver({
      placeOf(...of) {
        placed += 1;
        return place(...of);
      },
      revisionsOf: async (streams) => new Map(streams.map((stream) => [stream, 0])),
      positionsOf: async (ids) => new Map(ids.filter((id) => id === known!.events[0]!.id).map((id) => [id, 1])),
      head: { position: 1, hash: genesisHash },
      async commit(_rows, seal) {
        isCommitting = true;
        await until(() => placed >= 1_202);
        refusals -= 1;
        if (refusals >= 0) throw new DuplicateRow();
        seals.push(seal);
      },
    });
    const first = append(writer, [known!]);
    await until(() => isCommitting);
    const behind = append(writer, batchOf(1_200));
    expect(await first).toEqual({ position: '2', stored: 1 });
    expect(await behind).toEqual({ position: '1202', stored: 1_200 });
    expect(seals.map(({ firstPosition, lastPosition }) => [firstPosition, lastPosition])).toEqual([
      [2, 2],
      [3, 1_202],
    ]);
    await writer.close();
  });
});
