import type { MqttClient } from 'mqtt';
import type { Rating } from '../../services/projections/star-rating/rating.ts';
import { startTestHub, type TestHub, until } from '../running-hub.ts';

/** What the 33 criteria ask about can be told: by people over HTTP, by devices over MQTT, and by nothing else. */
let hub: TestHub;
const clients: MqttClient[] = [];
const compound = 'criteria-court';
const base = `/api/compounds/${compound}`;

const ago = (minutes: number): string =>
  new Date(performance.timeOrigin + performance.now() - minutes * 60_000).toISOString();

const device = async (id: string, given: Record<string, unknown>): Promise<void> => {
  const { body } = await hub.call('POST', '/api/devices', { body: { id, compound, name: id, ...given } });
  clients.push(await hub.connect((body as { credential: { username: string; password: string } }).credential));
};
const say = async (device: number, id: string, type: string, data: object = {}): Promise<void> => {
  await clients[device]!.publishAsync(`xy/v1/${compound}/${id}/events`, JSON.stringify({ type, time: ago(0), data }), {
    qos: 1,
  });
};
const tell = async (path: string, body: object = {}): Promise<string> => {
  const answer = await hub.call('POST', path, { body });
  expect(answer.status).toBeLessThan(300);
  return (answer.body as { id?: string } | undefined)?.id ?? '';
};
const step = async (order: string, ...commands: [string, object?][]): Promise<void> => {
  for (const [command, body] of commands) await tell(`/api/work-orders/${encodeURIComponent(order)}/${command}`, body);
};

const positionKinds = ['fire-lane', 'pedestrian-gate', 'vehicle-gate', 'unit-door', 'lift', 'perimeter-zone', 'roof'];

const register = async (): Promise<void> => {
  const positions = positionKinds.map((kind) => ({ id: kind, kind: kind === 'roof' ? 'other' : kind, name: kind }));
  const figures = {
    ...{ parkingSpaces: 10, evReadySpaces: 10, eBikes: 10, eBikePorts: 5 },
    ...{ fireDutyRoster: true, microFireStation: true },
  };
  const place = { code: '371002-17', district: '环翠区', coordinates: { latitude: 37.5, longitude: 122.1 } };
  const body = { id: compound, name: '评级园', profile: 'new', households: 10, positions, figures, ...place };
  await tell('/api/compounds', body);
  const at = (position: string, ...covers: string[]) => ({ position, covers });
  await device('gate', {
    kind: 'access-gate',
    features: ['face', 'card', 'smart-lock', 'plate-recognition'],
    ...at('pedestrian-gate', 'unit-door', 'vehicle-gate'),
  });
  await device('camera', {
    kind: 'camera',
    features: ['e-bike-detection'],
    ...at('fire-lane', 'perimeter-zone', 'lift'),
  });
  await device('post', { kind: 'charging-post', ports: 4, ...at('roof') });
  const band = { quantity: 'pressureKPa', min: 300, max: 800 };
  const features = ['smoke', 'fire-water', 'level', 'lift-monitor'];
  await device('sensor', { kind: 'sensor', features, band, ...at('lift') });
};

const raise = (serviceLevel: string, more: object = {}): Promise<string> =>
  tell('/api/work-orders', { compound, serviceLevel, title: { zh: '报修', en: 'Repair' }, ...more });

const liveThrough = async (): Promise<void> => {
  await say(0, 'gate', 'gate.passed');
  await say(1, 'camera', 'camera.picture-probed', { ok: true });
  await say(1, 'camera', 'camera.retention-reported', { retainedDays: 40 });
  await say(3, 'sensor', 'sensor.measured', { values: { pressureKPa: 500 } });
  await say(2, 'post', 'device.fault-raised', { code: 'over-temperature' });
  await step(await raise('fire-alarm'), ['acknowledge']);
  await step(await raise('urgent-repair'), ['acknowledge'], ['dispatch', { assignee: '王师傅' }], ['arrive']);
  await step(await raise('general-repair'), ['acknowledge'], ['resolve'], ['close'], ['rate', { score: 5 }]);
  const hazard = await until('the order for the hot post', async () => {
    const { items } = await hub.get<{ items: { id: string }[] }>(`/api/work-orders?device=post&compound=${compound}`);
    return items[0];
  });
  await say(2, 'post', 'device.fault-cleared', { code: 'over-temperature' });
  await until('the post to be well again', async () => {
    const { status } = await hub.call('POST', `/api/work-orders/${hazard.id}/close`, { body: {} });
    return status < 300;
  });
  const meeting = await tell(`${base}/meetings`, { plannedFor: ago(1), at: ago(2) });
  await tell(`${base}/meetings/${meeting}/held`);
  const whistle = await tell(`${base}/whistles`, { department: '城管', subject: '占道', dueAt: ago(-60) });
  await tell(`${base}/whistles/${whistle}/answered`);
  for (const item of ['contract', 'fee-items']) await tell(`${base}/disclosures`, { item, where: '公告栏' });
  await tell(`${base}/platform-reports`, { at: ago(24 * 60) });
};

beforeAll(async () => {
  hub = await startTestHub();
  await register();
  await liveThrough();
}, 120_000);
afterAll(async () => {
  for (const client of clients) await client.endAsync(true);
  await hub.stop();
});

test('every criterion has a number once people and devices have told what it asks about', async () => {
  const open = (rating: Rating): string[] =>
    rating.criteria.filter(({ value }) => value === null).map(({ id, explanation }) => `${id}: ${explanation.en}`);
  const look = (): Promise<Rating> => hub.get<Rating>(`${base}/rating`);
  // What the tables haven't heard yet the evidence would know and the rating not.
  const head = await hub.get<{ position: string }>('/api/log/head');
  await until('all that was told', async () => Number((await look()).position) >= Number(head.position));
  await until('all numbers', async () => open(await look()).length === 0).catch(() => undefined);
  const rating = await look();
  expect(open(rating)).toEqual([]);
  expect(rating.criteria).toHaveLength(33);
  for (const { id, value, numerator, denominator } of rating.criteria) {
    const address = `${base}/rating/criteria/${id}/evidence?at=${rating.at}`;
    const evidence = await hub.get<Record<string, unknown>>(address);
    expect({ id, ...evidence }).toMatchObject({ id, value, numerator, denominator });
    const [item] = evidence.items as { subject: { kind: string; id: string } }[];
    const subject = encodeURIComponent(`${item!.subject.kind}:${item!.subject.id}`);
    const events = await hub.get<{ items: unknown[] }>(address.replace('?', `/events?subject=${subject}&`));
    // A day on which nothing was reported has no events.
    if (id !== 'PLT-1') expect({ id, events: events.items.length > 0 }).toEqual({ id, events: true });
  }
}, 120_000);
