import { systemClock } from '../../services/runtime/clock.ts';
import { type Answer, startTestHub, type TestHub, until } from '../running-hub.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

interface Rated {
  at: string;
  knownAt?: string;
  position: string | null;
  criteria: { id: string; value: number | null }[];
}
const dayMs = 86_400_000;
const iso = (ms: number): string => new Date(ms).toISOString();
const portsPerBike = ({ criteria }: Rated): number | null => criteria.find(({ id }) => id === 'CHG-3')!.value;
const problemOf = ({ status, body }: Answer): unknown => {
  const { code, errors = [] } = body as { code: string; errors?: { field: string }[] };
  return [status, code, ...errors.map(({ field }) => field)];
};
const rated = (query: Record<string, string>): Promise<Rated> =>
  hub.get<Rated>(`/api/compounds/garden/rating?${new URLSearchParams(query)}`);

test('a register corrected backwards changes past ratings, and what was known before stays to be seen', async () => {
  const figures = { eBikes: 200 };
  const garden = { id: 'garden', name: '花园', profile: 'retrofit', households: 10, figures };
  await hub.call('POST', '/api/compounds', { body: garden });
  await hub.call('POST', '/api/devices', {
    body: { id: 'gate-1', compound: 'garden', kind: 'access-gate', name: '北门' },
  });
  await until('the tables to know the compound', async () => (await rated({})).position !== null);
  const [before] = (await hub.get<{ items: { meta: { receivedAt: string } }[] }>('/api/events?stream=compound-garden'))
    .items;
  const knownAt = before!.meta.receivedAt;
  await until('the clock to go on', async () => systemClock.now() > Date.parse(knownAt) + 1);

  const effectiveFrom = iso(systemClock.now() - 5 * dayMs);
  const corrected = { figures: { eBikes: 200, eBikePorts: 100 } };
  const path = `/api/compounds/garden?${new URLSearchParams({ effectiveFrom })}`;
  expect((await hub.call('PATCH', path, { body: corrected })).status).toBe(200);
  const at = iso(systemClock.now() - 4 * dayMs);
  await until('the correction', async () => portsPerBike(await rated({ at })) === 0.5);
  expect(portsPerBike(await rated({ at: iso(systemClock.now() - 6 * dayMs) }))).toBeNull();
  const then = await rated({ at, 'known-at': knownAt });
  expect(portsPerBike(then)).toBeNull();
  expect(then).toMatchObject({ at, knownAt });
  // A day stands for its end in the compound's own calendar.
  expect((await rated({ at: '2026-03-01' })).at).toBe('2026-03-01T16:00:00.000Z');
});

test('what can’t be is refused by the name of its field', async () => {
  const tomorrow = new URLSearchParams({ effectiveFrom: iso(systemClock.now() + dayMs) });
  for (const [method, path] of [
    ['PATCH', `/api/compounds/garden?${tomorrow}`],
    ['PATCH', `/api/devices/gate-1?${tomorrow}`],
    ['DELETE', `/api/devices/gate-1?${tomorrow}`],
  ] as const) {
    const body = method === 'PATCH' ? { name: 'x' } : undefined;
    expect(problemOf(await hub.call(method, path, body === undefined ? {} : { body }))).toEqual([
      ...[422, 'registry.effective-date', 'effectiveFrom'],
    ]);
  }
  const inAnHour = iso(systemClock.now() + dayMs / 24);
  for (const at of ['0001-01-01', '9999-12-31', '1999-12-31T00:00:00Z', inAnHour]) {
    expect(problemOf(await hub.call('GET', `/api/compounds/garden/rating?at=${at}`))).toEqual([422, 'rating.at', 'at']);
  }
  const known = (ms: number) => hub.call('GET', `/api/compounds/garden/rating?known-at=${iso(ms)}`);
  expect(problemOf(await known(systemClock.now() + dayMs))).toEqual([422, 'rating.known-at', 'known-at']);
  expect(problemOf(await known(systemClock.now() - dayMs))).toEqual([422, 'rating.known-at', 'known-at']);
});
