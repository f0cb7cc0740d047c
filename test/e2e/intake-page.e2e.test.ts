import { type Browser, chromium } from 'playwright-core';
import { startTestHub, type TestHub, until } from '../running-hub.ts';

let hub: TestHub;
let browser: Browser;
let path: string;

beforeAll(async () => {
  hub = await startTestHub();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  const positions = [{ id: 'lift-1', kind: 'lift', name: '1号楼电梯' }];
  const compound = { id: 'garden', name: '花园小区', profile: 'retrofit', households: 10, positions };
  await hub.call('POST', '/api/compounds', { body: compound });
  ({ path } = (await hub.call('POST', '/api/compounds/garden/intake-token', { body: {} })).body as { path: string });
  await until('the token is known', async () => (await hub.call('GET', `/api${path}`)).status === 200);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await hub?.stop();
});

test('one tap at a door reports, in two languages, and the receipt finds it again', async () => {
  const page = await browser.newPage({ viewport: { width: 375, height: 720 }, locale: 'zh-CN' });
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(`${hub.url()}${path}?at=lift-1`);
  await page.waitForSelector('#report:not([hidden])');
  expect(await page.inputValue('#where')).toBe('p:lift-1');
  await page.click('#send');
  await page.waitForSelector('#state:not([hidden])');
  const receipt = await page.textContent('#receipt');
  expect(await page.textContent('#now')).toContain('已受理');
  await page.click('#language');
  expect(await page.textContent('#now')).toContain('Received');
  await page.reload();
  await page.waitForSelector('#state:not([hidden])');
  expect(await page.textContent('#receipt')).toBe(receipt);
  expect(errors).toEqual([]);
}, 60_000);
