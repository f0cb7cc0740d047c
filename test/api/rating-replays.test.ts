import { systemClock } from '../../services/runtime/clock.ts';
import { startTestHub, type TestHub, until } from '../running-hub.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
  for (const [id, profile, district] of [
    ['garden', 'retrofit', '环翠区'],
    ['tower', 'new', '文登区'],
  ]) {
    await hub.call('POST', '/api/compounds', { body: { id, name: `${id} 小区`, profile, district, households: 10 } });
  }
});
afterAll(async () => {
  await hub?.stop();
});

interface Replay {
  state: string;
  progress: { done: number; total: number };
  summary: object | null;
}
const standards = () => hub.get<{ items: { name: string }[] }>('/api/standards');
const dayBefore = (days: number): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(systemClock.now() - days * 86_400_000);
const ask = async (body: object) => hub.call('POST', '/api/rating-replays', { body });
const asked = async (body: object): Promise<string> => {
  const answer = await ask({
    standard: (await standards()).items[0]!.name,
    from: dayBefore(5),
    to: dayBefore(1),
    ...body,
  });
  expect(answer.status).toBe(202);
  return (answer.body as { id: string }).id;
};
const over = (id: string) =>
  until('the replay is over', async () => {
    const replay = await hub.get<Replay>(`/api/rating-replays/${id}`);
    return replay.state === 'queued' || replay.state === 'running' ? undefined : replay;
  });

test('a replay is asked for, done, listed, and appends no rating', async () => {
  const id = await asked({ compounds: ['garden'] });
  expect(await over(id)).toMatchObject({ state: 'done', progress: { done: 1, total: 1 }, requestedBy: 'user:admin' });
  expect(await hub.get(`/api/rating-replays/${id}/changes`)).toEqual({ items: [], next: null });
  const all = await over(await asked({}));
  expect(all.progress).toEqual({ done: 2, total: 2 });
  const listed = await until('both are in the list', async () => {
    const { items } = await hub.get<{ items: Replay[] }>('/api/rating-replays');
    return items.filter(({ state }) => state === 'done').length === 2 && items;
  });
  expect(listed[0]!.progress.total).toBe(2);
  const { items: events } = await hub.get<{ items: { type: string }[] }>(`/api/events?stream=rating-replay-${id}`);
  expect(events.map(({ type }) => type)).toEqual(['rating-replay.requested', 'rating-replay.finished']);
});

test('after a restart a replay that waited is done', async () => {
  const id = await asked({});
  await hub.restart();
  expect((await over(id)).state).toBe('done');
});

test('a replay that is over can’t be cancelled, one that nobody asked for isn’t there', async () => {
  const id = await asked({});
  await over(id);
  const code = async (method: string, path: string) => {
    const { status, body } = await hub.call(method, path);
    return [status, (body as { code: string }).code];
  };
  expect(await code('POST', `/api/rating-replays/${id}/cancel`)).toEqual([409, 'rating-replay.over']);
  const nobodys = '/api/rating-replays/00000000-0000-4000-8000-000000000000';
  expect(await code('GET', nobodys)).toEqual([404, 'rating-replay.unknown']);
  expect(await code('GET', `${nobodys}/changes`)).toEqual([404, 'rating-replay.unknown']);
  expect(await code('POST', `${nobodys}/cancel`)).toEqual([404, 'rating-replay.unknown']);
});

test.each([
  [{ standard: 'gone@1' }, 404, 'standard'],
  [{ to: '2999-01-01' }, 422, 'from'],
  [{ from: '2020-01-01', to: '2019-12-31' }, 422, 'from'],
  [{ to: dayBefore(-1) }, 422, 'to'],
  [{ from: 'yesterday' }, 400, 'from'],
  [{ compounds: ['nowhere'] }, 404, 'compound'],
  [{ compounds: [] }, 400, 'compounds'],
])('%j is refused and names the field', async (body, status, field) => {
  const answer = await ask({
    ...{ standard: (await standards()).items[0]!.name, from: dayBefore(5), to: dayBefore(1) },
    ...body,
  });
  expect([answer.status, (answer.body as { errors: { field: string }[] }).errors[0]?.field]).toEqual([status, field]);
});

test('the programme of the year tells districts, and who isn’t connected', async () => {
  const year = Number(dayBefore(0).slice(0, 4));
  interface Shown {
    total: { notConnected: number };
    districts: { district: string }[];
    compounds: { stars: number | null }[];
  }
  const shown = await until('both compounds are there, rated', async () => {
    const programme = await hub.get<Shown>('/api/programme');
    return programme.compounds.length === 2 && programme.compounds.every(({ stars }) => stars !== null) && programme;
  });
  expect(shown).toMatchObject({ year, target: 100, forecast: 0, total: { notConnected: 2, counted: 0, holding: 0 } });
  expect(shown.districts.map(({ district }) => district)).toEqual(['环翠区', '文登区']);
  expect((await hub.call('GET', '/api/programme?year=1')).status).toBe(400);
});

test('the outlook of a compound without stars is calm', async () => {
  const outlook = await hub.get('/api/compounds/garden/rating/outlook');
  expect(outlook).toMatchObject({ compound: 'garden', stars: 0, targetStars: 3, atRisk: false, criteria: [] });
  expect((await hub.call('GET', '/api/compounds/nowhere/rating/outlook')).status).toBe(404);
});
