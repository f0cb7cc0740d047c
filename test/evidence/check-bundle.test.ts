import fc from 'fast-check';
import type { NewEvent } from '../../services/event-log/event.ts';
import { eventId } from '../../services/event-log/event-id.ts';
import { gatherSeals } from '../../services/event-log/gather-seals.ts';
import { createMemoryEventLog } from '../../services/event-log/memory/memory-event-log.ts';
import type { ProofLine } from '../../services/event-log/proof-lines.ts';
import { proveEvents } from '../../services/event-log/prove-events.ts';
import { bundleFormat, type HeaderLine, type ItemLine } from '../../services/evidence/bundle-lines.ts';
import { type BundleVerdict, checkBundle, type Expected, isGood } from '../../services/evidence/check-bundle.ts';
import { signedBundle, type UnsignedLine } from '../../services/evidence/write-bundle.ts';
import { newKey, signerOf } from '../../services/runtime/signing-key.ts';

const clock = { now: () => Date.parse('2026-07-01T00:00:00Z') };
const hub = signerOf(newKey());
const eventOf = (number: number): NewEvent => ({
  id: eventId({ occurredAtMs: clock.now(), device: 'gate-1', source: String(number) }),
  type: 'device.seen',
  data: { number, text: '北门' },
  meta: { schemaVersion: 1, occurredAt: '', receivedAt: '', clock: 'trusted' },
});
const instant = '2026-07-01T00:00:00.000Z';
const text = { zh: '在线率', en: 'online rate' };
const headerOf = (given: Partial<HeaderLine>): HeaderLine => ({
  kind: 'header',
  format: bundleFormat,
  createdAt: instant,
  compound: { id: 'garden', name: '花园小区' },
  criterion: { id: 'ACC-4', title: text },
  at: instant,
  knownAt: null,
  window: { from: '2026-06-01T00:00:00.000Z', to: instant },
  standard: { name: 'weihai-smart-compound@2020.1', title: text },
  value: 75,
  numerator: 0.3,
  denominator: 0.4,
  explanation: text,
  head: null,
  proof: 'none',
  note: text,
  key: { algorithm: 'Ed25519', publicKey: hub.key.publicKey },
  ...given,
});
const itemOf = (given: Partial<ItemLine>): ItemLine => ({
  kind: 'item',
  subject: { kind: 'device', id: 'gate-1', name: '北门' },
  counted: true,
  ...{ value: 50, numerator: 0.1, denominator: 0.2, text, intervals: [], intervalsLeft: 0 },
  ...{ events: ['2'], eventsComplete: true },
  ...given,
});

const signed = async (lines: readonly UnsignedLine[], signer = hub): Promise<Buffer> => {
  async function* each() {
    yield* lines;
  }
  let all = '';
  for await (const line of signedBundle(each(), signer)) all += line;
  return Buffer.from(all);
};
async function* chunksOf(bytes: Buffer, size: number) {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}
const check = (bytes: Buffer, expected: Partial<Expected> = {}, size = 1_000): Promise<BundleVerdict> =>
  checkBundle(chunksOf(bytes, size), { heads: [], ...expected });

let lines: UnsignedLine[];
let bundle: Buffer;
/** Heads that somebody kept on the way, the oldest first. */
const heads: { position: number; hash: string }[] = [];
beforeAll(async () => {
  const log = createMemoryEventLog();
  for (let number = 0; number < 12; number += 2) {
    const events = [eventOf(number), eventOf(number + 1)];
    await log.append([{ stream: 'telemetry-gate-1', expectedRevision: 'any', events }]);
    const { position, hash } = await log.head();
    heads.push({ position: Number(position), hash });
    if (number === 8) await gatherSeals({ sealed: log.sealed, append: log.append, clock }, { fewest: 2, most: 3 });
  }
  const head = heads.at(-1)!;
  const proof: ProofLine[] = [];
  const request = { head, positions: [2, 5, 12], held: [heads[1]!.position] };
  for await (const line of proveEvents(log.sealed, request)) proof.push(line);
  const items = [
    itemOf({}),
    itemOf({ numerator: 0.2, events: ['5', '12'], eventsComplete: false }),
    itemOf({ counted: false, events: [] }),
  ];
  lines = [headerOf({ head, proof: 'merkle' }), ...items, ...proof];
  bundle = await signed(lines);
});

test('a bundle that is whole, in pieces of any size', async () => {
  for (const size of [1, 7, 64, bundle.length]) {
    const verdict = await check(
      bundle,
      { key: hub.key.fingerprint, heads: [heads.at(-1)!.hash, heads[1]!.hash] },
      size,
    );
    expect(verdict).toMatchObject({
      ...{ fault: null, signed: true, keyIsExpected: true, headsMissed: [], addsUp: true, lines: lines.length + 1 },
      counts: { items: 3, incomplete: 1 },
    });
    expect(isGood(verdict)).toBe(true);
  }
});

test('no byte of it can be another, be missing, or come to it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.constantFrom('change', 'remove', 'insert'),
      async (at, by, how) => {
        const place = at % bundle.length;
        const byte = Buffer.from([how === 'insert' ? by : (bundle[place]! + by) % 256]);
        const rest = bundle.subarray(how === 'insert' ? place : place + 1);
        const changed = Buffer.concat([bundle.subarray(0, place), ...(how === 'remove' ? [] : [byte]), rest]);
        const verdict = await check(changed);
        expect({ signed: verdict.signed && verdict.fault === null, good: isGood(verdict) }).toEqual({
          signed: false,
          good: false,
        });
      },
    ),
    { numRuns: 1_500 },
  );
});

test('no line can be left out, said twice or change places, and the end can’t be cut off', async () => {
  const all = bundle.toString().trimEnd().split('\n');
  const verdictOf = (of: readonly string[]) => check(Buffer.from(`${of.join('\n')}\n`));
  for (const index of all.keys()) {
    for (const changed of [all.toSpliced(index, 1), all.toSpliced(index, 0, all[index]!), all.slice(0, index)]) {
      expect(isGood(await verdictOf(changed))).toBe(false);
    }
    const swapped = all.toSpliced(index, 2, ...all.slice(index, index + 2).reverse());
    if (index < all.length - 1) expect(isGood(await verdictOf(swapped))).toBe(false);
  }
});

test('the hub itself can’t sign what its log doesn’t hold, and the first line that is wrong is named', async () => {
  const at = lines.findIndex(({ kind }) => kind === 'event');
  const event = lines[at] as Extract<ProofLine, { kind: 'event' }>;
  const forged = await signed(lines.with(at, { ...event, data: '{"number":1000}' }));
  const verdict = await check(forged);
  expect(verdict).toMatchObject({
    signed: true,
    fault: { line: at + 1, reason: expect.stringContaining("don't lead") },
  });
  expect(isGood(verdict)).toBe(false);
});

test.each<[string, () => UnsignedLine[], RegExp]>([
  ['an item that names an event which is not there', () => lines.with(1, itemOf({ events: ['3'] })), /position 3/],
  ['a second header', () => [...lines, lines[0]!], /second header/],
  ['an item after the events', () => [...lines, itemOf({})], /after the events/],
  ['a proof without a head', () => [headerOf({}), ...lines.slice(1)], /no head/],
  ['a head without its proof', () => lines.filter(({ kind }) => kind !== 'links'), /don't lead to the head/],
  [
    'a head, and it is said that there is none',
    () => lines.with(0, { ...(lines[0] as HeaderLine), proof: 'none' }),
    /contradict/,
  ],
])('signed by the hub and still wrong: %s', async (_, given, reason) => {
  const verdict = await check(await signed(given()));
  expect(verdict).toMatchObject({ signed: true, fault: { reason: expect.stringMatching(reason) } });
});

test('contributions that don’t add up to the value', async () => {
  const verdict = await check(await signed(lines.with(1, itemOf({ numerator: 0.15 }))));
  expect(verdict).toMatchObject({ fault: null, addsUp: false });
  expect(isGood(verdict)).toBe(false);
});

test('another’s signature counts only for whoever doesn’t know the hub’s key', async () => {
  const other = signerOf(newKey());
  const header = {
    ...(lines[0] as HeaderLine),
    key: { algorithm: 'Ed25519' as const, publicKey: other.key.publicKey },
  };
  const resigned = await signed(lines.with(0, header), other);
  expect(isGood(await check(resigned))).toBe(true);
  expect(isGood(await check(resigned, { key: hub.key.publicKey }))).toBe(false);
  expect(isGood(await check(await signed(lines, other)))).toBe(false);
});

test('no header, no lines at all', async () => {
  expect((await check(await signed(lines.slice(1)))).fault).toMatchObject({
    line: 1,
    reason: 'the first line is no header',
  });
  expect(isGood(await check(Buffer.alloc(0)))).toBe(false);
});

test('a head of another log is missed', async () => {
  const far = heads[0]!.hash;
  expect(await check(bundle, { heads: [far] })).toMatchObject({ fault: null, headsMissed: [] });
  const elsewhere = 'f'.repeat(64);
  const verdict = await check(bundle, { heads: [heads.at(-1)!.hash, elsewhere] });
  expect(verdict.headsMissed).toEqual([elsewhere]);
  expect(isGood(verdict)).toBe(false);
});

test('events of a log that gives no proofs are signed, and nothing more', async () => {
  const event: ProofLine = {
    kind: 'event',
    position: '7/7',
    id: 'a',
    stream: 's',
    revision: 0,
    type: 't',
    data: '{}',
    meta: '{}',
  };
  const items = [itemOf({ events: ['7/7'], numerator: 0.3, denominator: 0.4 })];
  const verdict = await check(await signed([headerOf({}), ...items, event]));
  expect(isGood(verdict)).toBe(true);
  expect(verdict.header?.proof).toBe('none');
  expect(isGood(await check(await signed([headerOf({}), ...items, event]), { heads: [heads[0]!.hash] }))).toBe(false);
});
