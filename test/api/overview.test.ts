import { startTestHub, type TestHub, until } from '../running-hub.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub?.stop());

interface Item {
  id: string;
  devices: number;
  devicesDown: number;
  lastHeardAt: string | null;
  stars: number | null;
}
interface Page {
  items: Item[];
  next: string | null;
}
const ids = ({ items }: Page): string[] => items.map(({ id }) => id);

test('a city at a glance, and its compounds page by page', async () => {
  for (const id of ['garden', 'harbour', 'terrace']) {
    await hub.call('POST', '/api/compounds', { body: { id, name: id, profile: 'retrofit', households: 10 } });
  }
  const { body } = await hub.call('POST', '/api/devices', {
    body: { id: 'gate-1', compound: 'harbour', kind: 'access-gate', name: 'North gate' },
  });
  const { credential } = body as { credential: { username: string; password: string } };
  await hub.call('POST', '/api/devices', {
    body: { id: 'gate-2', compound: 'harbour', kind: 'access-gate', name: 'South gate' },
  });

  const all = await hub.get<Page>('/api/compounds');
  expect(all.next).toBeNull();
  const first = await hub.get<Page>('/api/compounds?limit=2');
  expect(first.next).toBe(ids(first).at(-1));
  const second = await hub.get<Page>(`/api/compounds?limit=2&cursor=${first.next}`);
  expect(second.next).toBeNull();
  expect([...ids(first), ...ids(second)]).toEqual(ids(all));
  expect((await hub.get<Page>('/api/compounds?limit=3')).next).toBeNull();
  expect(await hub.call('GET', '/api/compounds?cursor=nowhere')).toMatchObject({
    status: 400,
    body: { code: 'input.invalid', detail: expect.stringMatching(/^cursor: .*`next`/) },
  });

  const line = async () => (await hub.get<Page>('/api/overview')).items.find(({ id }) => id === 'harbour')!;
  expect(await line()).toMatchObject({ devices: 2, devicesDown: 0, lastHeardAt: null });
  const client = await hub.connect(credential);
  await until('the gate is heard', async () => (await line()).lastHeardAt);
  // Torn off: no goodbye was said.
  client.stream.destroy();
  client.end(true);
  await until('the gate is down', async () => (await line()).devicesDown === 1);
  expect(await hub.get<Item>('/api/compounds/harbour')).toMatchObject({ devices: 2, devicesDown: 1 });
  await until('it is rated', async () => (await line()).stars !== null);

  await hub.call('DELETE', '/api/devices/gate-1');
  await until('it is awaited no longer', async () => (await line()).devicesDown === 0);
  expect(await line()).toMatchObject({ devices: 1 });
});
