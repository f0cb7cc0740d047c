import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { createAuthority } from '../../test/mqtt/certificates.ts';
import {
  answers,
  type Behaviour,
  cuts,
  drips,
  floods,
  hangs,
  startTargetDouble,
  type TargetDouble,
  takesIt,
} from '../../test/outbound/target-double.ts';
import { createAddressPolicy } from './address-policy.ts';
import { createHttpSender } from './send-http.ts';
import { type Verdict, verdictOf, verdictOfFailure } from './verdict.ts';

const nowMs = Date.parse('2026-03-01T08:00:00.000Z');
const never = new AbortController().signal;
const local = createAddressPolicy(['127.0.0.0/8', '::1/128']);
let sender: ReturnType<typeof createHttpSender>;
let double: TargetDouble;

beforeEach(async () => {
  sender = createHttpSender(local, 1);
  double = await startTargetDouble();
});
afterEach(async () => {
  sender.close();
  await double.stop();
});

const tell = async (url = double.url): Promise<Verdict> => {
  const request = { method: 'POST' as const, url, headers: { 'content-type': 'application/json' }, body: '{"a":"门"}' };
  return sender.send(request, never).then(
    (answer) => verdictOf(answer, nowMs),
    (error: unknown) => verdictOfFailure(error),
  );
};

test.each<[string, Behaviour, Partial<Verdict> & { reason?: unknown; said?: unknown }]>([
  ['takes it', takesIt, { taken: true, said: 'answers 204' }],
  [
    'takes it with words',
    answers(200, {}, '  fine,\n thank you '),
    { taken: true, said: 'answers 200: fine, thank you' },
  ],
  ['takes it and talks for ever', drips(200), { taken: true }],
  ['takes it and floods', floods(202, 3_000_000), { taken: true }],
  ['fails', answers(500, {}, 'oops'), { fault: 'target', reason: 'answers 500: oops' }],
  ['fails and floods', floods(500, 3_000_000), { fault: 'target' }],
  ['hangs', hangs, { fault: 'target', reason: 'timed-out: no answer within 1 s' }],
  ['fails and talks for ever', drips(500), { fault: 'target' }],
  ['cuts', cuts, { fault: 'target', reason: expect.stringMatching(/^ECONNRESET/) }],
  ['has no time', answers(429, { 'retry-after': '90' }), { fault: 'target', notBeforeMs: nowMs + 90_000 }],
  [
    'has no time until',
    answers(503, { 'retry-after': 'Sun, 01 Mar 2026 08:05:00 GMT' }),
    { notBeforeMs: nowMs + 300_000 },
  ],
  ['asks for a year', answers(429, { 'retry-after': '31536000' }), { notBeforeMs: nowMs + 3_600_000 }],
  ['asks for nonsense', answers(429, { 'retry-after': 'soon' }), { fault: 'target', reason: 'answers 429' }],
  [
    'doesn’t want this one',
    answers(422, {}, 'no such order'),
    { fault: 'event', reason: 'answers 422: no such order' },
  ],
  ['doesn’t know us', answers(401), { fault: 'target' }],
  ['isn’t there', answers(404), { fault: 'target' }],
])('a target that %s', async (_, behaviour, expected) => {
  double.behave(behaviour);
  expect(await tell()).toMatchObject(expected);
  expect(double.calls).toHaveLength(1);
  expect(double.calls[0]!.body).toBe('{"a":"门"}');
});

test('a redirect is not followed, also not to where nobody may go', async () => {
  const elsewhere = await startTargetDouble();
  double.behave(answers(307, { location: elsewhere.url }));
  expect(await tell()).toMatchObject({
    fault: 'target',
    reason: expect.stringContaining('redirects are not followed'),
  });
  expect(elsewhere.calls).toEqual([]);
  await elsewhere.stop();
});

test('a target that refuses the connection', async () => {
  await double.stop();
  expect(await tell()).toMatchObject({ fault: 'target', reason: expect.stringMatching(/^ECONNREFUSED/) });
  double = await startTargetDouble();
});

test('a target whose name leads to a private address', async () => {
  const strict = createHttpSender(createAddressPolicy([]), 1);
  const sent = strict.send({ method: 'POST', url: double.url.replace('127.0.0.1', 'localhost'), headers: {} }, never);
  await expect(sent).rejects.toMatchObject({ code: 'address-refused' });
  const literal = strict.send({ method: 'POST', url: double.url, headers: {} }, never);
  await expect(literal).rejects.toMatchObject({ code: 'address-refused' });
  expect(double.calls).toEqual([]);
  strict.close();
});

test('a target with a certificate of nobody', async () => {
  const authority = createAuthority();
  const { key, cert } = authority.certificate('localhost');
  const server = createTlsServer({ key, cert }, (_, response) => void response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await tell(`https://127.0.0.1:${port}/`)).toMatchObject({
    fault: 'target',
    reason: expect.stringMatching(/CERT|SIGNED|SIGNATURE/),
  });
  server.close();
  authority.remove();
});

test('a target that speaks something else than HTTP, or TLS where http was said', async () => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('220 mail.example.org ESMTP\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await tell(`http://127.0.0.1:${port}/`)).toMatchObject({ fault: 'target' });
  expect(await tell(`https://127.0.0.1:${port}/`)).toMatchObject({ fault: 'target' });
  server.close();
});

test('a connection is used again, and one that was closed meanwhile says nothing against the target', async () => {
  expect(await tell()).toMatchObject({ taken: true });
  expect(await tell()).toMatchObject({ taken: true });
  expect(double.connections()).toBe(1);
  const { port } = double;
  await double.stop();
  double = await startTargetDouble(port);
  expect(await tell()).toMatchObject({ taken: true });
});

test('an answer that matters must come whole', async () => {
  const ask = () => sender.send({ method: 'GET', url: double.url, headers: {}, wholeAnswer: true }, never);
  double.behave(drips(200));
  await expect(ask()).rejects.toMatchObject({ code: 'timed-out' });
  sender.close();
  // These end by themselves, on a busy machine perhaps later than a second.
  sender = createHttpSender(local, 60);
  double.behave(answers(200, {}, 'x'.repeat(100_000)));
  expect((await ask()).text).toHaveLength(100_000);
  double.behave(floods(200, 5_000_000));
  await expect(ask()).rejects.toMatchObject({ code: 'answer-cut-off' });
  double.behave((response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half');
    setTimeout(() => response.socket?.destroy(), 20);
  });
  await expect(ask()).rejects.toMatchObject({ code: 'answer-cut-off' });
});

test('who stops the hub doesn’t wait for an answer', async () => {
  double.behave(hangs);
  const stopping = new AbortController();
  const sent = sender.send({ method: 'POST', url: double.url, headers: {} }, stopping.signal);
  setTimeout(() => stopping.abort(new Error('stopping')), 50);
  await expect(sent).rejects.toThrow('stopping');
});
