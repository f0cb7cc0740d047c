import fc from 'fast-check';
import type { StoredEvent } from '../stored-event.ts';
import { eventsOfRows } from './copied-rows.ts';
import { copyRows } from './copy-events.ts';

const name = fc.string({ unit: fc.constantFrom('a', '\\', 'n', 't', '门', '"', '{') });
const text = fc
  .string({ unit: fc.constantFrom('a', '\\', '\n', '\r', '\t', 'n', 't', '门', '"', '{') })
  .map((said) => JSON.stringify(said));
const event: fc.Arbitrary<StoredEvent> = fc.record({
  position: fc.integer({ min: 1, max: 2 ** 40 }),
  stream: name,
  revision: fc.nat(),
  id: fc.uuid(),
  type: name,
  data: text,
  meta: text,
});

test('what is written with COPY is read again as it was', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 5 }), (events) => {
      expect(eventsOfRows(copyRows(events))).toEqual(events);
    }),
  );
});
