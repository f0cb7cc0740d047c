import fc from 'fast-check';
import type { Draft } from '../stored-event.ts';
import { createDraftBytes, draftsOf, type EventBytes } from './draft-bytes.ts';
import { awkwardName, awkwardText } from './stored-event-for-tests.ts';

const jsonText = awkwardText.map((said) => JSON.stringify(said));
const event = fc.record({ id: fc.uuid(), type: awkwardName, data: jsonText, meta: jsonText });
const entry = fc.record({
  stream: awkwardName,
  expectedRevision: fc.oneof(fc.constantFrom('any' as const, 'no-stream' as const), fc.nat()),
  events: fc.array(event, { maxLength: 3 }),
});
const draft = fc
  .array(entry, { minLength: 1, maxLength: 3 })
  .map((entries): Draft => ({ entries, count: entries.flatMap(({ events }) => events).length, size: 0 }))
  .filter(({ count }) => count > 0);

const textsOf = ({ id, type, texts, start, end, typeBytes, dataBytes }: EventBytes) => {
  const [nothing, typeText, data, meta] = texts.toString('utf8', start, end).split('\0');
  expect([nothing, typeText]).toEqual(['', type]);
  expect([typeBytes, dataBytes]).toEqual([Buffer.byteLength(type), Buffer.byteLength(data!)]);
  return { id, type, data, meta };
};

test('appends come out of their bytes as they went in', () => {
  fc.assert(
    fc.property(fc.array(draft, { maxLength: 4 }), (drafts) => {
      const bytes = createDraftBytes();
      for (const each of drafts) bytes.add(each);
      const again = draftsOf(bytes.take()).map(({ entries, count }) => ({
        entries: entries.map((each) => ({ ...each, events: each.events.map(textsOf) })),
        count,
      }));
      const saying = ({ entries, count }: Draft) => ({
        entries: entries.filter(({ events }) => events.length > 0),
        count,
      });
      expect(again).toEqual(drafts.map(saying));
      expect(draftsOf(bytes.take())).toEqual([]);
    }),
  );
});
