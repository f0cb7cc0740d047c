import fc from 'fast-check';
import type { StoredEvent } from '../stored-event.ts';

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
