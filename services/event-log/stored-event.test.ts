import fc from 'fast-check';
import { draftOf } from './stored-event.ts';

const draft = (data: unknown, stream = 'device-1', type = 'gate.passed') => {
  const meta = { schemaVersion: 1, occurredAt: 'x', receivedAt: 'x', clock: 'trusted' as const };
  const event = { id: '00000000-0000-8000-8000-000000000000', type, data, meta };
  return draftOf([{ stream, expectedRevision: 'any', events: [event] }]);
};
const stored = (data: unknown): unknown => JSON.parse(draft(data).entries[0]!.events[0]!.data);

test.each(['a\0', 'a\tb', 'a\nb', 'a\rb', '\ud800'])('no stream and no type is called %j', (name) => {
  expect(() => draft(null, name)).toThrow("stream name can't be stored");
  expect(() => draft(null, 'device-1', name)).toThrow("event type can't be stored");
});

describe('text that no jsonb takes', () => {
  test.each([
    ['a NUL', 'a\0b\0\0', 'a\ufffdb\ufffd\ufffd'],
    ['half a surrogate pair', 'a\ud800b', 'a\ufffdb'],
    ['a whole pair', '😀', '😀'],
    ['what only looks like an escape', '\\u0000', '\\u0000'],
    ['a NUL after a backslash', '\\\0', '\\\ufffd'],
    ['other control characters', '\u0001\n', '\u0001\n'],
  ])('%s', (_, given, expected) => {
    expect(stored({ [given]: [given] })).toEqual({ [expected]: [expected] });
  });

  test('never gets through, and the rest is as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(stored({ text })).toEqual({ text: text.replace(/\0|\p{Surrogate}/gu, '\ufffd') });
      }),
    );
  });
});
