import type { Position, RecordedEvent } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { proveEvents, type SealedLog } from '../event-log/prove-events.ts';
import { bundleFormat, type HeaderLine, type ItemLine } from '../evidence/bundle-lines.ts';
import { signedBundle, type UnsignedLine } from '../evidence/write-bundle.ts';
import { type Evidence, itemOf } from '../projections/star-rating/evidence.ts';
import { eventsBeneath } from '../projections/star-rating/evidence-events.ts';
import type { Contribution } from '../projections/star-rating/measures/contribution.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import type { Signer } from '../runtime/signing-key.ts';
import type { Sql } from '../runtime/sql.ts';
import { shownEvent } from './shown-event.ts';

export interface BundleParts {
  sql: Sql;
  log: EventLog;
  sealed: SealedLog;
  signer: Signer;
  clock: Clock;
}

export interface BundleRequest {
  evidence: Evidence;
  compound: HeaderLine['compound'];
  standard: HeaderLine['standard'];
  knownAtMs: number | undefined;
  /** How many events at most; the worst contributions' come first. */
  limit: number;
  /** How many events older heads cover that the bundle is to reach back to. */
  held: readonly number[];
}

const eventsPerPage = 500;
const intervalsMax = 1_000;

const notes = {
  merkle: {
    zh: '每个事件都可由哈希路径追溯到日志头。',
    en: 'every event leads by hashes to the head of the log.',
  },
  none: {
    zh: '事件日志为空，无可证明。',
    en: 'the event log is empty, so there is nothing to prove.',
  },
};

/** The events beneath a contribution, as many as fit, and whether that is all of them. */
const eventsOf = async (
  { sql, log }: BundleParts,
  { beneath }: Contribution,
  { limit, knownAtMs }: { limit: number; knownAtMs: number | undefined },
): Promise<{ events: RecordedEvent[]; complete: boolean }> => {
  const found: RecordedEvent[] = [];
  let next: string | null | undefined;
  // One more than fits, to know whether there is one.
  while (next !== null && limit > 0 && found.length <= limit) {
    const page = await eventsBeneath({ sql, log }, beneath, {
      limit: Math.min(eventsPerPage, limit + 1 - found.length),
      cursor: next,
      ...(knownAtMs === undefined ? {} : { knownAtMs }),
    });
    next = page.next;
    found.push(...page.events);
  }
  // What nobody may see can't be shown word for word.
  const events = found.slice(0, limit).filter((event) => shownEvent(event) === event);
  return { events, complete: next === null && events.length === found.length };
};

const collect = async (parts: BundleParts, { evidence, limit, knownAtMs }: BundleRequest) => {
  const found = new Set<Position>();
  const items: ItemLine[] = [];
  for (const contribution of evidence.contributions) {
    const { events, complete } = await eventsOf(parts, contribution, { limit: limit - found.size, knownAtMs });
    const positions = events.map(({ position }) => position);
    for (const position of positions) found.add(position);
    const item = itemOf(contribution, intervalsMax);
    items.push({ kind: 'item', ...item, events: positions, eventsComplete: complete });
  }
  return { items, positions: [...found] };
};

/** Events by their numbers in the chain instead of their positions, and without those that can't be shown. */
const numberedItem = (item: ItemLine, numbers: ReadonlyMap<Position, number>): ItemLine => {
  const events = item.events.flatMap((position) => numbers.get(position)?.toString() ?? []);
  return { ...item, events, eventsComplete: item.eventsComplete && events.length === item.events.length };
};

async function* linesOf(parts: BundleParts, request: BundleRequest): AsyncGenerator<UnsignedLine> {
  const { evidence, compound, standard, knownAtMs, held } = request;
  const { items, positions } = await collect(parts, request);
  // After the events, so that it covers them all.
  const head = await parts.sealed.head();
  const numbers = await parts.sealed.numbersOf(positions);
  const { value, numerator, denominator, explanation, criterion, window } = evidence;
  yield {
    ...{ kind: 'header', format: bundleFormat, createdAt: isoTime(parts.clock.now()), compound, standard },
    criterion: { id: criterion.id, title: criterion.title },
    at: isoTime(evidence.atMs),
    knownAt: knownAtMs === undefined ? null : isoTime(knownAtMs),
    window: { from: isoTime(window.fromMs), to: isoTime(window.toMs) },
    ...{ value, numerator, denominator, explanation, head },
    ...(head === null ? { proof: 'none', note: notes.none } : { proof: 'merkle', note: notes.merkle }),
    key: { algorithm: 'Ed25519', publicKey: parts.signer.key.publicKey },
  };
  for (const item of items) yield numberedItem(item, numbers);
  if (head === null) return;
  yield* proveEvents(parts.sealed, { head, positions: [...numbers.values()], held });
}

/** The evidence of one criterion as a file that a stranger can check without a hub. */
export const evidenceBundle = (parts: BundleParts, request: BundleRequest): AsyncGenerator<string> =>
  signedBundle(linesOf(parts, request), parts.signer);
