import type { MqttClient } from 'mqtt';
import { startTestHub, type TestHub, until } from '../running-hub.ts';

interface Item {
  subject: { kind: string; id: string; name: string };
  counted: boolean;
  numerator: number | null;
  denominator: number | null;
  text: { zh: string; en: string };
  intervals: { from: string; to: string; state: string }[];
}
interface Evidence {
  at: string;
  knownAt: string | null;
  value: number | null;
  numerator: number | null;
  denominator: number | null;
  explanation: { zh: string; en: string };
  items: Item[];
  next: string | null;
}
interface BeneathEvent {
  type: string;
  stream: string;
  occurredAt: string;
  late: boolean;
  data: Record<string, unknown>;
  deadLetter?: string;
}
interface Events {
  items: BeneathEvent[];
  next: string | null;
  record: { zh: string; en: string };
}

let hub: TestHub;
const clients: MqttClient[] = [];
const compound = {
  id: 'harbour-view',
  name: '海景苑',
  profile: 'retrofit',
  households: 300,
  positions: [
    { id: 'lane-1', kind: 'fire-lane', name: '消防通道 1' },
    { id: 'lane-2', kind: 'fire-lane', name: '消防通道 2' },
  ],
};

const device = async (given: Record<string, unknown>): Promise<MqttClient> => {
  const { body } = await hub.call('POST', '/api/devices', { body: { compound: compound.id, ...given } });
  const client = await hub.connect((body as { credential: { username: string; password: string } }).credential);
  clients.push(client);
  return client;
};
const say = async (client: MqttClient, id: string, payload: unknown): Promise<void> => {
  await client
    .publishAsync(`xy/v1/${compound.id}/${id}/events`, JSON.stringify(payload), { qos: 1 })
    .catch(() => undefined);
};
const address = (criterion: string, rest = ''): string =>
  `/api/compounds/${compound.id}/rating/criteria/${criterion}/evidence${rest}`;
const evidence = (criterion: string, query = ''): Promise<Evidence> => hub.get(address(criterion, query));
const eventsOf = (criterion: string, subject: string, query = ''): Promise<Events> =>
  hub.get(address(criterion, `/events?subject=${encodeURIComponent(subject)}${query}`));
const record = async (path: string, body: object): Promise<string> =>
  ((await hub.call('POST', `/api/compounds/${compound.id}/${path}`, { body })).body as { id: string }).id;

const ago = (minutes: number): string =>
  new Date(performance.timeOrigin + performance.now() - minutes * 60_000).toISOString();
const hourAgo = ago(60);

beforeAll(async () => {
  hub = await startTestHub();
  await hub.call('POST', '/api/compounds', { body: compound });
  const first = await device({ id: 'cam-1', kind: 'camera', name: '=一号摄像机', position: 'lane-1' });
  await device({ id: 'cam-2', kind: 'camera', name: '二号摄像机' });
  for (const seq of [1, 2, 3]) await say(first, 'cam-1', { type: 'camera.picture-probed', seq, data: { ok: true } });
  // From before it was registered: it stands on record, whether it counts depends on the hour.
  await say(first, 'cam-1', { type: 'camera.picture-probed', time: ago(2), data: { ok: false } });
  await say(first, 'cam-1', { type: 'camera.retention-reported', data: { retainedDays: 12 } });
  await say(first, 'cam-1', { type: 'camera.picture-probed', data: { ok: 'perhaps' } });
  const meeting = await record('meetings', { plannedFor: hourAgo, at: hourAgo });
  await hub.call('POST', `/api/compounds/${compound.id}/meetings/${meeting}/held`, { body: { at: hourAgo } });
  await record('whistles', { department: '城管', subject: '占道', dueAt: hourAgo, at: hourAgo });
  await record('disclosures', { item: 'contract', where: '公告栏' });
  await record('disclosures', { item: 'fee-items', where: '公众号', until: '2099-01-01T00:00:00.000Z' });
  await hub.call('POST', `/api/compounds/${compound.id}/platform-reports`, { body: {} });
  await until('the read model to have it all', async () => {
    const [pictures, retention, disclosed, whistled] = await Promise.all([
      evidence('CAM-4'),
      evidence('CTL-1'),
      evidence('PRO-4'),
      evidence('GOV-2'),
    ]);
    return (
      (pictures.denominator ?? 0) >= 3 &&
      retention.items.some(({ text }) => text.en === 'holds 12 d, all since it was installed') &&
      disclosed.value === 100 &&
      whistled.denominator === 1
    );
  });
});
afterAll(async () => {
  for (const client of clients) await client.endAsync(true);
  await hub.stop();
});

test('names the positions without a camera, worst first, and the words of the register beneath them', async () => {
  const { items, explanation, value, next } = await evidence('CAM-1');
  expect(value).toBe(50);
  expect(explanation.zh).toContain('缺少摄像机：消防通道 2');
  expect(items.map(({ subject, numerator }) => [subject.kind, subject.id, numerator])).toEqual([
    ['position', 'lane-2', 0],
    ['position', 'lane-1', 1],
  ]);
  expect(next).toBeNull();
  const beneath = await eventsOf('CAM-1', 'position:lane-1');
  expect(beneath.items.map(({ type, stream }) => `${stream} ${type}`)).toEqual([
    'compound-harbour-view compound.registered',
    'device-cam-1 device.registered',
  ]);
});

test('a device’s time, and what it said, to the last message that was refused', async () => {
  const { items, numerator, denominator } = await evidence('CAM-3');
  expect(items.reduce((sum, item) => sum + (item.numerator ?? 0), 0)).toBeCloseTo(numerator!, 9);
  expect(items.reduce((sum, item) => sum + (item.denominator ?? 0), 0)).toBeCloseTo(denominator!, 9);
  const own = items.find(({ subject }) => subject.id === 'cam-1')!;
  expect(own.intervals.map(({ state }) => state)).toContain('up');

  const all: BeneathEvent[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Events = await eventsOf('CAM-3', 'device:cam-1', `&limit=2${cursor && `&cursor=${cursor}`}`);
    expect(page.items.length).toBeLessThanOrEqual(2);
    expect(page.record.en).toContain('pseudonyms');
    all.push(...page.items);
    cursor = page.next;
  }
  const told = all.map(({ type }) => type).filter((type) => type.startsWith('camera.'));
  expect(told.sort()).toEqual([
    ...Array.from({ length: 4 }, () => 'camera.picture-probed'),
    'camera.retention-reported',
  ]);
  expect(all.filter(({ late }) => late)).toMatchObject([{ type: 'camera.picture-probed', data: { ok: false } }]);
  const refused = all.find(({ type }) => type === 'ingest.payload-refused')!;
  const letter = await hub.get<{ preview: string }>(`/api/dead-letters/${refused.deadLetter}`);
  expect(letter.preview).toContain('perhaps');
  expect(JSON.stringify(all)).not.toContain('secretSha256');
});

test('meetings, whistles and publications are evidence like devices', async () => {
  expect((await evidence('GOV-1')).items).toMatchObject([{ subject: { kind: 'meeting' }, numerator: 1 }]);
  const { items, explanation } = await evidence('GOV-2');
  expect(explanation.en).toMatch(/城管 .* is open, 1 h overdue\.$|城管 .* is open, 60 min overdue\.$/);
  const [whistle] = items;
  const beneath = await eventsOf('GOV-2', `whistle:${whistle!.subject.id}`);
  expect(beneath.items).toMatchObject([{ type: 'whistle.blown', data: { department: '城管' } }]);
  const disclosed = await evidence('PRO-4');
  expect(disclosed.items.map(({ text }) => text.en)).toEqual(['published', 'published']);
  const published = await eventsOf('PRO-4', 'figure:contractDisclosed');
  expect(published.items).toMatchObject([{ type: 'disclosure.published', data: { item: 'contract' } }]);
});

test('a publication that is taken back is none', async () => {
  const id = await record('disclosures', { item: 'contract', where: '网站' });
  const withdrawn = `/api/compounds/${compound.id}/disclosures/${id}/withdrawn`;
  expect((await hub.call('POST', withdrawn, { body: { reason: '有误' } })).status).toBe(204);
  expect((await hub.call('POST', withdrawn, { body: { reason: '有误' } })).status).toBe(409);
  expect((await evidence('PRO-4')).value).toBe(100);
});

test('is paged at one instant, and the pages make the whole', async () => {
  const whole = await evidence('CAM-2');
  const first = await evidence('CAM-2', '?limit=1');
  expect(first.next).not.toBeNull();
  const second = await evidence('CAM-2', `?limit=1&cursor=${first.next}`);
  expect([...first.items, ...second.items]).toEqual(whole.items);
  expect(second).toMatchObject({ at: first.at, next: null });
});

test('as a table for Excel, with no formula in it', async () => {
  const { status, headers, body } = await hub.call('GET', address('CAM-2', '?format=csv'));
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(headers.get('content-disposition')).toMatch(
    /^attachment; filename="harbour-view-CAM-2-\d{4}-\d\d-\d\d\.csv"$/,
  );
  const lines = String(body).split('\r\n');
  expect(lines).toHaveLength(4);
  expect(lines.some((line) => line.includes("'=一号摄像机"))).toBe(true);
});

test('of a past instant, and by what was known then', async () => {
  const { items } = await evidence('CAM-2', `?at=${hourAgo}`);
  expect(items).toEqual([]);
  const now = await evidence('CTL-1');
  const known = await evidence('CTL-1', `?at=${now.at}&known-at=${now.at}`);
  expect(known).toMatchObject({ knownAt: now.at, value: now.value, items: now.items });
});

test.each([
  ['ABC-1', '', 404, 'rating.unknown-criterion'],
  ['CAM-1', '?standard=of-the-moon', 404, 'rating.unknown-standard'],
  ['CAM-1', '?cursor=x', 400, 'input.invalid'],
  ['CAM-1', '/events?subject=device:nobody', 404, 'rating.unknown-subject'],
  ['CAM-1', '/events?subject=nobody', 400, 'input.invalid'],
])('%s%s is refused', async (criterion, rest, status, code) => {
  const answer = await hub.call('GET', address(criterion, rest));
  expect([answer.status, (answer.body as { code: string }).code]).toEqual([status, code]);
});
