import type { Page } from 'playwright-core';
import type { Raise } from '../../test/control-room/fixture/orders.ts';
import { raiseOrder, recoverOrder } from '../../test/control-room/fixture/world.ts';
import { pageUnderTest } from '../../test/control-room/page-under-test.ts';

/** What a person does with orders beyond the shift: waits, hands over, counts the cost, does one thing with many. */
const onPage = pageUnderTest();
const { id, row, logIn, focused } = onPage;
let page: Page;
beforeEach(() => {
  ({ page } = onPage);
});

const stuck: Raise = {
  device: 'garage-b-cam',
  code: 'signal-loss',
  title: { zh: '视频信号丢失', en: 'Video signal lost' },
  priority: 'P2',
  ageMinutes: 0,
};
const reaches = (state: string) => page.locator(`[data-testid=order-detail] [data-state="${state}"]`).waitFor();

/** A one-pixel picture. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

async function openNew(raise: Raise = stuck) {
  await logIn();
  const order = raiseOrder(onPage.server.world, raise);
  await page.goto(`${onPage.server.url}/#/orders/${order.id}`);
  await page.locator(`[data-testid=order-detail][data-order="${order.id}"]`).waitFor();
  await page.getByTestId('order-title').click();
  return order;
}

test('two keys each: taken on, paused with a reason, resumed, handed over', async () => {
  await openNew();
  await page.keyboard.press('a');
  await reaches('acknowledged');
  await page.keyboard.press('d');
  await focused('field-assignee');
  await page.keyboard.type('李师傅');
  await page.keyboard.press('Enter');
  await reaches('dispatched');
  await page.keyboard.press('y');
  await reaches('accepted');
  await page.keyboard.press('p');
  await page.locator('#command_reason input').first().waitFor();
  await page.waitForFunction(() => document.activeElement?.closest('#command_reason') !== null);
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await reaches('paused');
  expect(await id('pause-note').textContent()).toContain('停止计时');
  await page.keyboard.press('p');
  await reaches('accepted');
  await page.keyboard.press('t');
  await focused('field-assignee');
  await page.keyboard.type('孙电工');
  await page.keyboard.press('Tab');
  await page.locator('#command_reason').fill('要电工');
  await page.keyboard.press('Control+Enter');
  await reaches('dispatched');
  expect(await id('timeline-step').first().textContent()).toContain('孙电工');
});

test('resolved without the device saying so asks why, and stays in sight', async () => {
  const order = await openNew();
  await page.keyboard.press('a');
  await reaches('acknowledged');
  await page.keyboard.press('s');
  await focused('field-note');
  await page.keyboard.press('Control+Enter');
  await page.locator('.ant-form-item-explain-error').waitFor();
  await page.keyboard.type('换了线，设备稍后上线');
  await page.keyboard.press('Control+Enter');
  await reaches('resolved');
  await id('without-recovery').waitFor();
  recoverOrder(onPage.server.world, order.id);
  await page.getByText('设备恢复').first().waitFor();
  await id('without-recovery').waitFor();
});

test('a recovery without a repair offers to close', async () => {
  const order = await openNew();
  expect(await id('offers-close').count()).toBe(0);
  recoverOrder(onPage.server.world, order.id);
  await id('offers-close').waitFor();
  expect(await id('action-close').getAttribute('class')).toContain('primary');
  await id('action-close').click();
  await focused('field-note');
  await page.keyboard.press('Control+Enter');
  await reaches('closed');
});

test('parts, cost and pictures', async () => {
  await openNew();
  await page.keyboard.press('a');
  await reaches('acknowledged');
  await page.keyboard.press('e');
  await focused('field-name');
  await page.keyboard.type('网线');
  await page.keyboard.press('Enter');
  await id('work-done').waitFor();
  await page.keyboard.press('f');
  await page.waitForFunction(() => document.activeElement?.id === 'command_amountYuan');
  await page.keyboard.type('35.5');
  await page.keyboard.press('Enter');
  await id('cost-total').waitFor();
  expect(await id('cost-total').textContent()).toContain('¥ 35.50');
  await id('photo-input').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: picture });
  await id('order-photo').waitFor();
  await page.waitForFunction(() => {
    const shown = document.querySelector<HTMLImageElement>('[data-testid=order-photo]');
    return shown?.complete === true && shown.naturalWidth > 0;
  });
});

test('a duplicate names the order that stays, and leads there', async () => {
  const stays = await openNew();
  const order = raiseOrder(onPage.server.world, { ...stuck, code: 'no-frames' });
  await page.goto(`${onPage.server.url}/#/orders/${order.id}`);
  await page.locator(`[data-testid=order-detail][data-order="${order.id}"]`).waitFor();
  await id('action-cancel').click();
  await page.locator('#command_kind').getByText('重复').click();
  await page.locator('#command_duplicateOf').click();
  await page.locator('.ant-select-item-option').filter({ hasText: stays.id }).click();
  await page.locator('#command_reason').fill('同一台摄像机');
  await id('dialog-confirm').click();
  await id('duplicate-of').click();
  await page.locator(`[data-testid=order-detail][data-order="${stays.id}"]`).waitFor();
});

test('many at once: chosen, acknowledged, dispatched; the board of another trade stays as it is', async () => {
  await logIn();
  await page.goto(`${onPage.server.url}/#/orders?view=table`);
  await id('order-line').first().waitFor();
  const raised = page.locator('[data-testid=order-line]').filter({ has: page.locator('[data-state=raised]') });
  const count = await raised.count();
  expect(count).toBeGreaterThan(2);
  await id('choose-all').check();
  await id('bulk-acknowledge').click();
  await id('bulk-outcome').waitFor();
  expect(await id('bulk-outcome').textContent()).toContain(`完成 ${count} 单`);
  expect(await raised.count()).toBe(0);
  await id('choose-all').check();
  await id('bulk-dispatch').click();
  await id('bulk-assignee').fill('李师傅');
  await id('bulk-confirm').click();
  await page.locator('[data-testid=order-line]').filter({ hasText: '李师傅' }).nth(2).waitFor();
});

test('filters stand in the address: trade, assignee, overdue', async () => {
  await logIn();
  await page.goto(`${onPage.server.url}/#/orders?view=table&trade=video`);
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=order-line]').length === 2);
  await page.goto(`${onPage.server.url}/#/orders?view=table&assignee=${encodeURIComponent('孙电工')}`);
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=order-line]').length === 1);
  await page.goto(`${onPage.server.url}/#/orders?view=table`);
  await page.waitForFunction(() => document.querySelectorAll('[data-testid=order-line]').length > 10);
  const all = await id('order-line').count();
  await id('filter-overdue').check();
  await page.waitForFunction((before) => document.querySelectorAll('[data-testid=order-line]').length < before, all);
  expect(await page.evaluate(() => location.hash)).toContain('overdue=true');
  expect(await page.locator('.clock-overdue').count()).toBe(await id('order-line').count());
});

test('on paper: the lines alone, or one order alone', async () => {
  await page.addInitScript(() => {
    window.print = () => undefined;
  });
  await logIn();
  await id('nav-orders').click();
  await id('order-card').first().waitFor();
  await page.evaluate(() => document.body.setAttribute('data-print', 'orders'));
  await page.emulateMedia({ media: 'print' });
  expect(await id('search').isVisible()).toBe(false);
  expect(await page.locator('.header').isVisible()).toBe(false);
  expect(await page.locator('.print-only').isVisible()).toBe(true);
  await page.emulateMedia({ media: 'screen' });
  await id('order-card').first().click();
  await id('order-detail').waitFor();
  await page.evaluate(() => document.body.setAttribute('data-print', 'order'));
  await page.emulateMedia({ media: 'print' });
  expect(await id('orders-board').isVisible()).toBe(false);
  expect(await id('order-title').isVisible()).toBe(true);
  await page.emulateMedia({ media: 'screen' });
});

test('the list on Now marks what waits and what is overdue', async () => {
  await logIn();
  const paused = page.locator('[data-testid=order-row][data-state=paused]').first();
  await paused.waitFor();
  expect(await paused.textContent()).toContain('等待配件');
  const recovered = [...onPage.server.world.orders.values()].find(({ offersClose }) => offersClose);
  expect(await row(recovered!.id).textContent()).toContain('可关闭');
});
