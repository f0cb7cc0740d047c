import fc from 'fast-check';
import { keptShelf } from '../retention.ts';
import type { StoredEvent } from '../stored-event.ts';
import { createDraftBytes, draftsOf } from './draft-bytes.ts';
import { sealedRows } from './sealed-rows.ts';

const pieces = ['a', '\\', 'n', 't', '门', '"', '{'];
/** Of what COPY must escape, and what looks like it. */
export const awkwardText = fc.string({ unit: fc.constantFrom(...pieces, '\n', '\r', '\t') });
export const awkwardName = fc.string({ unit: fc.constantFrom(...pieces) });

export const storedEventOf = (name: fc.Arbitrary<string>, text: fc.Arbitrary<string>): fc.Arbitrary<StoredEvent> =>
  fc.record({
    position: fc.integer({ min: 1, max: 2 ** 40 }),
    ...{ stream: name, revision: fc.nat(), id: fc.uuid(), type: name },
    ...{ data: text, meta: text },
  });

/** The rows as the writer makes them, and the hashes of the leaves. */
export const rowsAndLeavesOf = (events: readonly StoredEvent[], shelf = keptShelf) => {
  const bytes = createDraftBytes();
  for (const { stream, id, type, data, meta } of events) {
    const entry = { stream, expectedRevision: 'any' as const, events: [{ id, type, data, meta }] };
    bytes.add({ entries: [entry], count: 1, size: 0 });
  }
  const drafts = draftsOf(bytes.take());
  const planned = events.map(({ position, stream, revision }, nth) => {
    const event = drafts[nth]!.entries[0]!.events[0]!;
    return { position, stream, revision, event };
  });
  return sealedRows(
    planned,
    events.map(() => shelf),
  );
};
