import { systemClock } from '../../services/runtime/clock.ts';
import { startTestHub, type TestHub, until } from '../running-hub.ts';

interface Round {
  nextAt: string | null;
  occurrences: { day: string; order: string; done: boolean; missed: boolean }[];
}
let hub: TestHub;

beforeAll(async () => {
  hub = await startTestHub();
  const positions = [{ id: 'north', kind: 'public-area', name: '北区' }];
  const company = { id: 'anju', name: '安居物业' };
  const compound = { id: 'garden', name: '花园', profile: 'retrofit', households: 500, company, positions };
  await hub.call('POST', '/api/compounds', { body: compound });
}, 60_000);
afterAll(() => hub?.stop());

const title = { zh: '消防巡检', en: 'Fire round' };
/** It was due at midnight and may be done all day, so the hub starts it at once. */
const plan = () => ({
  ...{ compound: 'garden', kind: 'inspection', title, every: { count: 1, unit: 'day' } },
  stops: ['a', 'b'].map((id) => ({ id, position: 'north', title })),
  firstDay: new Date(systemClock.now() + 8 * 3_600_000).toISOString().slice(0, 10),
  ...{ at: '00:00', withinMinutes: 24 * 60 },
});
const month = new Date(systemClock.now() + 8 * 3_600_000).toISOString().slice(0, 7);

test('a round is started, walked and closed; its finding is an order of its own, and the figures count it', async () => {
  expect((await hub.call('POST', '/api/rounds/fire', { body: plan() })).status).toBe(200);
  const { day, order } = await until('started', async () => {
    const { occurrences } = await hub.get<Round>('/api/rounds/fire');
    return occurrences[0];
  });
  const stop = (id: string, body: object) =>
    hub.call('POST', `/api/rounds/fire/occurrences/${day}/stops/${id}`, { body });
  expect((await stop('a', { result: 'finding' })).status).toBe(422);
  expect((await stop('a', { result: 'finding', note: '消火栓漏水' })).status).toBe(200);
  await stop('a', { result: 'finding', note: '消火栓漏水' });
  const { occurrences } = (await stop('b', { result: 'ok' })).body as Round;
  expect(occurrences[0]).toMatchObject({ done: true, missed: false });
  const closed = await until('closed', async () => {
    const detail = await hub.get<{ state: string }>(`/api/work-orders/${order}`);
    return detail.state === 'closed' && detail;
  });
  expect(closed).toMatchObject({ outcome: 'repaired' });
  const found = await until('the finding', async () => {
    const { items } = await hub.get<{ items: { code: string; state: string }[] }>('/api/work-orders?state=all');
    return items.length === 2 && items.filter(({ code }) => code === 'round-finding');
  });
  expect(found).toEqual([expect.objectContaining({ state: 'raised' })]);
  interface OfCompany {
    figures: { closed: number; roundsDone: number };
  }
  const ofAnju = await until('counted', async () => {
    const { items } = await hub.get<{ items: OfCompany[] }>(`/api/companies/work-order-figures?month=${month}`);
    const [first] = items;
    return first !== undefined && first.figures.closed + first.figures.roundsDone >= 2 && first;
  });
  expect(ofAnju).toMatchObject({
    company: { id: 'anju' },
    figures: { raised: 2, closed: 1, roundsDue: 1, roundsDone: 1, roundsDonePercent: 100, complaintsPerThousand: 0 },
  });
  expect((await hub.get<{ items: Round[] }>('/api/rounds?compound=garden')).items).toHaveLength(1);
  const own = await hub.get<{ items: object[] }>(`/api/compounds/garden/work-order-figures?from=${month}&to=${month}`);
  expect(own.items).toHaveLength(1);
  expect((await hub.get<{ items: object[] }>(`/api/work-order-figures?month=${month}`)).items).toHaveLength(1);
});

test('what does not fit is refused', async () => {
  const stops = [{ id: 'roof', position: 'roof', title }];
  expect((await hub.call('POST', '/api/rounds/roof', { body: { ...plan(), stops } })).status).toBe(422);
  expect((await hub.call('GET', '/api/rounds/roof')).status).toBe(404);
});

test('a past month is assessed by the published formula, explained, and not twice', async () => {
  const effectiveFrom = new Date(systemClock.now() - 300 * 86_400_000).toISOString();
  const company = { id: 'heli', name: '和理物业' };
  const changed = await hub.call('PATCH', `/api/compounds/garden?effectiveFrom=${encodeURIComponent(effectiveFrom)}`, {
    body: { company, name: '花园', households: 500 },
  });
  expect(changed.status).toBe(200);
  const past = new Date(systemClock.now() - 100 * 86_400_000).toISOString().slice(0, 7);
  const assess = (when: string) => hub.call('POST', `/api/companies/heli/assessments/${when}`, { body: {} });
  const made = await until('counted', async () => {
    const answer = await assess(past);
    return answer.status === 200 && (answer.body as { items: { total: number | null; lines: object[] }[] });
  });
  // Nothing but complaints could be judged: no total, and so no consequence.
  expect(made.items[0]).toMatchObject({ month: past, total: null, listed: false, compounds: ['garden'] });
  expect(made.items[0]!.lines).toHaveLength(8);
  expect((await assess(past)).body).toEqual({ items: [], next: null });
  expect((await assess(month)).status).toBe(422);
  await until(
    'listed',
    async () => (await hub.get<{ items: object[] }>('/api/assessments?company=heli')).items.length === 1,
  );
  expect(await hub.get('/api/negative-list')).toEqual({ items: [], next: null });
  expect((await hub.get<{ items: object[] }>('/api/assessment-formulas')).items).toHaveLength(1);
});
