import type { Page } from 'playwright-core';
import type { Raise } from '../../test/control-room/fixture/orders.ts';
import { raiseOrder } from '../../test/control-room/fixture/world.ts';
import { pageUnderTest } from '../../test/control-room/page-under-test.ts';

/** The steward's (楼宇管家) telephone. */
const onPage = pageUnderTest({ width: 360, height: 740 });
const { id, logIn, violations } = onPage;
let page: Page;
beforeEach(() => {
  ({ page } = onPage);
});

const mine: Raise = {
  device: 'building-4-unit-1-lock',
  code: 'held-open',
  title: { zh: '门长时间未关', en: 'Gate held open' },
  priority: 'P1',
  ageMinutes: 3,
  state: 'dispatched',
  assignee: '刘志强',
};
const card = (order: string) => page.locator(`[data-testid=phone-order][data-order="${order}"]`);
const inState = (order: string, state: string) =>
  page.locator(`[data-testid=phone-order][data-order="${order}"][data-state="${state}"]`).waitFor();

async function openPhone(settings: { language?: string; theme?: string } = {}) {
  await page.addInitScript(() => localStorage.setItem('xingyuan.person.zhoubin', '刘志强'));
  const order = raiseOrder(onPage.server.world, mine);
  await logIn(settings);
  await page.goto(`${onPage.server.url}/#/phone`);
  await card(order.id).waitFor();
  return order;
}

test('one thumb: on my way, arrived, a picture, done; what the device still says is asked about', async () => {
  const order = await openPhone();
  await card(order.id).getByTestId('step-accept').click();
  await inState(order.id, 'accepted');
  await card(order.id).getByTestId('step-arrive').click();
  await inState(order.id, 'on-site');
  await card(order.id)
    .getByTestId('photo-input')
    .setInputFiles({
      name: 'a.png',
      mimeType: 'image/png',
      buffer: Buffer.from(
        'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
        'base64',
      ),
    });
  await card(order.id).locator('img').waitFor();
  await card(order.id).getByTestId('step-resolve').click();
  await id('phone-send').click();
  expect(await page.getByRole('alert').textContent()).toBe('请说明');
  await page.getByRole('button', { name: '已更换' }).click();
  await id('phone-send').click();
  await inState(order.id, 'resolved');
  const told = onPage.server.world.orders.get(order.id)!.timeline.map(({ type }) => type.replace('work-order.', ''));
  expect(told.slice(-4)).toEqual(['accepted', 'arrived', 'photo-added', 'resolved']);
});

test('without a connection it says so, keeps what is done, and sends it afterwards', async () => {
  const order = await openPhone();
  await page.context().setOffline(true);
  onPage.server.setLive(false);
  await id('phone-offline').waitFor({ timeout: 15_000 });
  await card(order.id).getByTestId('step-accept').click();
  await inState(order.id, 'accepted');
  await card(order.id).getByTestId('step-arrive').click();
  await inState(order.id, 'on-site');
  expect(await card(order.id).getByTestId('phone-unsent').textContent()).toContain('2');
  expect(onPage.server.world.orders.get(order.id)?.state).toBe('dispatched');
  onPage.server.setLive(true);
  await page.context().setOffline(false);
  await card(order.id).getByTestId('phone-unsent').waitFor({ state: 'detached', timeout: 30_000 });
  expect(onPage.server.world.orders.get(order.id)?.state).toBe('on-site');
});

test('a step that the hub refuses says why and can be put away', async () => {
  const order = await openPhone();
  await page.route('**/accept', (route) =>
    route.fulfill({
      status: 409,
      contentType: 'application/problem+json',
      body: JSON.stringify({ code: 'work-order.wrong-state', detail: '' }),
    }),
  );
  await card(order.id).getByTestId('step-accept').click();
  await card(order.id).getByTestId('phone-refused').waitFor();
  await card(order.id).getByTestId('phone-refused').getByRole('button').click();
  await card(order.id).getByTestId('phone-refused').waitFor({ state: 'detached' });
  await card(order.id).getByTestId('step-accept').waitFor();
});

test('given back with a reason, and another one taken', async () => {
  const order = await openPhone();
  await card(order.id).getByTestId('step-return').click();
  await page.getByRole('button', { name: '不归我负责' }).click();
  await id('phone-send').click();
  await card(order.id).waitFor({ state: 'detached' });
  await id('step-grab').first().click();
  await page.locator('[data-testid=phone-order][data-state=accepted]').first().waitFor();
  const taken = [...onPage.server.world.orders.values()].filter(({ assignee }) => assignee === '刘志强');
  expect(taken.map(({ state }) => state)).toContain('accepted');
});

test.each([
  ['zh', 'light'],
  ['en', 'dark'],
])('360 px wide, large enough for a thumb, without a barrier: %s %s', async (language, theme) => {
  const order = await openPhone({ language, theme });
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over).toBe(0);
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('.phone-body button, .phone-head .ant-select, .phone-foot > button')]
      .filter((button) => button.getClientRects().length > 0 && !button.classList.contains('link'))
      .map((button) => [button.textContent, button.getBoundingClientRect().height] as const)
      .filter(([, height]) => height < 48),
  );
  expect(small).toEqual([]);
  await page.waitForTimeout(300);
  expect(await violations()).toEqual([]);
  await card(order.id).getByTestId('step-pause').click();
  await id('phone-sheet').waitFor();
  await page.waitForTimeout(400);
  expect(await violations()).toEqual([]);
});
