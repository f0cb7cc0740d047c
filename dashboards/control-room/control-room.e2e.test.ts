import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { systemClock } from '../../services/runtime/clock.ts';
import type { Raise } from '../../test/control-room/fixture/orders.ts';
import { raiseOrder, recoverOrder } from '../../test/control-room/fixture/world.ts';
import type { FixtureServer } from '../../test/control-room/fixture-server.ts';
import { pageUnderTest } from '../../test/control-room/page-under-test.ts';

const smoke: Raise = {
  device: 'building-4-corridor-smoke',
  code: 'smoke-alarm',
  title: { zh: '烟感火警', en: 'Fire alarm of a smoke sensor' },
  priority: 'P0',
  ageMinutes: 0,
};

const onPage = pageUnderTest();
const { id, row, logIn, violations } = onPage;
let page: Page;
let server: FixtureServer;
beforeEach(() => {
  ({ page, server } = onPage);
});

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
  // Nothing asks for the list again by itself: only the stream can bring it.
  await row(order.id).waitFor();
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
  await onPage.focused('field-assignee');
  await page.keyboard.type('李师傅');
  await page.keyboard.press('Enter');
  await reaches('dispatched');
  await page.keyboard.press('r');
  await reaches('on-site');
  await page.keyboard.press('s');
  await onPage.focused('field-note');
  await page.keyboard.type('更换探头');
  await page.keyboard.press('Control+Enter');
  await reaches('resolved');
  await page.keyboard.press('c');
  await onPage.focused('field-note');
  await page.keyboard.press('Control+Enter');
  await id('order-problem').waitFor();
  expect(await id('order-problem').getAttribute('data-code')).toBe('work-order.device-still-faulty');
  await page.keyboard.press('Escape');
  await id('action-dialog').waitFor({ state: 'hidden' });

  recoverOrder(server.world, order.id);
  await detail.getByText('设备恢复').first().waitFor();
  await page.keyboard.press('c');
  await onPage.focused('field-note');
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
  await id('new-orders').waitFor();
  const after = await row(order!).boundingBox();
  expect(Math.round(after!.y)).toBe(Math.round(before!.y));
  await id('new-orders').click();
  await id('new-orders').waitFor({ state: 'detached' });
  const list = await id('order-list').boundingBox();
  expect((await row(alarm.id).boundingBox())!.y).toBeGreaterThanOrEqual(list!.y);
});

test('a cut stream is a loud banner, the mended one catches up', async () => {
  await page.clock.install();
  await logIn();
  server.setLive(false);
  await id('live-banner').waitFor({ timeout: 5_000 });
  expect(await id('live-status').getAttribute('data-status')).toBe('broken');
  const missed = raiseOrder(server.world, { ...smoke, device: 'building-6-corridor-smoke' });
  // While the page's time stands still, only the button asks for the stream. It asks in vain as yet: once the stream
  // can be had, the page may have it before anybody presses anything.
  await page.clock.pauseAt(systemClock.now() + 60_000);
  await Promise.all([page.waitForRequest('**/api/live*'), id('live-banner').getByRole('button').click()]);
  await page.clock.resume();
  server.setLive(true);
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
  // By what a step makes and shows, in frames: milliseconds also tell of whatever else the machine is doing.
  const { made, madeAgain, most, blank } = await page.evaluate(async () => {
    const list = document.querySelector('[data-testid=order-list]')!;
    const rows = () => list.querySelectorAll('[data-testid=order-row]').length;
    const seen = { made: new Set<string>(), madeAgain: 0, most: 0, blank: 0 };
    const observer = new MutationObserver((records) => {
      for (const added of records.flatMap(({ addedNodes }) => [...addedNodes])) {
        const order = added instanceof HTMLElement ? added.dataset.order : undefined;
        if (order === undefined) continue;
        if (seen.made.has(order)) seen.madeAgain += 1;
        seen.made.add(order);
      }
    });
    observer.observe(list, { childList: true, subtree: true });
    const { left, top, width, height } = list.getBoundingClientRect();
    for (let step = 0; step < 60; step += 1) {
      list.scrollTop += 500;
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      seen.most = Math.max(seen.most, rows());
      const middle = document.elementFromPoint(left + width / 2, top + height / 2);
      if (middle?.closest('[data-testid=order-row]') == null) seen.blank += 1;
    }
    observer.disconnect();
    return { ...seen, made: seen.made.size };
  });
  expect(made).toBeGreaterThan(300);
  expect({ madeAgain, blank }).toEqual({ madeAgain: 0, blank: 0 });
  expect(most).toBeLessThan(60);
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
      ['records', 'record-item'],
      ['programme', 'programme-row'],
      ['re-rating', 'replay-item'],
    ] as const) {
      await id(`nav-${name}`).click();
      await id(ready).first().waitFor();
      // Past the transitions, in which colours are neither old nor new.
      await page.waitForTimeout(300);
      expect(await violations()).toEqual([]);
    }
    for (const section of ['whistles', 'disclosures', 'figures', 'positions', 'devices', 'reports', 'gaps']) {
      await id('nav-records').click();
      await id(`records-${section}`).click();
      await page.waitForTimeout(300);
      expect([section, await violations()]).toEqual([section, []]);
    }
    await id('nav-stars').click();
    await page.locator('[data-criterion=CAM-3] [data-testid=open-evidence]').click();
    await id('evidence-events-toggle').first().click();
    await id('evidence-event').first().waitFor();
    await page.waitForTimeout(300);
    expect(await violations()).toEqual([]);
    await id('nav-re-rating').click();
    await id('replay-item').first().getByRole('button').click();
    await id('replay-change').first().waitFor();
    await page.waitForTimeout(300);
    expect(await violations()).toEqual([]);
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
  for (const name of ['now', 'orders', 'devices', 'stars', 'records', 'programme', 're-rating']) {
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

describe('stars that explain themselves', () => {
  test('by keyboard from a criterion to its evidence, its events, and back', async () => {
    await logIn();
    await page.keyboard.press('4');
    const criterion = page.locator('[data-criterion=CAM-3] [data-testid=open-evidence]');
    await criterion.focus();
    await page.keyboard.press('Enter');
    await id('evidence-item').first().waitFor();
    expect(await page.evaluate(() => location.hash)).toContain('#/stars/CAM-3');
    const values = await id('evidence-item').locator('.evidence-value strong').allTextContents();
    expect(values.map(Number.parseFloat)).toEqual([...values.map(Number.parseFloat)].sort((a, b) => a - b));
    // Time as words too, not as a strip alone.
    expect(await id('time-strip').first().getAttribute('aria-label')).toMatch(/离线 .*网关离线/);
    await id('evidence-events-toggle').first().focus();
    await page.keyboard.press('Enter');
    await id('evidence-event').first().waitFor();
    expect(await id('evidence-event').first().textContent()).toContain('日志位置');
    for (const [name, part] of [
      ['evidence-csv', '/rating/criteria/CAM-3/evidence?format=csv'],
      ['evidence-bundle', '/rating/criteria/CAM-3/evidence/bundle'],
    ] as const) {
      expect(await id(name).getAttribute('href')).toContain(part);
    }
    await page.keyboard.press('Escape');
    await id('evidence').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => location.hash)).not.toContain('CAM-3');
  });

  test('a device of the evidence opens where devices are', async () => {
    await logIn();
    await page.keyboard.press('4');
    await page.locator('[data-criterion=CAM-3] [data-testid=open-evidence]').click();
    const subject = await id('evidence-item').first().getAttribute('data-subject');
    await id('subject-link').first().click();
    await page.locator(`[data-testid=device-detail][data-device="${subject}"]`).waitFor();
  });

  test('what was known then stands beside what is known now; a draft is marked as made up', async () => {
    await logIn();
    await page.goto(`${server.url}/#/stars?day=2026-03-01&known=2026-03-02&standard=weihai-smart-compound@2026.1`);
    await id('known-note').waitFor();
    expect(await id('known-note').textContent()).toContain('CAM-3');
    expect(await id('draft-note').count()).toBe(1);
    expect(await id('raise-order').count()).toBe(0);
    await page.getByRole('button', { name: '回到现在' }).click();
    await id('outlook').or(id('draft-note')).first().waitFor();
    expect(await id('known-note').count()).toBe(0);
  });

  test('a meeting is planned, refused where it is wrong, and held', async () => {
    await logIn();
    await page.keyboard.press('5');
    await id('record-item').first().waitFor();
    await id('submit-meeting').click();
    await page.locator('.ant-form-item-explain-error').first().waitFor();
    await id('field-plannedFor').fill('2026-03-05T14:30');
    await id('field-subject').fill('绿化带改充电车位');
    await id('submit-meeting').click();
    const planned = id('record-item').filter({ hasText: '绿化带改充电车位' });
    await planned.waitFor();
    expect(await planned.textContent()).toContain('2026-03-05 14:30');
    await planned.getByTestId('hold-meeting').click();
    await id('field-at').fill('2999-01-01T00:00');
    await id('field-minutes').fill('街道同意，下周开工');
    await id('submit-complete').click();
    // What the hub refused stands beside the field that it names.
    const at = page.locator('.ant-form-item').filter({ has: id('field-at') });
    await at.locator('.ant-form-item-explain-error').waitFor();
    await id('field-at').fill('2026-03-05T14:40');
    await id('submit-complete').click();
    await page.locator('[data-testid=record-item][data-completed=true]').filter({ hasText: '下周开工' }).waitFor();
  });

  test('figures: what is left empty is not said', async () => {
    await logIn();
    await page.goto(`${server.url}/#/records/figures`);
    await id('field-figures.eBikes').fill('900');
    await id('field-figures.evReadySpaces').fill('');
    await id('submit-figures').click();
    await page.getByText('已保存').waitFor();
    expect(server.world.compounds[0]!.figures).toEqual({ parkingSpaces: 1040, eBikes: 900, eBikePorts: 260 });
  });

  test('the programme: short of its target, who is at risk, and from there to the stars', async () => {
    await logIn();
    await page.keyboard.press('6');
    await id('programme-row').first().waitFor();
    expect(await id('programme-forecast').getAttribute('class')).toContain('is-bad');
    await id('programme-filter').getByText('有风险').click();
    expect(await id('programme-shown').textContent()).toMatch(/^[1-9]\d* \/ 120/);
    await id('open-compound').first().click();
    await id('stars-total').waitFor();
  });

  test('a re-rating is started, watched, cancelled; a finished one says who goes down and is exported', async () => {
    await logIn();
    await page.keyboard.press('7');
    await id('submit-replay').waitFor();
    await page.locator('#replay_standard').click();
    await page.locator('.ant-select-item-option').filter({ hasText: '虚构' }).first().click();
    await id('field-from').fill('2025-10-01');
    await id('field-to').fill('2026-03-01');
    await id('submit-replay').click();
    await page.locator('[data-testid=replay][data-state=running]').waitFor();
    await id('replay-cancel').click();
    await page.locator('[data-testid=replay][data-state=cancelled]').waitFor();
    await id('replay-item').last().getByRole('button').click();
    await id('replay-direction').getByText('降星').click();
    await page.locator('[data-testid=replay-change][data-direction=down]').first().waitFor();
    expect(await page.locator('[data-testid=replay-change][data-direction=up]').count()).toBe(0);
    const [download] = await Promise.all([page.waitForEvent('download'), id('replay-export').click()]);
    const csv = readFileSync(await download.path(), 'utf8');
    expect(csv.startsWith('\uFEFF小区编号,小区,从,至,天数,现行星级,重算星级,指标\r\n')).toBe(true);
    expect(csv.trim().split('\r\n')).toHaveLength(42);
  });
});
