import type { MqttClient } from 'mqtt';
import { type Browser, chromium, type Page } from 'playwright-core';
import { connectMqtt, registerOnce, registerWithCredential, until } from '../../services/client/hub-client.ts';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { adminPassword, type HubUnderTest, removeDataDir, startHubProcess } from './hub-under-test.ts';

/**
 * From fault to repair against a real hub: a charging post reports a fault, the control room sends the building's
 * steward, the steward goes with a telephone, the post itself says that it is over, the control room closes.
 */
const compound = 'harbour-view';
const steward = '王管家';
const stewardPassword = 'steward-password';

interface Order {
  id: string;
  state: string;
  assignee: string | null;
  recoveredAt: string | null;
  outcome: string | null;
  photos: string[];
  timeline: { type: string; actor: string | null }[];
}

let hub: HubUnderTest;
let browser: Browser;
let post: MqttClient;

beforeAll(async () => {
  hub = await startHubProcess();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  await registerOnce(hub.client, '/api/compounds', {
    id: compound,
    name: '海景苑',
    profile: 'retrofit',
    households: 120,
    buildings: [{ id: 'b1', name: '1号楼', steward: { name: steward } }],
    positions: [{ id: 'shed', kind: 'parking-area', name: '充电车位', building: 'b1' }],
  });
  const device = {
    ...{ id: 'post-1', compound, kind: 'charging-post', name: '1号充电桩', position: 'shed' },
    ...{ dialect: 'ocpp16', externalId: 'CP-1' },
  };
  const credential = await registerWithCredential(hub.client, device);
  post = await connectMqtt(hub.mqttUrl, credential);
  await hub.client.post('/api/accounts', { user: 'wang', role: 'operator', password: stewardPassword });
});
afterAll(async () => {
  post?.end(true);
  await browser?.close();
  await hub?.stop();
  await removeDataDir(hub.dataDir);
});

/** What the simulated post says of its connector. */
const says = (id: string, status: string, errorCode: string) =>
  post.publishAsync(
    'ocpp/CP-1/up',
    JSON.stringify([
      ...[2, id, 'StatusNotification'],
      { connectorId: 1, status, errorCode, timestamp: isoTime(systemClock.now()) },
    ]),
    { qos: 1 },
  );

const logIn = async (user: string, password: string, viewport: { width: number; height: number }): Promise<Page> => {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  await page.goto(hub.url);
  await page.getByTestId('login-user').fill(user);
  await page.getByTestId('login-password').fill(password);
  await page.getByTestId('login-submit').click();
  await page.getByTestId('nav-orders').waitFor();
  return page;
};

const orders = async (): Promise<Order[]> =>
  (await hub.client.get<{ items: Order[] }>('/api/work-orders?device=post-1')).items;

/** A one-pixel picture. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

test('a fault, the order, the steward’s telephone, the repair, the recovery, the closing', async () => {
  const desk = await logIn('admin', adminPassword, { width: 1440, height: 900 });
  await says('1', 'Faulted', 'OverVoltage');
  const row = desk.getByTestId('order-row').first();
  await row.waitFor();
  await row.click();
  const inState = (page: Page, state: string) =>
    page.locator(`[data-testid=order-detail] [data-state="${state}"]`).waitFor();
  await inState(desk, 'raised');
  await desk.keyboard.press('a');
  await inState(desk, 'acknowledged');
  await desk.keyboard.press('d');
  await desk.getByTestId('field-assignee').waitFor();
  await desk.getByTestId('dialog-confirm').click();
  await inState(desk, 'dispatched');
  // The list follows the log a moment later.
  await until(30, 'the steward in the list', async () => (await orders())[0]?.assignee === steward);
  const [{ id }] = (await orders()) as [Order];

  const phone = await logIn('wang', stewardPassword, { width: 360, height: 740 });
  await phone.goto(`${hub.url}/#/phone`);
  await phone.getByTestId('phone-person').click();
  await phone.locator('.ant-select-item-option').filter({ hasText: steward }).click();
  const card = phone.locator(`[data-testid=phone-order][data-order="${id}"]`);
  const reaches = (state: string) =>
    phone.locator(`[data-testid=phone-order][data-order="${id}"][data-state="${state}"]`).waitFor();
  await card.getByTestId('step-accept').click();
  await reaches('accepted');
  await card.getByTestId('step-arrive').click();
  await reaches('on-site');
  // The control room sees it without asking.
  await inState(desk, 'on-site');
  await card.getByTestId('photo-input').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: picture });
  await card.locator('img').waitFor();
  await card.getByTestId('step-resolve').click();
  await phone.getByTestId('phone-words').fill('换了接触器，等桩自检');
  await phone.getByTestId('phone-send').click();
  await reaches('resolved');
  await inState(desk, 'resolved');
  await desk.getByTestId('order-detail').getByTestId('without-recovery').waitFor();

  await says('2', 'Available', 'NoError');
  await until(30, 'the recovery', async () => (await orders())[0]!.recoveredAt !== null);
  await desk.locator('[data-testid=timeline-step][data-type="work-order.fault-recovered"]').waitFor();
  await desk.getByTestId('action-close').click();
  await desk.getByTestId('dialog-confirm').click();
  await inState(desk, 'closed');
  const order = await hub.client.get<Order>(`/api/work-orders/${id}`);
  expect(order).toMatchObject({ state: 'closed', outcome: 'repaired', photos: [expect.any(String)] });
  const steps = order.timeline.map(({ type }) => type.replace('work-order.', ''));
  expect(steps).toEqual([
    ...['raised', 'acknowledged', 'dispatched', 'accepted', 'arrived', 'photo-added', 'resolved'],
    ...['fault-recovered', 'closed'],
  ]);
  expect(order.timeline.find(({ type }) => type === 'work-order.arrived')?.actor).toBe('user:wang');
  await card.waitFor({ state: 'detached' });
});
