import { type Answer, startTestHub, type TestHub, until } from '../running-hub.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
  for (const id of ['harbour-view', 'elsewhere']) {
    const body = { id, name: id, profile: 'retrofit', households: 3 };
    await hub.call('POST', '/api/compounds', { body });
  }
});
afterAll(() => hub.stop());

interface Records {
  items: { id: string | null; at: string; data: Record<string, unknown>; completed: { data: object } | null }[];
  next: string | null;
}
const records = (kind: string, more = '') =>
  hub.get<Records>(`/api/compounds/harbour-view/records?kind=${kind}${more}`);
const put = async (path: string, body: object) => {
  const answer = await hub.call('POST', `/api/compounds/harbour-view/${path}`, { body });
  expect([path, answer.status]).toEqual([path, answer.status < 300 ? answer.status : 'taken']);
  return answer.body as { id: string };
};
const codeOf = ({ status, body }: Answer): unknown => [status, (body as { code: string }).code];

test('what is on record is listed, newest first and page by page, with its words and its end', async () => {
  const at = (day: number) => `2026-01-0${day}T08:00:00.000Z`;
  for (const day of [1, 2, 3]) {
    await put('whistles', { department: `office ${day}`, subject: 'e-bikes', dueAt: at(9), at: at(day) });
  }
  await until('three whistles', async () => (await records('whistle')).items.length === 3);
  const first = await records('whistle', '&limit=2');
  expect(first.items.map(({ data }) => data.department)).toEqual(['office 3', 'office 2']);
  const rest = await records('whistle', `&limit=2&cursor=${first.next}`);
  expect(rest).toMatchObject({ items: [{ data: { department: 'office 1', subject: 'e-bikes' } }], next: null });
  expect(rest.items[0]!.completed).toBeNull();
  await put(`whistles/${rest.items[0]!.id}/answered`, { answer: 'on our way' });
  expect((await records('whistle')).items.at(-1)!.completed).toMatchObject({ data: { answer: 'on our way' } });
  expect((await hub.get<Records>('/api/compounds/elsewhere/records?kind=whistle')).items).toEqual([]);
});

test('what is said once has no id to complete', async () => {
  await put('platform-reports', { at: '2026-01-05T08:00:00.000Z' });
  await until('the report', async () => (await records('platform-report')).items.length === 1);
  expect(await records('platform-report')).toEqual({
    items: [{ id: null, at: '2026-01-05T08:00:00.000Z', data: {}, completed: null }],
    next: null,
  });
});

test.each(['nonsense', Buffer.from('["x",1,2]').toString('base64url')])('the cursor %s is refused', async (cursor) => {
  const path = `/api/compounds/harbour-view/records?kind=whistle&cursor=${cursor}`;
  expect(codeOf(await hub.call('GET', path))).toEqual([400, 'input.invalid']);
});

describe('an order raised by hand', () => {
  const raise = (more: object) =>
    hub.call('POST', '/api/work-orders', {
      body: { compound: 'harbour-view', title: { zh: '补装摄像机', en: 'Add a camera' }, ...more },
    });
  test('has the deadlines of its service level', async () => {
    const { status, body } = await raise({ serviceLevel: 'urgent-repair', text: 'north fire lane' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ state: 'raised', priority: 'P1', device: null, text: 'north fire lane' });
    const { raisedAt, deadlines } = body as { raisedAt: string; deadlines: { onSite: string } };
    expect(Date.parse(deadlines.onSite) - Date.parse(raisedAt)).toBe(30 * 60_000);
  });
  test('twice is two orders', async () => {
    const ids = await Promise.all([raise({}), raise({})]);
    expect(new Set(ids.map(({ body }) => (body as { id: string }).id)).size).toBe(2);
  });
  test.each([
    [{ compound: 'nowhere' }, [404, 'compound.unknown']],
    [{ device: 'nobody' }, [422, 'work-order.not-fitting']],
    [{ serviceLevel: 'whenever' }, [422, 'work-order.not-fitting']],
    [{ title: { zh: 'x' } }, [400, 'input.invalid']],
  ])('%j is refused', async (more, expected) => {
    expect(codeOf(await raise(more))).toEqual(expected);
  });
});
