import type { Page } from 'playwright-core';
import { pageUnderTest } from '../../test/control-room/page-under-test.ts';

/** The ladder (吹哨报到), and what keeps orders going. */
const onPage = pageUnderTest();
const { id, logIn } = onPage;
let page: Page;
beforeEach(() => {
  ({ page } = onPage);
});

const matter = (name: string) => page.locator(`[data-testid=matter-row][data-matter="${name}"]`);
const reaches = (state: string) => page.locator(`[data-testid=matter-state][data-state="${state}"]`).waitFor();
const dialogGone = () => id('action-dialog').waitFor({ state: 'detached' });

test('the community takes a matter on, meets, writes the minutes, decides and closes', async () => {
  onPage.server.world.role = 'community';
  await logIn();
  await page.keyboard.press('8');
  await matter('m-1').click();
  await reaches('referred');
  expect(await page.locator('[data-testid=ladder-line] [aria-current=step]').textContent()).toContain('L1');
  await id('matter-screen').click();
  await page.locator('#command_accepted').getByText('受理', { exact: true }).click();
  await id('dialog-confirm').click();
  await reaches('screened');
  await dialogGone();
  await id('matter-call-meeting').click();
  await id('field-plannedFor').fill('2099-03-05T14:30');
  await id('field-parties').fill('物业\n社区\n业委会');
  await id('dialog-confirm').click();
  await dialogGone();
  await id('matter-hold-meeting').click();
  await id('field-minutes').fill('到会三家，同意建车棚。');
  await id('field-attended').fill('物业、社区、业委会');
  await id('dialog-confirm').click();
  await reaches('met');
  await dialogGone();
  await id('matter-decide').click();
  await id('field-decision').fill('六月底前建成');
  await id('field-carriedOutBy').fill('2099-06-30T18:00');
  await id('field-responsible').fill('物业公司');
  await id('dialog-confirm').click();
  await reaches('decided');
  await dialogGone();
  await id('matter-close').click();
  await id('field-result').fill('车棚已建成');
  await id('dialog-confirm').click();
  await reaches('closed');
  const steps = await id('matter-step').allTextContents();
  expect(steps.join('\n')).toMatch(/车棚已建成[\s\S]*六月底前建成[\s\S]*到会三家/);
});

test('whistles, cards and the level stand in sight; a role sees its own part alone', async () => {
  await logIn();
  await page.keyboard.press('8');
  expect(await id('matter-row').first().getAttribute('data-level')).toBe('L3');
  expect(await matter('m-3').getByTestId('card-mark').first().textContent()).toBe('红牌');
  await matter('m-2').click();
  await page.locator('[data-testid=whistle-row][data-department=fire]').waitFor();
  expect(await id('matter-report-in').count()).toBe(0);
  await id('matter-note').waitFor();
  onPage.server.world.role = 'department';
  await page.reload();
  await id('matter-report-in').click();
  await page.locator('#command_department').getByText('城管').click();
  await id('field-person').fill('李队');
  await id('dialog-confirm').click();
  await dialogGone();
  await page
    .locator('[data-testid=whistle-row][data-department=urban-management]')
    .filter({ hasText: '已报到' })
    .waitFor();
});

test('an order that needs several parties goes to the joint meeting', async () => {
  await logIn();
  await id('order-row').first().click();
  const order = await id('order-row').first().getAttribute('data-order');
  await page.locator(`[data-testid=order-detail][data-order="${order}"]`).getByTestId('refer-order').click();
  await id('dialog-confirm').click();
  await id('matter-detail').waitFor();
  await reaches('referred');
  await page.getByRole('button', { name: order! }).click();
  await page.locator(`[data-testid=order-detail][data-order="${order}"]`).waitFor();
});

test('a target that fails says what waits and why; its dead letters are sent again', async () => {
  await logIn();
  await page.keyboard.press('9');
  await id('operations-targets').click();
  const city = page.locator('[data-testid=target-row][data-key=city]');
  expect(await city.textContent()).toMatch(/熔断.*503.*31 条/);
  await city.getByTestId('open-dead-letters').click();
  await id('replay-one').first().click();
  await page.locator('[data-testid=dead-letter]').filter({ hasText: '正在重发' }).first().waitFor();
  await id('replay-all').click();
  await page.waitForFunction(() => document.querySelector('[data-testid=replay-one]') === null);
  await city.getByTestId('pause-target').click();
  await city.getByTestId('resume-target').waitFor();
});

test('a shift is added and swapped; a maintenance window is planned and ended', async () => {
  await logIn();
  await page.goto(`${onPage.server.url}/#/operations/roster`);
  await id('add-shift').click();
  await id('field-person').fill('赵敏');
  await id('dialog-confirm').click();
  await page.locator('[data-testid=shift-row]').filter({ hasText: '赵敏' }).waitFor();
  await dialogGone();
  await id('swap-shift').first().click();
  await id('field-day').fill('2026-03-05');
  await id('field-person').fill('孙丽华');
  await id('dialog-confirm').click();
  await page.locator('[data-testid=swap-row]').filter({ hasText: '孙丽华' }).waitFor();
  await page.goto(`${onPage.server.url}/#/operations/maintenance`);
  await id('field-from').fill('2099-03-05T00:00');
  await id('field-to').fill('2099-03-05T06:00');
  await id('field-reason').fill('更换交换机');
  await id('submit-maintenance').click();
  await page.locator('[data-testid=maintenance-row]').filter({ hasText: '更换交换机' }).waitFor();
  await id('end-maintenance').click();
  await page.locator('[data-testid=maintenance-row]').filter({ hasText: '已提前结束' }).waitFor();
});

test('a round under way: each stop is looked at, a finding is said in words', async () => {
  await logIn();
  await page.goto(`${onPage.server.url}/#/operations/rounds`);
  await id('stop-ok').first().click();
  await page.locator('[data-testid=round-stop][data-result=ok]').waitFor();
  await id('stop-finding').first().click();
  await id('field-note').fill('阀门渗水');
  await id('dialog-confirm').click();
  await page.locator('[data-testid=round-stop][data-result=finding]').waitFor();
});

test.each([
  ['zh', 'light'],
  ['en', 'dark'],
])('no barrier, and nothing to scroll sideways: %s %s', async (language, theme) => {
  onPage.server.world.role = 'admin';
  await logIn({ language, theme });
  await page.keyboard.press('8');
  await matter('m-2').click();
  await id('matter-detail').waitFor();
  await page.waitForTimeout(300);
  expect(await onPage.violations()).toEqual([]);
  await id('matter-finish').click();
  await id('action-dialog').waitFor();
  await page.waitForTimeout(300);
  expect(await onPage.violations()).toEqual([]);
  for (const section of ['targets', 'roster', 'maintenance', 'rounds', 'notices', 'figures', 'ladder']) {
    await page.goto(`${onPage.server.url}/#/operations/${section}`);
    await page.waitForTimeout(400);
    expect([section, await onPage.violations()]).toEqual([section, []]);
  }
  await page.setViewportSize({ width: 720, height: 450 });
  for (const part of ['matters/m-2', 'operations/targets', 'operations/roster']) {
    await page.goto(`${onPage.server.url}/#/${part}`);
    await page.waitForTimeout(300);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect([part, over]).toEqual([part, 0]);
  }
});
