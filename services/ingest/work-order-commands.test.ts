import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { eventOf } from '../event-log/decider.ts';
import { workOrderStream } from '../event-log/event.ts';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import type { MqttPrincipal } from './mqtt/application.ts';
import { createTopicCommands } from './work-order-commands.ts';

const now = '2026-03-01T08:00:00.000Z';
const operator: MqttPrincipal = { kind: 'user', id: 'property', role: 'operator' };

const setUp = async () => {
  const log = createMemoryEventLog();
  const raised = {
    type: 'work-order.raised',
    data: {
      ...{ compound: 'garden', code: 'by-hand', lasting: false, title: { zh: '报修', en: 'Repair' } },
      ...{ serviceLevel: 'general-repair', priority: 'P2', raisedAt: now, late: false },
      deadlines: { acknowledge: null, onSite: null, resolve: null },
    },
  };
  const event = eventOf(randomUUID(), raised, { occurredAt: now, compound: 'garden' });
  await log.append([{ stream: workOrderStream('1'), expectedRevision: 'no-stream', events: [event] }]);
  const told: { topic: string; answer: Record<string, unknown> }[] = [];
  const command = createTopicCommands({
    log,
    clock: { now: () => Date.parse(now) + 60_000 },
    duty: { onDuty: () => 'zhao', nextInTurn: async () => undefined },
    deliver: (topic, payload) => void told.push({ topic, answer: JSON.parse(payload) }),
  });
  const say = (payload: unknown, { as = operator, compound = 'garden' } = {}) =>
    command(as, compound, {
      payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
    });
  const types = async () => (await log.readStream(workOrderStream('1'))).map(({ type }) => type.split('.')[1]);
  return { log, say, told, types };
};

test('a command is carried out as over HTTP, and answered on its topic', async () => {
  const { log, say, told, types } = await setUp();
  expect(await say({ id: 'c1', order: '1', command: 'dispatch' })).toMatchObject({ outcome: 'recorded' });
  expect(await types()).toEqual(['raised', 'acknowledged', 'dispatched']);
  const newest = (await log.readStream(workOrderStream('1'))).at(-1)!;
  expect(newest).toMatchObject({ data: { assignee: 'zhao' }, meta: { actor: 'user:property', sourceId: 'c1' } });
  expect(told).toEqual([
    {
      topic: 'xy/v1/garden/work-orders/commands/answers',
      answer: { id: 'c1', order: '1', outcome: 'done', state: 'dispatched' },
    },
  ]);
});

test('a command that comes again is answered as the first time, though the order has moved on', async () => {
  const { say, told, types } = await setUp();
  const note = { id: 'n1', order: '1', command: 'note', data: { text: 'the key is at the gate' } };
  await say(note);
  await say({ id: 'c1', order: '1', command: 'cancel', data: { reason: 'by mistake' } });
  expect(await say({ id: 'c1', order: '1', command: 'cancel', data: { reason: 'by mistake' } })).toMatchObject({
    duplicate: true,
  });
  await say(note);
  expect(await types()).toEqual(['raised', 'noted', 'cancelled']);
  expect(told.map(({ answer }) => [answer.id, answer.outcome, answer.repeat])).toEqual([
    ['n1', 'done', undefined],
    ['c1', 'done', undefined],
    ['c1', 'done', true],
    ['n1', 'done', true],
  ]);
});

test('the same command many times at once happens once', async () => {
  const { say, told, types } = await setUp();
  await Promise.all(
    Array.from({ length: 4 }, () => say({ id: 'n1', order: '1', command: 'cancel', data: { reason: 'by mistake' } })),
  );
  expect(await types()).toEqual(['raised', 'cancelled']);
  expect(told.map(({ answer }) => answer.outcome)).toEqual(['done', 'done', 'done', 'done']);
});

test('an id counts for its own sender alone', async () => {
  const { say, types } = await setUp();
  const note = { id: 'n1', order: '1', command: 'note', data: { text: 'seen' } };
  await say(note);
  await say(note, { as: { ...operator, id: 'other' } });
  expect(await types()).toEqual(['raised', 'noted', 'noted']);
});

test.each<[string, unknown, object, { code: string; reasonCode: number }]>([
  [
    'by a viewer',
    { id: 'c', order: '1', command: 'acknowledge' },
    { as: { ...operator, role: 'viewer' } },
    { code: 'login.role-too-low', reasonCode: 0x87 },
  ],
  [
    'by a device',
    { id: 'c', order: '1', command: 'acknowledge' },
    { as: { kind: 'device', id: 'gate-1' } },
    { code: 'login.role-too-low', reasonCode: 0x87 },
  ],
  ['that is no JSON', '{', {}, { code: 'input.broken-json', reasonCode: 0x99 }],
  ['without an id', { order: '1', command: 'acknowledge' }, {}, { code: 'input.invalid', reasonCode: 0x99 }],
  ['that nobody knows', { id: 'c', order: '1', command: 'explode' }, {}, { code: 'input.invalid', reasonCode: 0x99 }],
  [
    'with other data than it takes',
    { id: 'c', order: '1', command: 'cancel', data: {} },
    {},
    { code: 'input.invalid', reasonCode: 0x99 },
  ],
  ['that is too long', `{"id":"${'x'.repeat(70_000)}"}`, {}, { code: 'input.too-large', reasonCode: 0x99 }],
  [
    'of no order',
    { id: 'c', order: '2', command: 'acknowledge' },
    {},
    { code: 'work-order.unknown', reasonCode: 0x83 },
  ],
  [
    'on another compound’s topic',
    { id: 'c', order: '1', command: 'acknowledge' },
    { compound: 'harbour' },
    { code: 'work-order.unknown', reasonCode: 0x83 },
  ],
  [
    'in a wrong state',
    { id: 'c', order: '1', command: 'reopen', data: { reason: 'still broken' } },
    {},
    { code: 'work-order.wrong-state', reasonCode: 0x83 },
  ],
])('refused: one %s', async (_, payload, options, expected) => {
  const { say, types } = await setUp();
  expect(await say(payload, options)).toMatchObject({ outcome: 'refused', ...expected });
  expect(await types()).toEqual(['raised']);
});

test('a log that fails is no answer: the sender is left without, and says it again', async () => {
  const { log, say, told } = await setUp();
  const { append } = log;
  log.append = () => Promise.reject(new Error('disk full'));
  await expect(say({ id: 'c', order: '1', command: 'acknowledge' })).rejects.toThrow('disk full');
  expect(told).toEqual([]);
  log.append = append;
  expect(await say({ id: 'c', order: '1', command: 'acknowledge' })).toMatchObject({ outcome: 'recorded' });
});

test('whatever is said, it is answered and never thrown', async () => {
  const { say } = await setUp();
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.object().map((value) => JSON.stringify(value)),
      ),
      async (text) => {
        expect((await say(text)).outcome).toBe('refused');
      },
    ),
    { numRuns: 50 },
  );
});
