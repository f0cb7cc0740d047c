import { createSseParser, type SseMessage } from './sse-parser.ts';

const parse = (...chunks: string[]): SseMessage[] => {
  const messages: SseMessage[] = [];
  const feed = createSseParser((message) => messages.push(message));
  for (const chunk of chunks) feed(chunk);
  return messages;
};

describe('server-sent events', () => {
  test('name, id and data', () => {
    expect(parse('event: gate.passed\nid: 17\ndata: {"a":1}\n\n')).toEqual([
      { event: 'gate.passed', id: '17', data: '{"a":1}' },
    ]);
  });
  test('cut anywhere, it is the same message', () => {
    const text = 'event: heartbeat\r\ndata: {"at":"x"}\r\n\r\nid: 2\r\ndata: b\r\n\r\n';
    const whole = parse(text);
    for (let at = 1; at < text.length; at += 1) expect(parse(text.slice(0, at), text.slice(at))).toEqual(whole);
    expect(whole).toHaveLength(2);
  });
  test('several data lines are joined, comments are skipped, no data is no message', () => {
    expect(parse(': hello\ndata: a\ndata:b\n\nevent: nothing\n\n')).toEqual([
      { event: 'message', id: null, data: 'a\nb' },
    ]);
  });
  test('an unfinished message waits', () => {
    expect(parse('data: a\n')).toEqual([]);
  });
});
