import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Raise } from './fixture/orders.ts';
import { raiseOrder, recoverOrder } from './fixture/world.ts';
import { type FixtureServer, startFixtureServer } from './fixture-server.ts';

/** The page alone, in a real browser, against answers out of memory. */
const repository = join(import.meta.dirname, '../..');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const smoke: Raise = {
  device: 'building-4-corridor-smoke',
  code: 'smoke-alarm',
  title: { zh: '烟感火警', en: 'Fire alarm of a smoke sensor' },
  priority: 'P0',
  ageMinutes: 0,
};

let browser: Browser;
let server: FixtureServer;
let page: Page;
let problems: string[];

beforeAll(async () => {
  const cli = join(repository, 'node_modules/tsx/dist/cli.mjs');
  // Jest's own NODE_ENV would build React's slow development version.
  const env = { ...process.env, NODE_ENV: 'production' };
  execFileSync(process.execPath, [cli, join(import.meta.dirname, 'build.ts')], { env });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
});
afterAll(() => browser?.close());

beforeEach(async () => {
  server = await startFixtureServer();
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    // A refused request is what some tests are about; the browser logs it too.
    const isRefusal = message.text().includes('Failed to load resource');
    if (!isRefusal && ['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
});
afterEach(async () => {
  await page.close();
  await server.close();
  expect(problems).toEqual([]);
});

const id = (name: string) => page.getByTestId(name);
const row = (order: string) => page.locator(`[data-testid=order-row][data-order="${order}"]`);

async function logIn(settings: { language?: string; theme?: string } = {}): Promise<void> {
  const stored = JSON.stringify({ language: 'zh', theme: 'light', compound: 'shengde-hemei-jiayuan', ...settings });
  await page.addInitScript(`localStorage.setItem('xingyuan.settings', ${JSON.stringify(stored)})`);
  await page.goto(server.url);
  await id('login-user').fill('zhoubin');
  await id('login-password').fill('xingyuan');
  await page.keyboard.press('Enter');
  await id('order-row').first().waitFor();
}

/** WCAG 2.2 A and AA, and what axe holds for good practice. */
async function violations(): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(root: Document): Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> };
    };
    const { violations: found } = await axe.run(document);
    return found.map((one) => `${one.id}: ${one.nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  });
}

test('a wrong password is said in words, the right one opens the list', async () => {
  await page.goto(server.url);
  await id('login-user').fill('zhoubin');
  await id('login-password').fill('wrong');
  await id('login-submit').click();
  await id('login-error').waitFor();
  expect(await id('login-error').getAttribute('data-code')).toBe('login.refused');
  await id('login-password').fill('xingyuan');
  await id('login-submit').click();
  await id('order-row').first().waitFor();
  expect(await page.title()).toBe('星园');
});

test('a shift by keyboard alone: alarm, acknowledge, dispatch, arrive, resolve, refused, recovered, closed', async () => {
  await logIn();
  const order = raiseOrder(server.world, smoke);
  await row(order.id).waitFor({ timeout: 1_000 });
  for (let presses = 0; presses < 30; presses += 1) {
    if ((await row(order.id).getAttribute('aria-selected')) === 'true') break;
    await page.keyboard.press(presses === 0 ? 'k' : 'j');
  }
  const detail = page.locator(`[data-testid=order-detail][data-order="${order.id}"]`);
  const state = detail.getByTestId('order-state');
  const reaches = (wanted: string) => page.locator(`[data-testid=order-detail] [data-state="${wanted}"]`).waitFor();
  await detail.waitFor();
  await reaches('raised');
  await page.keyboard.press('a');
  await reaches('acknowledged');
  await page.keyboard.press('d');
  await id('action-dialog').waitFor();
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-testid') === 'dialog-text');
  await page.keyboard.type('李师傅');
  await page.keyboard.press('Enter');
  await reaches('dispatched');
  await page.keyboard.press('r');
  await reaches('on-site');
  await page.keyboard.press('s');
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-testid') === 'dialog-text');
  await page.keyboard.type('更换探头');
  await page.keyboard.press('Control+Enter');
  await reaches('resolved');
  await page.keyboard.press('c');
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-testid') === 'dialog-text');
  await page.keyboard.press('Control+Enter');
  await id('order-problem').waitFor();
  expect(await id('order-problem').getAttribute('data-code')).toBe('work-order.device-still-faulty');
  await page.keyboard.press('Escape');
  await id('action-dialog').waitFor({ state: 'hidden' });

  recoverOrder(server.world, order.id);
  await detail.getByText('设备恢复').first().waitFor({ timeout: 1_500 });
  await page.keyboard.press('c');
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-testid') === 'dialog-text');
  await page.keyboard.press('Control+Enter');
  await reaches('closed');
  expect(await state.textContent()).toBe('已关闭');
  await row(order.id).waitFor({ state: 'detached' });
  expect(await detail.getByTestId('timeline-step').count()).toBe(7);
});

test('a new order leaves the line the eye is on where it is, and offers to jump', async () => {
  await logIn();
  const third = id('order-row').nth(2);
  await third.click();
  const order = await third.getAttribute('data-order');
  const before = await row(order!).boundingBox();
  await page.mouse.move(300, 400);
  const alarm = raiseOrder(server.world, { ...smoke, ageMinutes: 2 });
  await id('new-orders').waitFor({ timeout: 1_000 });
  const after = await row(order!).boundingBox();
  expect(Math.round(after!.y)).toBe(Math.round(before!.y));
  await id('new-orders').click();
  await id('new-orders').waitFor({ state: 'detached' });
  const list = await id('order-list').boundingBox();
  expect((await row(alarm.id).boundingBox())!.y).toBeGreaterThanOrEqual(list!.y);
});

test('a cut stream is a loud banner, the mended one catches up', async () => {
  await logIn();
  server.setLive(false);
  await id('live-banner').waitFor({ timeout: 5_000 });
  expect(await id('live-status').getAttribute('data-status')).toBe('broken');
  const missed = raiseOrder(server.world, { ...smoke, device: 'building-6-corridor-smoke' });
  server.setLive(true);
  await id('live-banner').getByRole('button').click();
  await id('live-banner').waitFor({ state: 'detached' });
  await row(missed.id).waitFor();
});

test('a flood: five hundred more orders arrive at once and the list stays smooth', async () => {
  await logIn();
  const devices = [...server.world.devices.values()].flatMap(({ id: device, compound }) =>
    compound === 'shengde-hemei-jiayuan' ? [device] : [],
  );
  for (let n = 0; n < 500; n += 1) {
    raiseOrder(server.world, { ...smoke, priority: 'P3', code: `code-${n}`, device: devices[n % devices.length]! });
  }
  await page.waitForFunction(() => Number(document.querySelector('[data-testid=figure-open]')?.textContent) > 500);
  expect(await id('order-row').count()).toBeLessThan(60);
  const tookMs = await page.evaluate(async () => {
    const list = document.querySelector('[data-testid=order-list]')!;
    const took: number[] = [];
    for (let step = 0; step < 60; step += 1) {
      const started = performance.now();
      list.scrollTop += 500;
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      took.push(performance.now() - started);
    }
    return took.sort((a, b) => a - b);
  });
  // The middle one: single frames also tell of whatever else the machine is doing.
  expect(tookMs[30]).toBeLessThan(100);
});

describe.each([
  ['zh', 'light'],
  ['en', 'dark'],
  ['zh', 'dark'],
  ['en', 'light'],
])('no barrier, %s %s', (language, theme) => {
  test('on any page', async () => {
    await logIn({ language, theme });
    await id('timeline-step').first().waitFor();
    expect(await violations()).toEqual([]);
    for (const [name, ready] of [
      ['orders', 'order-card'],
      ['devices', 'device-row'],
      ['stars', 'history-item'],
    ] as const) {
      await id(`nav-${name}`).click();
      await id(ready).first().waitFor();
      // Past the transitions, in which colours are neither old nor new.
      await page.waitForTimeout(300);
      expect(await violations()).toEqual([]);
    }
    await id('nav-orders').click();
    await id('order-card').first().click();
    await id('order-detail').waitFor();
    await page.waitForTimeout(300);
    expect(await violations()).toEqual([]);
    await page.keyboard.press('n');
    await id('action-dialog').waitFor();
    await page.waitForTimeout(300);
    expect(await violations()).toEqual([]);
  });
});

test('at 200 % nothing has to be scrolled sideways', async () => {
  await page.setViewportSize({ width: 720, height: 450 });
  await logIn();
  for (const name of ['now', 'orders', 'devices', 'stars']) {
    await id(`nav-${name}`).click();
    await page.waitForTimeout(200);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect([name, over]).toEqual([name, 0]);
  }
});

test('stars: the total, what is missing, every criterion with its verdict', async () => {
  await logIn();
  await page.keyboard.press('4');
  await id('stars-total').waitFor();
  expect(await id('stars-value').getAttribute('data-stars')).toBe('3');
  expect(await id('missing-item').count()).toBeGreaterThan(3);
  expect(await id('criterion-row').count()).toBe(33);
  expect(await page.locator('[data-testid=criterion-row][data-verdict=no-evidence]').count()).toBe(6);
  await id('language-switch').getByText('English').click();
  expect(await id('nav-stars').textContent()).toBe('Stars');
});
