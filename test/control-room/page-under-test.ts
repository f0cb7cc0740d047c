import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { type FixtureServer, startFixtureServer } from './fixture-server.ts';

const repository = join(import.meta.dirname, '../..');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The page alone, in a real browser, against answers out of memory; fresh for every test. */
export interface PageUnderTest {
  readonly page: Page;
  readonly server: FixtureServer;
  id(name: string): Locator;
  row(order: string): Locator;
  /** Of something with the focus, by its test id. */
  focused(name: string): Promise<unknown>;
  logIn(settings?: { language?: string; theme?: string; compound?: string }): Promise<void>;
  /** WCAG 2.2 A and AA, and what axe holds for good practice. */
  violations(): Promise<string[]>;
}

const launch = (): Promise<Browser> => {
  const cli = join(repository, 'node_modules/tsx/dist/cli.mjs');
  // Jest's own NODE_ENV would build React's slow development version.
  const env = { ...process.env, NODE_ENV: 'production' };
  execFileSync(process.execPath, [cli, join(repository, 'dashboards/control-room/build.ts')], { env });
  return chromium.launch({
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
};

const violationsOn = async (page: Page): Promise<string[]> => {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(root: Document): Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> };
    };
    const { violations: found } = await axe.run(document);
    return found.map((one) => `${one.id}: ${one.nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  });
};

export function pageUnderTest(viewport = { width: 1440, height: 900 }): PageUnderTest {
  let browser: Browser;
  let server: FixtureServer;
  let page: Page;
  let problems: string[];
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    server = await startFixtureServer();
    page = await browser.newPage({ viewport });
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
  return {
    get page() {
      return page;
    },
    get server() {
      return server;
    },
    id: (name) => page.getByTestId(name),
    row: (order) => page.locator(`[data-testid=order-row][data-order="${order}"]`),
    focused: (name) =>
      page.waitForFunction((wanted) => document.activeElement?.getAttribute('data-testid') === wanted, name),
    async logIn(settings = {}) {
      const stored = JSON.stringify({ language: 'zh', theme: 'light', compound: 'shengde-hemei-jiayuan', ...settings });
      await page.addInitScript(`localStorage.setItem('xingyuan.settings', ${JSON.stringify(stored)})`);
      await page.goto(server.url);
      await page.getByTestId('login-user').fill('zhoubin');
      await page.getByTestId('login-password').fill('xingyuan');
      await page.keyboard.press('Enter');
      await page.getByTestId('order-row').first().waitFor();
    },
    violations: () => violationsOn(page),
  };
}
