import { expect, test } from '@jest/globals';
import { type FaultHarness, faultHarness } from './fault-harness.ts';
import { loadFaultPolicy } from './fault-policy.ts';
import { isOpen } from './order-state.ts';
import { loadServiceLevels } from './service-levels.ts';

const levels = loadServiceLevels();
const policy = loadFaultPolicy(levels);
const count = 200;
const device = (index: number) => ({
  compound: 'harbour-view',
  kind: index % 2 === 0 ? 'camera' : 'access-gate',
  name: `Device ${index}`,
  building: `b-${index % 3}`,
  buildingName: `Building ${index % 3}`,
});
const devices = Object.fromEntries(Array.from({ length: count }, (_, index) => [`device-${index}`, device(index)]));
const names = Object.keys(devices);

const storm = async (): Promise<FaultHarness> => {
  const hub = faultHarness({ policy, levels, devices });
  for (const [index, name] of names.entries()) {
    await hub.say(name, 'device.disconnected', { reason: 'will' }, Math.floor(index / 10));
    if (index % 50 === 49) await hub.route({ twice: index === 99 });
  }
  await hub.routeAll();
  return hub;
};

test('many faults at once are gathered by building, kind and code, and each is named once', async () => {
  const hub = await storm();
  const open = (await hub.orders()).filter(({ state }) => isOpen(state));
  expect(open.map(({ raised, state }) => [raised.building, raised.kind, state.covers]).sort()).toEqual(
    ['b-0', 'b-1', 'b-2'].flatMap((building) => [
      [building, 'access-gate', expect.any(Number)],
      [building, 'camera', expect.any(Number)],
    ]),
  );
  expect(open.reduce((sum, { state }) => sum + state.covers, 0)).toBe(count);
  expect(new Set(open.flatMap(({ covered }) => [...covered])).size).toBe(count);
  expect(open[0]?.raised.title.zh).toMatch(/集中故障：Building \d · 离线/);
});

test('a fire alarm has an order of its own in the midst of it', async () => {
  const hub = await storm();
  await hub.say('device-0', 'sensor.threshold-crossed', { quantity: 'smoke', active: true }, 30);
  await hub.routeAll();
  expect(await hub.open()).toContain('device-0 smoke');
});

test('it dissolves by itself: the few that are left get orders of their own, and later faults too', async () => {
  const hub = await storm();
  for (const name of names.slice(4)) await hub.say(name, 'device.connected', {}, 60);
  await hub.until(320);
  expect((await hub.orders()).filter(({ state }) => isOpen(state) && !state.recovered)).toHaveLength(4);
  expect(
    hub.memory
      .rows()
      .filter(({ openOrder }) => openOrder !== null)
      .map((row) => row.device),
  ).toEqual(names.slice(0, 4));
  await hub.say('device-9', 'device.disconnected', { reason: 'will' }, 400);
  await hub.until(400);
  expect(await hub.open()).toContain('device-9 offline');
});

test('it stays together while many are left, and the last one ends it', async () => {
  const hub = await storm();
  await hub.until(1000);
  expect((await hub.orders()).filter(({ state }) => isOpen(state))).toHaveLength(6);
  for (const name of names) await hub.say(name, 'device.connected', {}, 1100);
  await hub.until(2000);
  expect((await hub.orders()).every(({ state }) => !isOpen(state) || state.recovered)).toBe(true);
});

test('what has passed before it became a storm keeps its own order', async () => {
  const hub = faultHarness({ policy, levels, devices });
  const faults = policy.storm!.faults;
  await hub.say('device-0', 'device.disconnected', { reason: 'will' }, 0);
  await hub.say('device-0', 'device.connected', {}, 0);
  for (const name of names.slice(1, faults)) await hub.say(name, 'device.disconnected', { reason: 'will' }, 1);
  await hub.routeAll();
  const open = (await hub.orders()).filter(({ state }) => isOpen(state));
  expect(open.flatMap(({ covered }) => [...covered])).toHaveLength(faults - 1);
  expect(hub.memory.rows().find((row) => row.device === 'device-0')).toMatchObject({ standing: false, wait: null });
  expect(open.find(({ raised }) => raised.device === 'device-0')?.state.recovered).toBe(true);
});
