import fc from 'fast-check';
import { checksumOf, leafHash } from '../chain.ts';
import { eventsOfRows } from './copied-rows.ts';
import { awkwardName, awkwardText, rowsAndLeavesOf, storedEventOf } from './stored-event-for-tests.ts';

const jsonText = awkwardText.map((said) => JSON.stringify(said));

test('what is written with COPY is read again as it was', () => {
  fc.assert(
    fc.property(fc.array(storedEventOf(awkwardName, jsonText), { maxLength: 5 }), (events) => {
      expect(eventsOfRows(rowsAndLeavesOf(events).rows)).toEqual(events);
    }),
  );
});

test('a row is made of what its leaf and its checksum cover', () => {
  fc.assert(
    fc.property(fc.array(storedEventOf(awkwardName, jsonText), { maxLength: 5 }), (events) => {
      const { rows, leaves } = rowsAndLeavesOf(events, '2026-11');
      const ends = rows
        .toString()
        .split('\n')
        .slice(0, -1)
        .map((row) => row.split('\t').slice(-2));
      expect(leaves).toEqual(events.map(leafHash));
      expect(ends).toEqual(events.map((event) => [String(checksumOf(event)), '2026-11-01']));
    }),
  );
});
