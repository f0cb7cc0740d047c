import { expect, test } from '@jest/globals';
import { backTest } from './fault-back-test.ts';
import { faultHarness, second } from './fault-harness.ts';
import { loadFaultPolicy, parseFaultPolicy } from './fault-policy.ts';
import { readPolicyText } from './fault-policy-text.ts';
import { unheardRules } from './fault-router.ts';
import { loadServiceLevels } from './service-levels.ts';

const levels = loadServiceLevels();
const rule = (more: string): string => `lateAfterSeconds: 900
rules:
  - id: gone
    on: { type: device.disconnected }
    code: offline
    title: { zh: 离线, en: Offline }
    serviceLevel: general-repair
    trade: network
    lasting: true
    clearedBy: [{ type: device.connected }]
    ${more}
`;
const policy = parseFaultPolicy(rule(''), levels);
const devices = {
  a: { compound: 'harbour-view', kind: 'sensor', name: 'A' },
  b: { compound: 'elsewhere', kind: 'sensor', name: 'B' },
};

const history = async () => {
  const hub = faultHarness({ policy, levels, devices });
  for (const [device, at, seconds] of [
    ['a', 0, 30],
    ['a', 10_000, 30],
    ['a', 20_000, 300],
    ['b', 20_100, 300],
  ] as const) {
    await hub.say(device, 'device.disconnected', { reason: 'will' }, at);
    await hub.routeAll();
    await hub.say(device, 'device.connected', {}, at + seconds);
    await hub.routeAll();
  }
  return hub;
};
const limits = { secondsMax: 60, eventsMax: 1_000_000 };
const clock = { now: () => Date.parse(second(1_000_000)) };

test('what another policy would have raised in that time, beside the one in force and the real orders', async () => {
  const { log, rules } = await history();
  const proposed = parseFaultPolicy(rule('countsAfterSeconds: 60'), levels);
  const wish = { from: second(5_000), to: second(50_000) };
  const found = await backTest({ log, clock, rules, limits }, { proposed, current: policy }, wish);
  expect(found).toMatchObject({
    complete: true,
    proposed: {
      orders: 2,
      byRule: { gone: 2 },
      byClass: { P2: 2 },
      examples: [{ at: second(20_060), device: 'a' }, {}],
    },
    current: { orders: 3 },
    // One order of the device stayed open all the time, for nobody closed it.
    raised: { orders: 1 },
  });
});

test('it stops where its events are used up, and says so', async () => {
  const { log, rules } = await history();
  const wish = { from: second(0), to: second(50_000), compounds: ['elsewhere'] };
  const found = await backTest(
    { log, clock, rules, limits: { ...limits, eventsMax: 1 } },
    { proposed: policy, current: policy },
    wish,
  );
  expect(found).toMatchObject({ complete: false, events: 16, proposed: { orders: 0 } });
});

test.each([
  ['a: [', 1, 'policy'],
  [rule('countsAfterSeconds: soon'), 11, 'rules.0.countsAfterSeconds'],
  [rule('flaping: {}'), 11, 'rules.0.flaping'],
  [rule('countsAfterTimes: { times: 3, withinSeconds: 60 }'), 11, 'rules.0.countsAfterTimes'],
  [rule('').replace('general-repair', 'gold'), 3, 'rules.0'],
  [rule('').replace('device.disconnected', 'sensor.measured'), 3, 'rules.0'],
])('a text that is wrong names line and field: %#', (text, line, field) => {
  const read = readPolicyText(text, levels);
  expect('problems' in read ? read.problems[0] : read).toMatchObject({ line, field });
});

test('the policy that ships with the hub asks only about what the router hears', () => {
  expect(unheardRules(loadFaultPolicy(levels))).toEqual([]);
});
