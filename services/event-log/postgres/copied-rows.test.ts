import fc from 'fast-check';
import { eventsOfRows } from './copied-rows.ts';
import { copyRows } from './copy-events.ts';
import { awkwardName, awkwardText, storedEventOf } from './stored-event-for-tests.ts';

const jsonText = awkwardText.map((said) => JSON.stringify(said));

test('what is written with COPY is read again as it was', () => {
  fc.assert(
    fc.property(fc.array(storedEventOf(awkwardName, jsonText), { maxLength: 5 }), (events) => {
      expect(eventsOfRows(copyRows(events))).toEqual(events);
    }),
  );
});
