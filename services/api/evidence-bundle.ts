import type { RecordedEvent } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { EventLine } from '../event-log/proof-lines.ts';
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
  /** Left out where the log gives no proofs. */
  sealed: SealedLog | undefined;
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
  /** Position of an older head that the bundle is to reach back to. */
  head: number | undefined;
}

const eventsPerPage = 500;
const intervalsMax = 1_000;

const notes = {
  merkle: {
    zh: '每个事件都可由哈希路径追溯到日志头。',
    en: 'every event leads by hashes to the head of the log.',
  },
  none: {
    zh: '此类事件日志不对单个事件给出证明；事件内容仅由签名担保。',
    en: 'this kind of event log gives no proofs of single events; the signature alone vouches for their words.',
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
  const found = new Map<string, RecordedEvent>();
  const items: ItemLine[] = [];
  for (const contribution of evidence.contributions) {
    const { events, complete } = await eventsOf(parts, contribution, { limit: limit - found.size, knownAtMs });
    for (const event of events) found.set(event.position, event);
    const positions = events.map(({ position }) => position);
    const item = itemOf(contribution, intervalsMax);
    items.push({ kind: 'item', ...item, events: positions, eventsComplete: complete });
  }
  return { items, events: [...found.values()] };
};

/** Where there is no proof: the words as they come back from the log. */
const plainLine = ({ position, id, stream, revision, type, data, meta }: RecordedEvent): EventLine => ({
  ...{ kind: 'event', position, id, stream, revision, type },
  ...{ data: JSON.stringify(data), meta: JSON.stringify(meta) },
});

async function* linesOf(parts: BundleParts, request: BundleRequest): AsyncGenerator<UnsignedLine> {
  const { evidence, compound, standard, knownAtMs } = request;
  const { items, events } = await collect(parts, request);
  // Read after the events, so that it covers them all.
  const { position, hash } = await parts.log.head();
  const head = parts.sealed === undefined || position === null ? null : { position: Number(position), hash };
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
  yield* items;
  if (parts.sealed === undefined || head === null) {
    for (const event of events) yield plainLine(event);
    return;
  }
  const positions = events.map((event) => Number(event.position));
  const held = request.head === undefined ? [] : [request.head];
  yield* proveEvents(parts.sealed, { head, positions, held });
}

/** The evidence of one criterion as a file that a stranger can check without a hub. */
export const evidenceBundle = (parts: BundleParts, request: BundleRequest): AsyncGenerator<string> =>
  signedBundle(linesOf(parts, request), parts.signer);
