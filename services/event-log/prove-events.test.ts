import fc from 'fast-check';
import { createProofCheck } from './check-proof.ts';
import type { NewEvent } from './event.ts';
import { eventId } from './event-id.ts';
import { faultOfGatherings, gatherSeals } from './gather-seals.ts';
import { createMemoryEventLog, type MemoryEventLog } from './memory/memory-event-log.ts';
import { type ProofLine, proofLine } from './proof-lines.ts';
import { proveEvents, UnprovableEvent } from './prove-events.ts';

const clock = { now: () => Date.parse('2026-07-01T00:00:00Z') };
const eventOf = (number: number): NewEvent => ({
  id: eventId({ occurredAtMs: clock.now(), device: 'gate-1', source: String(number) }),
  type: 'gate.passed',
  data: { number, text: '北门' },
  meta: { schemaVersion: 1, occurredAt: '', receivedAt: '', clock: 'trusted' },
});

/** A log of commits of these sizes; its seals gathered, four to a run, after each of `gatherAfter`. */
const logOf = async (sizes: readonly number[], gatherAfter: readonly number[] = []): Promise<MemoryEventLog> => {
  const log = createMemoryEventLog();
  let count = 0;
  for (const [index, size] of sizes.entries()) {
    const events = Array.from({ length: size }, (_, place) => eventOf(count + place));
    count += size;
    await log.append([{ stream: 'device-gate-1', expectedRevision: 'any', events }]);
    if (gatherAfter.includes(index)) {
      await gatherSeals({ sealed: log.sealed, append: log.append, clock }, { fewest: 2, most: 4 });
    }
  }
  return log;
};
const collect = async (lines: AsyncIterable<ProofLine>): Promise<ProofLine[]> => {
  const all: ProofLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
};
const headOf = async (log: MemoryEventLog) => {
  const { position, hash } = await log.head();
  return { position: Number(position), hash };
};
const linesOf = async (log: MemoryEventLog, positions: number[], held: number[] = []): Promise<ProofLine[]> =>
  collect(proveEvents(log.sealed, { head: await headOf(log), positions, held }));
/** Why the lines prove nothing, or how much they do. */
const checkAll = (head: { position: number; hash: string }, lines: readonly ProofLine[]) => {
  const check = createProofCheck(head);
  for (const line of lines) {
    const fault = check.take(line);
    if (fault !== undefined) return fault;
  }
  return check.end() ?? check.counts();
};

const log = fc
  .record({
    sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 25 }),
    gatherAfter: fc.subarray([2, 7, 8, 15, 22]),
    wanted: fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 12 }),
    held: fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 3 }),
  })
  .map(({ sizes, ...rest }) => {
    const count = sizes.reduce((sum, size) => sum + size, 0);
    return { sizes, ...rest, wanted: rest.wanted.map((position) => 1 + (position % count)) };
  });

test('whatever is wanted is shown up to the head, as the words that were recorded', async () => {
  await fc.assert(
    fc.asyncProperty(log, async ({ sizes, gatherAfter, wanted, held }) => {
      const stored = await logOf(sizes, gatherAfter);
      const lines = await linesOf(stored, wanted, held);
      expect(lines.map((line) => proofLine.parse(JSON.parse(JSON.stringify(line))))).toEqual(lines);
      expect(checkAll(await headOf(stored), lines)).toEqual(expect.objectContaining({ events: expect.any(Number) }));
      const shown = new Map(lines.flatMap((line) => (line.kind === 'event' ? [[line.position, line] as const] : [])));
      const all = await stored.readAll(null, 1000);
      for (const position of wanted) {
        const { id, data } = all[position - 1]!;
        expect(shown.get(String(position))).toMatchObject({ id, data: JSON.stringify(data) });
      }
      // Beside what is wanted at most the gathering that the older ones rest on.
      expect(shown.size - new Set(wanted).size).toBeLessThanOrEqual(1);
      expect(await stored.verify()).toMatchObject({ ok: true });
      expect(await faultOfGatherings(stored.sealed)).toBeUndefined();
    }),
    { numRuns: 60 },
  );
});

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
const flip = (hex: string): string => (hex[0] === '0' ? '1' : '0') + hex.slice(1);

test('no text and no number of a proof can be another', async () => {
  const stored = await logOf([3, 1, 5, 2, 1, 4, 2, 2, 7, 1, 3], [3, 6]);
  const head = await headOf(stored);
  const lines = await linesOf(stored, [2, 7, 9, 30], [11]);
  expect(checkAll(head, lines)).toEqual({ events: 5, commits: 4 });
  let tried = 0;
  for (const [index, line] of lines.entries()) {
    for (const change of changes(line)) {
      const draft = structuredClone(line);
      change(draft);
      expect({ draft, fault: checkAll(head, lines.with(index, draft)) }).toEqual({ draft, fault: expect.any(String) });
      tried += 1;
    }
    expect(checkAll(head, lines.toSpliced(index, 1))).toEqual(expect.any(String));
  }
  expect(tried).toBeGreaterThan(80);
});

test('a proof of old events is some lines long, however many commits came after', async () => {
  const stored = await logOf(Array.from({ length: 400 }, () => 2));
  const withoutGathering = JSON.stringify(await linesOf(stored, [1])).length;
  await gatherSeals({ sealed: stored.sealed, append: stored.append, clock }, { fewest: 2, most: 128 });
  expect(JSON.stringify(await linesOf(stored, [1])).length).toBeLessThan(withoutGathering / 5);
});

test('a gathering that names other seals is found when the log is looked at', async () => {
  const stored = await logOf([1, 1, 1, 1], [3]);
  const { sealed } = stored;
  const gatherings = (await sealed.gatherings()).map(({ position, gathering }) => ({
    position,
    gathering: { ...gathering, root: flip(gathering.root) },
  }));
  const fault = await faultOfGatherings({ ...sealed, gatherings: async () => gatherings });
  expect(fault).toEqual({ brokenAt: 5, reason: expect.stringContaining('position 5') });
});

test('events that do not fit their seal are not proven', async () => {
  const stored = await logOf([3]);
  const changed = {
    ...stored.sealed,
    eventsOf: async () =>
      (await stored.sealed.eventsOf([{ firstPosition: 1, lastPosition: 3, root: '' }])).map((event) => ({
        ...event,
        data: '{}',
      })),
  };
  const request = { head: await headOf(stored), positions: [2] };
  await expect(collect(proveEvents(changed, request))).rejects.toThrow(UnprovableEvent);
});
