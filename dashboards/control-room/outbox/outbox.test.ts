import { ApiProblem } from '../api/client.ts';
import { createOutbox, type Waiting, type Wish } from './outbox.ts';

const command = (name: 'accept' | 'arrive' | 'resolve'): Wish => ({ kind: 'command', name, body: {} });
const away = new ApiProblem({ code: 'network.unreachable', status: 0, detail: '' });
const refusal = new ApiProblem({ code: 'work-order.wrong-state', status: 409, detail: '' });

/** A telephone's storage, and a hub that answers as the case wants. */
function phone(answers: (waiting: Waiting) => unknown = () => undefined) {
  const stored = new Map<string, string>();
  const store = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  };
  const sent: string[] = [];
  const send = async (waiting: Waiting) => {
    const answer = answers(waiting);
    if (answer instanceof Error) throw answer;
    sent.push(`${waiting.order} ${waiting.wish.kind === 'command' ? waiting.wish.name : 'photo'}`);
  };
  const open = () => createOutbox(store, 'outbox', send, () => undefined);
  return { sent, open, store };
}

test('what was done without a connection goes out in its order once there is one, over a restart of the page', async () => {
  let isOnline = false;
  const { sent, open } = phone(() => (isOnline ? undefined : away));
  const before = open();
  before.add('wo-1', command('accept'), 1);
  before.add('wo-2', command('accept'), 2);
  before.add('wo-1', command('arrive'), 3);
  await before.flush();
  expect(sent).toEqual([]);
  isOnline = true;
  const after = open();
  expect(after.waiting()).toHaveLength(3);
  await after.flush();
  expect(sent).toEqual(['wo-1 accept', 'wo-2 accept', 'wo-1 arrive']);
  expect(after.waiting()).toEqual([]);
  expect(open().waiting()).toEqual([]);
});

test('what the hub refuses stays in sight with its reason and keeps nothing else back', async () => {
  const { sent, open } = phone(({ order }) => (order === 'wo-1' ? refusal : undefined));
  const outbox = open();
  outbox.add('wo-1', command('arrive'), 1);
  outbox.add('wo-2', command('arrive'), 2);
  await outbox.flush();
  expect(sent).toEqual(['wo-2 arrive']);
  expect(outbox.waiting()).toMatchObject([{ order: 'wo-1', refused: 'work-order.wrong-state' }]);
  outbox.dismiss(outbox.waiting()[0]!.id);
  expect(outbox.waiting()).toEqual([]);
});

test('two flushes at once send everything once', async () => {
  const { sent, open } = phone();
  const outbox = open();
  outbox.add('wo-1', command('accept'), 1);
  await Promise.all([outbox.flush(), outbox.flush()]);
  expect(sent).toEqual(['wo-1 accept']);
});

test('a hub that is restarting or a session that ended is no refusal', async () => {
  for (const status of [401, 500, 503]) {
    const { open } = phone(() => new ApiProblem({ code: 'x', status, detail: '' }));
    const outbox = open();
    outbox.add('wo-1', command('accept'), 1);
    await outbox.flush();
    expect([status, outbox.waiting()]).toEqual([status, [expect.objectContaining({ refused: null })]]);
  }
});

test('broken storage is an empty outbox, and a full one keeps what it has for this visit', () => {
  const { store, open } = phone();
  store.setItem('outbox', '{broken');
  expect(open().waiting()).toEqual([]);
  const full = {
    getItem: () => null,
    setItem: () => {
      throw new Error('QuotaExceededError');
    },
  };
  const outbox = createOutbox(
    full,
    'outbox',
    async () => undefined,
    () => undefined,
  );
  outbox.add('wo-1', command('accept'), 1);
  expect(outbox.waiting()).toHaveLength(1);
});
