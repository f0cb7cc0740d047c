import type { Page } from 'playwright-core';
import { pageUnderTest } from '../../test/control-room/page-under-test.ts';

/** What people of a shift say of themselves and of their rules. */
const onPage = pageUnderTest();
const { id, logIn } = onPage;
let page: Page;
beforeEach(() => {
  ({ page } = onPage);
});

const open = (section: string) => page.goto(`${onPage.server.url}/#/operations/${section}`);
const dialogGone = () => id('action-dialog').waitFor({ state: 'detached' });

test('a shift is taken over from the list that is open anyway, and handed over by keyboard', async () => {
  await logIn();
  await id('handover-note').getByRole('button').click();
  await id('take-over').click();
  await id('field-remarks').fill('已核对');
  await page.keyboard.press('Control+Enter');
  await page.locator('[data-testid=handover-row][data-taken=true]').filter({ hasText: '已核对' }).waitFor();
  await dialogGone();
  await id('field-notes').fill('泵房漏水，等配件');
  await id('field-watch').locator('input').press('Enter');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await id('submit-handover').press('Enter');
  const given = page.locator('[data-testid=handover-row][data-taken=false]');
  await given.filter({ hasText: '泵房漏水' }).waitFor();
  expect(await given.getByRole('button').count()).toBe(1);
  expect(await id('take-over').count()).toBe(0);
  await page.keyboard.press('1');
  await id('order-row').first().waitFor();
  expect(await id('handover-note').count()).toBe(0);
});

test('where people are told is entered, shows its secret once, and is erased', async () => {
  await logIn();
  await open('contacts');
  await id('add-contact').click();
  await id('field-person').fill('刘师傅');
  await id('field-webhook').fill('https://im.example/hook');
  await page.keyboard.press('Enter');
  await id('contact-secret').filter({ hasText: 'whsec_' }).waitFor();
  const line = page.locator('[data-testid=contact-row]').filter({ hasText: '刘师傅' });
  await line.getByTestId('erase-contact').click();
  await id('dialog-confirm').click();
  await line.waitFor({ state: 'detached' });
});

test('a fault policy is switched on only as it was tested', async () => {
  onPage.server.world.role = 'admin';
  await logIn();
  await open('policy');
  const text = await id('policy-text').inputValue();
  await id('policy-text').fill('rules: nonsense');
  await id('back-test').click();
  await page.locator('[data-testid=problem][data-code="fault-policy.wrong"]').waitFor();
  await id('policy-text').fill(text.replace('lateAfterSeconds: 900', 'lateAfterSeconds: 600'));
  await id('back-test').click();
  await page.locator('[data-testid=rule-difference][data-key=camera-offline]').filter({ hasText: '−19' }).waitFor();
  await page.locator('[data-testid=back-test-row][data-key=raised]').filter({ hasText: '33' }).waitFor();
  expect(await id('switch-on').isEnabled()).toBe(true);
  await id('policy-text').press('End');
  await id('policy-text').pressSequentially('\n');
  expect(await id('switch-on').isEnabled()).toBe(false);
  await id('back-test').click();
  await page.locator('[data-testid=switch-on]:enabled').click();
  await id('field-reason').fill('摄像机抖动太多');
  await id('dialog-confirm').click();
  await id('policy-version').filter({ hasText: '第 1 版' }).waitFor();
});

test('the residents’ code is shown to be printed, made anew only when asked for twice, and closed', async () => {
  await logIn();
  await open('intake');
  await id('issue-intake').click();
  await id('intake-notice').locator('svg').waitFor();
  expect(await id('intake-notice').textContent()).toContain(`${onPage.server.url}/intake/`);
  await id('renew-intake').click();
  await id('dialog-confirm').click();
  await dialogGone();
  await id('close-intake').click();
  await id('dialog-confirm').click();
  await page.locator('[data-testid=intake-state][data-open=false]').waitFor();
  expect(await id('intake-notice').count()).toBe(0);
});

test('a target’s secret is changed, and a round goes to places too', async () => {
  onPage.server.world.role = 'admin';
  await logIn();
  await open('targets');
  await page.locator('[data-testid=target-row][data-key=erp]').getByTestId('rotate-secret').click();
  await page.locator('[data-testid=dialog-confirm]:focus').waitFor();
  await page.keyboard.press('Enter');
  await id('target-secret').filter({ hasText: 'whsec_rotated' }).waitFor();
  await open('rounds');
  await id('plan-round').click();
  await id('field-route').locator('input').fill('位置');
  expect(await page.locator('.ant-select-item-option').count()).toBeGreaterThan(1);
});

test('a gate is opened by the word of a second person, and what cannot be sent says so', async () => {
  await logIn();
  await page.goto(`${onPage.server.url}/#/devices/east-gate-face`);
  const asked = page.locator('[data-testid=device-command]').filter({ hasText: '救护车进院' });
  await asked.getByTestId('approve-command').click();
  await asked.filter({ hasText: '已执行' }).waitFor();
  expect(await asked.textContent()).toContain('liufang + zhoubin');
  await id('ask-restart').click();
  await id('field-reason').fill('死机');
  await page.keyboard.press('Enter');
  await dialogGone();
  await page
    .locator('[data-testid=device-command][data-state=not-sent]')
    .filter({ hasText: 'not connected' })
    .waitFor();
});

test('whoever connects a device: tries a message, registers who was heard, takes up what was refused, listens', async () => {
  await logIn();
  await page.keyboard.press('0');
  await id('field-topic').fill('xy/v1/a/b/events');
  await id('field-payload').fill('nonsense');
  await id('submit-try').click();
  await page.locator('[data-testid=tried] [data-outcome=refused]').waitFor();
  await id('field-payload').fill('{"type":"gate.passed"}');
  await id('submit-try').click();
  await id('tried').getByTestId('explained-events').filter({ hasText: 'gate.passed' }).waitFor();
  const heard = page.locator('[data-testid=heard-unknown][data-key="gateway.corridor-smoke-9"]');
  await heard.getByTestId('adopt').click();
  await id('adopted').filter({ hasText: '12' }).waitFor();
  await heard.waitFor({ state: 'detached' });
  await id('adopt').click();
  await id('field-kind').locator('input:focus').waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.ant-select-item-option').filter({ hasText: '门禁' }).click();
  await id('dialog-confirm').click();
  await id('adopted-credential').filter({ hasText: 'told-once' }).waitFor();
  const reason = page.locator('[data-testid=letter-reason]').filter({ hasText: 'data.direction' });
  await reason.getByTestId('preview-letters').click();
  await page.locator('[data-testid=replay-report][data-preview=true]').waitFor();
  await reason.getByTestId('replay-letters').click();
  await reason.waitFor({ state: 'detached' });
  await page.goto(`${onPage.server.url}/#/integrators/east-gate`);
  await page.locator('[data-testid=live-message] [data-outcome=refused]').waitFor();
  expect(await id('live-message').count()).toBe(2);
});

test.each([
  ['zh', 'dark'],
  ['en', 'light'],
])('no barrier, nothing to scroll sideways on a telephone, and one row of header: %s %s', async (language, theme) => {
  onPage.server.world.role = 'admin';
  await logIn({ language, theme });
  expect(await page.locator('.header').evaluate(({ clientHeight }) => clientHeight)).toBeLessThan(60);
  const steps: Record<string, string[]> = {
    'operations/handovers': [],
    'operations/contacts': ['add-contact'],
    'operations/policy': ['back-test'],
    'operations/intake': ['issue-intake'],
    'integrators/east-gate': ['preview-letters'],
  };
  for (const [section, clicks] of Object.entries(steps)) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`${onPage.server.url}/#/${section}`);
    for (const click of clicks) await id(click).first().click();
    await page.waitForTimeout(400);
    expect([section, await onPage.violations()]).toEqual([section, []]);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.waitForTimeout(200);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect([section, over]).toEqual([section, 0]);
  }
});
