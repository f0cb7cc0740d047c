import fc from 'fast-check';
import { genesisHash } from '../../services/event-log/chain.ts';
import { createProofCheck } from '../../services/event-log/check-proof.ts';
import { deviceStream, type NewEvent, type Position, telemetryStream } from '../../services/event-log/event.ts';
import { eventId } from '../../services/event-log/event-id.ts';
import type { EventLog, LogHead } from '../../services/event-log/event-log.ts';
import { faultOfGatherings, gatherSeals } from '../../services/event-log/gather-seals.ts';
import { type ProofLine, proofLine } from '../../services/event-log/proof-lines.ts';
import { type ChainHead, proveEvents, type SealedLog } from '../../services/event-log/prove-events.ts';
import type { Verdict } from '../../services/event-log/verify-chain.ts';

/** One backend with a log of its own, empty at first. */
export interface SealedLogUnderTest {
  log: EventLog;
  sealed: SealedLog;
  verify(head: LogHead): Promise<Verdict>;
  /** Seals what was appended, where a backend's commits don't do so themselves. */
  seal?(): Promise<void>;
  destroy(): Promise<void>;
}

const nowMs = Date.parse('2026-07-01T00:00:00Z');
const dayMs = 86_400_000;

/** Every third one stays; the others may expire, and are of two months. */
const eventOf = (number: number): { stream: string; event: NewEvent } => ({
  stream: number % 3 === 0 ? deviceStream('gate-1') : telemetryStream('gate-1'),
  event: {
    id: eventId({ occurredAtMs: nowMs - (number % 2) * 20 * dayMs, device: 'gate-1', source: String(number) }),
    type: 'gate.passed',
    data: { number, text: '北门\\\t' },
    meta: { schemaVersion: 1, occurredAt: '', receivedAt: '', clock: 'trusted' },
  },
});

/** Appends of these sizes, sealed one by one but for the last; the seals gathered, four to a run, after some. */
export const fill = async (
  { log, sealed, seal }: SealedLogUnderTest,
  sizes: readonly number[],
  gatherAfter: readonly number[] = [],
): Promise<LogHead[]> => {
  const heads: LogHead[] = [];
  let count = 0;
  for (const [index, size] of sizes.entries()) {
    const said = Array.from({ length: size }, (_, place) => eventOf(count + place));
    count += size;
    await log.append(said.map(({ stream, event }) => ({ stream, expectedRevision: 'any', events: [event] })));
    if (index < sizes.length - 1) await seal?.();
    heads.push(await log.head());
    if (!gatherAfter.includes(index)) continue;
    await gatherSeals({ sealed, append: log.append, clock: { now: () => nowMs } }, { fewest: 2, most: 4 });
  }
  return heads;
};

export const prove = async (sealed: SealedLog, positions: readonly Position[], held: readonly Position[] = []) => {
  const head = (await sealed.head())!;
  const numbers = await sealed.numbersOf(positions);
  const heads = await Promise.all(held.map((position) => sealed.headsAt(position)));
  const request = { head, positions: [...numbers.values()], held: heads.flat() };
  const lines: ProofLine[] = [];
  for await (const line of proveEvents(sealed, request)) lines.push(line);
  return { head, numbers, lines };
};

/** Why the lines prove nothing, or how much they do and whether up to some heads. */
export const checkAll = (head: ChainHead, lines: readonly ProofLine[], hashes: readonly string[] = []) => {
  const check = createProofCheck(head);
  for (const line of lines) {
    const fault = check.take(line);
    if (fault !== undefined) return fault;
  }
  return check.end() ?? { ...check.counts(), covered: hashes.map(check.covers) };
};

const flip = (hex: string): string => (hex[0] === '0' ? '1' : '0') + hex.slice(1);

/** Every text and number within a line, as a change to another one. */
const changes = (value: unknown): ((draft: ProofLine) => void)[] => {
  const found: ((draft: ProofLine) => void)[] = [];
  const visit = (node: unknown, path: (string | number)[]): void => {
    if (typeof node === 'object' && node !== null) {
      for (const key of Object.keys(node)) visit(Reflect.get(node, key), [...path, key]);
      return;
    }
    if (path.at(-1) === 'kind' || node === null) return;
    found.push((draft) => {
      let parent: object = draft;
      for (const key of path.slice(0, -1)) parent = Reflect.get(parent, key) as object;
      const other =
        typeof node === 'number' ? node + 1 : /^[0-9a-f]{64}$/.test(String(node)) ? flip(String(node)) : `${node}1`;
      Reflect.set(parent, path.at(-1)!, other);
    });
  };
  visit(value, []);
  return found;
};

const history = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 25 }),
  gatherAfter: fc.subarray([2, 7, 8, 15, 22]),
  wanted: fc.array(fc.nat(), { minLength: 1, maxLength: 12 }),
  held: fc.array(fc.nat(), { maxLength: 3 }),
});

/** What a log must show of its events, whichever way it seals them. */
export const proofSuite = (name: string, open: () => Promise<SealedLogUnderTest>, numRuns: number): void => {
  const within = async (work: (log: SealedLogUnderTest) => Promise<void>): Promise<void> => {
    const opened = await open();
    await work(opened).finally(opened.destroy);
  };

  test(`${name}: whatever is wanted is shown up to the head, as the words that were recorded`, async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ sizes, gatherAfter, wanted, held }) => {
        await within(async (opened) => {
          const { log, sealed, verify } = opened;
          const heads = await fill(opened, sizes, gatherAfter);
          const kept = held.map((at) => heads[at % heads.length]!).filter(({ hash }) => hash !== genesisHash);
          const recorded = await log.readAll(null, 1_000);
          const all = wanted.map((at) => recorded[at % recorded.length]!);
          const positions = [...new Set(all.map(({ position }) => position))];
          const proof = await prove(
            sealed,
            positions,
            kept.map(({ position }) => position!),
          );
          expect(new Set(proof.numbers.keys())).toEqual(new Set(positions));
          expect(proof.lines.map((line) => proofLine.parse(JSON.parse(JSON.stringify(line))))).toEqual(proof.lines);
          const shown = checkAll(
            proof.head,
            proof.lines,
            kept.map(({ hash }) => hash),
          );
          expect(shown).toEqual({
            events: expect.any(Number),
            commits: expect.any(Number),
            covered: kept.map(() => true),
          });
          const events = proof.lines.flatMap((line) => (line.kind === 'event' ? [line] : []));
          for (const { position, id, data } of all) {
            const line = events.find((event) => event.position === String(proof.numbers.get(position)));
            expect(line).toMatchObject({ id, data: JSON.stringify(data) });
          }
          // Beside what is wanted at most the gathering that the older ones rest on.
          expect(events.length - positions.length).toBeLessThanOrEqual(1);
          expect(await faultOfGatherings(sealed)).toBeUndefined();
          expect(await verify(await log.head())).toMatchObject({ ok: true, events: recorded.length });
        });
      }),
      { numRuns },
    );
  });

  test(`${name}: no text and no number of a proof can be another`, async () => {
    await within(async (opened) => {
      const heads = await fill(opened, [3, 1, 5, 2, 1, 4, 2, 2, 7, 1, 3], [3, 6]);
      const recorded = await opened.log.readAll(null, 1_000);
      const wanted = [1, 6, 8, 9, 29].map((at) => recorded[at]!.position);
      const { head, lines } = await prove(opened.sealed, wanted, [heads[4]!.position!]);
      /** Why it doesn't hold, or which of the heads it doesn't reach. */
      const faultOf = (changed: readonly ProofLine[]): string | undefined => {
        const shown = checkAll(head, changed, [heads[4]!.hash]);
        if (typeof shown === 'string') return shown;
        return shown.covered.every(Boolean) ? undefined : 'the head is not reached';
      };
      expect(checkAll(head, lines)).toMatchObject({ events: 6 });
      expect(faultOf(lines)).toBeUndefined();
      let tried = 0;
      for (const [index, line] of lines.entries()) {
        for (const change of changes(line)) {
          const draft = structuredClone(line);
          change(draft);
          expect({ draft, fault: faultOf(lines.with(index, draft)) }).toEqual({ draft, fault: expect.any(String) });
          tried += 1;
        }
        expect(faultOf(lines.toSpliced(index, 1))).toEqual(expect.any(String));
      }
      expect(tried).toBeGreaterThan(80);
    });
  });

  test(`${name}: a log without an event has nothing to show`, () =>
    within(async ({ sealed }) => expect(await sealed.head()).toBeNull()));

  test(`${name}: verify looks at what the log said of its seals`, () =>
    within(async (opened) => {
      const { log, sealed, seal, verify } = opened;
      await fill(opened, [1, 1, 1, 1, 1], [3]);
      await seal?.();
      const [said] = await sealed.gatherings();
      // Somebody with the log in his hands says something false of its seals, and seals that rightly.
      const { gathering } = said!;
      const lie = { ...gathering, after: gathering.through, through: gathering.through + 2, runs: 2 };
      const event = { ...eventOf(100).event, type: 'log.seals-gathered', data: lie };
      await log.append([{ stream: 'log', expectedRevision: 'any', events: [event] }]);
      await seal?.();
      const head = await log.head();
      expect(await verify(head)).toMatchObject({
        ...{ ok: false, brokenAt: head.position },
        reason: expect.stringContaining('gathering'),
      });
    }));
};
