import { expect, test } from '@jest/globals';
import { exampleMessage, parseExamples } from './example-file.ts';

test('reads an entry with its defaults', () => {
  const [entry] = parseExamples(
    '[{ description: d, topic: a/b, payload: { n: 1 }, expect: { noOp: echo } }]',
    'x.yaml',
  );
  expect(exampleMessage(entry!)).toEqual({
    topic: 'a/b',
    payload: new TextEncoder().encode('{"n":1}'),
    retain: false,
    timeZone: 'Asia/Shanghai',
  });
});

test('text goes out as it stands, base64 as bytes', () => {
  const text = parseExamples('[{ description: d, topic: t, payload: online, expect: { noOp: x } }]', 'x.yaml')[0]!;
  expect(exampleMessage(text).payload).toEqual(new TextEncoder().encode('online'));
  const bytes = parseExamples('[{ description: d, topic: t, payloadBase64: AAE=, expect: { noOp: x } }]', 'x.yaml')[0]!;
  expect(exampleMessage(bytes).payload).toEqual(new Uint8Array([0, 1]));
});

test.each([
  ['{}', 'x.yaml: a list with at least one example'],
  ['[{ topic: t, payload: 1, expect: { noOp: x } }]', 'x.yaml, entry 1 without description: description'],
  ['[{ description: d, topic: t, payload: 1, expect: {} }]', 'x.yaml, entry 1 "d": expect: one of'],
  ['[{ description: d, topic: t, expect: { noOp: x } }]', 'give either payload or payloadBase64'],
  ['[{ description: d, topic: t, payload: 1, expect: { refused: bad-luck } }]', 'x.yaml, entry 1 "d": expect'],
  ['[{ description: d, topic: t, payload: 1, extra: 1, expect: { noOp: x } }]', 'x.yaml, entry 1 "d"'],
])('%s is refused', (yaml, message) => {
  expect(() => parseExamples(yaml, 'x.yaml')).toThrow(message);
});
