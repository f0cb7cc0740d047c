import { type Browser, chromium, type Page } from 'playwright-core';
import { connectMqtt, registerOnce, registerWithCredential, until } from '../../services/client/hub-client.ts';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { adminPassword, type HubUnderTest, removeDataDir, startHubProcess } from './hub-under-test.ts';

/** A bureau's and a property manager's way through the page, against a real hub: why, put it on record, the year. */
const compound = 'harbour-view';

let hub: HubUnderTest;
let browser: Browser;
let page: Page;

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
    district: '环翠区',
    positions: [{ id: 'entrance', kind: 'entrance', name: '主出入口' }],
  });
  const camera = { id: 'camera-1', compound, kind: 'camera', name: '东门枪机', position: 'entrance' };
  const credential = await registerWithCredential(hub.client, camera);
  const client = await connectMqtt(hub.mqttUrl, credential);
  const event = { type: 'camera.picture-probed', time: isoTime(systemClock.now()), data: { ok: true } };
  await client.publishAsync(`xy/v1/${compound}/camera-1/events`, JSON.stringify(event), { qos: 1 });
  await client.endAsync();
  await until(30, 'the picture in the rating', async () => {
    const rating = await hub.client.get<{ criteria: { id: string; denominator: number | null }[] }>(
      `/api/compounds/${compound}/rating`,
    );
    return rating.criteria.find(({ id }) => id === 'CAM-4')?.denominator === 1;
  });
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(hub.url);
  await id('login-user').fill('admin');
  await id('login-password').fill(adminPassword);
  await id('login-submit').click();
  await id('nav-stars').waitFor();
});
afterAll(async () => {
  await browser?.close();
  await hub?.stop();
  await removeDataDir(hub.dataDir);
});

const id = (name: string) => page.getByTestId(name);

test('from a criterion to the device, the events beneath, the table and the signed bundle', async () => {
  await page.goto(`${hub.url}/#/stars/CAM-4?compound=${compound}`);
  const item = page.locator('[data-testid=evidence-item][data-subject=camera-1]');
  await item.waitFor();
  expect(await item.textContent()).toContain('东门枪机');
  await item.getByTestId('evidence-events-toggle').click();
  const event = page.locator('[data-testid=evidence-event][data-type="camera.picture-probed"]');
  await event.waitFor();
  await event.locator('summary').click();
  expect(await event.locator('pre').textContent()).toContain('"ok": true');
  for (const [name, begins] of [
    ['evidence-csv', '\uFEFF'],
    ['evidence-bundle', '{"kind":"header"'],
  ] as const) {
    const address = await id(name).getAttribute('href');
    const answer = await page.request.get(new URL(address ?? '', hub.url).href);
    expect([name, answer.status()]).toEqual([name, 200]);
    // As bytes: a decoder would swallow the mark that lets a spreadsheet read Chinese.
    expect((await answer.body()).subarray(0, Buffer.byteLength(begins)).toString()).toBe(begins);
  }
  await item.getByTestId('subject-link').click();
  await page.locator('[data-testid=device-detail][data-device=camera-1]').waitFor();
});

test('a meeting is planned and held, and its criterion has evidence', async () => {
  await page.goto(`${hub.url}/#/records/meetings?compound=${compound}`);
  await id('field-plannedFor').fill('2026-01-05T14:30');
  await id('field-subject').fill('绿化带改充电车位');
  await id('submit-meeting').click();
  const meeting = id('record-item').filter({ hasText: '绿化带改充电车位' });
  await meeting.waitFor();
  await meeting.getByTestId('hold-meeting').click();
  await id('field-minutes').fill('街道同意，下周开工');
  await id('field-at').fill('2999-01-01T00:00');
  await id('submit-complete').click();
  const at = page.locator('.ant-form-item').filter({ has: id('field-at') });
  await at.locator('.ant-form-item-explain-error').waitFor();
  await id('field-at').fill('');
  await id('submit-complete').click();
  await page.locator('[data-testid=record-item][data-completed=true]').filter({ hasText: '下周开工' }).waitFor();
  await page.goto(`${hub.url}/#/stars/GOV-1?compound=${compound}`);
  await id('evidence-item').first().waitFor();
  // The rating follows the log, and the page follows the rating.
  await page.locator('[data-testid=criterion-row][data-criterion=GOV-1][data-verdict=met]').waitFor();
});

test('publications, figures, positions and devices are entered, and stand in the register', async () => {
  await page.goto(`${hub.url}/#/records/disclosures?compound=${compound}`);
  await page.locator('#disclosure_item').click();
  await page.locator('.ant-select-item-option').first().click();
  await id('field-where').fill('东门公告栏');
  await id('submit-disclosure').click();
  await id('record-item').filter({ hasText: '东门公告栏' }).waitFor();

  await page.goto(`${hub.url}/#/records/figures?compound=${compound}`);
  await id('field-figures.parkingSpaces').fill('40');
  await id('submit-figures').click();
  const registered = () =>
    hub.client.get<{ figures: object; positions: { id: string }[] }>(`/api/compounds/${compound}`);
  await until(30, 'the figures', async () => JSON.stringify((await registered()).figures) === '{"parkingSpaces":40}');

  await page.goto(`${hub.url}/#/records/positions?compound=${compound}`);
  const form = id('form-position');
  await form.getByTestId('field-id').fill('Fire Lane');
  await page.locator('#position_kind').click();
  await page.locator('.ant-select-item-option').filter({ hasText: '消防通道' }).click();
  await form.getByTestId('field-name').fill('北侧消防通道');
  await id('submit-position').click();
  const named = form.locator('.ant-form-item').filter({ has: id('field-id') });
  await named.locator('.ant-form-item-explain-error').waitFor();
  await form.getByTestId('field-id').fill('fire-lane');
  await id('submit-position').click();
  await id('position-row').filter({ hasText: '北侧消防通道' }).waitFor();
  expect((await registered()).positions.map((position) => position.id)).toEqual(['entrance', 'fire-lane']);
});

test('what is missing becomes a work order', async () => {
  await page.goto(`${hub.url}/#/stars?compound=${compound}`);
  await id('raise-order').first().click();
  await id('raise-text').fill('请本周完成');
  await id('raise-confirm').click();
  await id('order-detail').waitFor();
  const { items } = await hub.client.get<{ items: { code: string; text: string | null }[] }>('/api/work-orders');
  expect(items).toEqual(expect.arrayContaining([expect.objectContaining({ text: '请本周完成' })]));
});

test('the programme counts the compound, and leads to its stars', async () => {
  await page.goto(`${hub.url}/#/programme`);
  const row = page.locator(`[data-testid=programme-row][data-compound=${compound}]`);
  await row.waitFor();
  expect(await row.textContent()).toContain('环翠区');
  await row.getByTestId('open-compound').click();
  await id('stars-total').waitFor();
});

test('a past day is re-rated under the draft, beside the ratings in force', async () => {
  await page.goto(`${hub.url}/#/re-rating`);
  await page.locator('#replay_standard').click();
  await page.locator('.ant-select-item-option').filter({ hasText: '2026' }).first().click();
  const yesterday = isoTime(systemClock.now() - 30 * 3_600_000).slice(0, 10);
  await id('field-from').fill(yesterday);
  await id('field-to').fill(yesterday);
  await id('submit-replay').click();
  await page.locator('[data-testid=replay][data-state=done]').waitFor({ timeout: 60_000 });
  expect(await id('replay-summary').count()).toBe(1);
});
