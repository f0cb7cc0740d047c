import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Refusal } from '../event-log/decider.ts';
import { faultHarness, second } from './fault-harness.ts';
import { parseFaultPolicy } from './fault-policy.ts';
import { faultKey } from './fault-routing.ts';
import { isOpen } from './order-state.ts';
import { loadServiceLevels } from './service-levels.ts';
import type { PersonCommand } from './work-order.ts';

const levels = loadServiceLevels();
const policyWith = (more: string) =>
  parseFaultPolicy(
    `
lateAfterSeconds: 900
foldBackSeconds: 100
storm: { faults: 4, withinSeconds: 30, quietSeconds: 60, ordersMax: 2, except: [P0] }
rules:
  - id: offline
    on: { type: device.disconnected }
    code: offline
    title: { zh: 离线, en: Offline }
    serviceLevel: general-repair
    trade: network
    lasting: true
    clearedBy: [{ type: device.connected }]
    silence: true
    covers: [gateway, power]
    comesOutAfterSeconds: 50
    ${more}
  - id: fault
    on: { type: device.fault-raised }
    codeFrom: code
    title: { zh: 故障, en: Fault }
    serviceLevel: general-repair
    trade: general
    lasting: true
    clearedBy: [{ type: device.fault-cleared }]
`,
    levels,
  );

const plain = { compound: 'harbour-view', kind: 'sensor', name: 'Sensor', building: 'b-1' };
const power = { id: 'feed', by: 'power' as const };
const gateway = { id: 'gateway', by: 'gateway' as const };
const devices = {
  feed: plain,
  gateway: { ...plain, kind: 'gateway', hangsOn: [power] },
  a: { ...plain, hangsOn: [gateway, power] },
  b: { ...plain, hangsOn: [gateway, power] },
  c: { ...plain, hangsOn: [power] },
  d: plain,
  e: { ...plain, building: 'b-2' },
};
const names = Object.keys(devices);

type Hub = ReturnType<typeof faultHarness>;
const commands: Record<string, PersonCommand> = {
  dispatch: { type: 'dispatch', data: { assignee: 'Liu' } },
  close: { type: 'close', data: { outcome: 'repaired' } },
  'accept-as-is': { type: 'close', data: { outcome: 'accepted-as-is', note: 'known' } },
  resolve: { type: 'resolve', data: { note: 'done' } },
  cancel: { type: 'cancel', data: { reason: 'a test' } },
};
interface Move {
  do: string;
  device: string;
  seconds: number;
  pick: number;
  size: number;
}

const play = async (hub: Hub, move: Move, now: number): Promise<void> => {
  const { device, size, pick } = move;
  if (move.do === 'down') await hub.say(device, 'device.disconnected', { reason: 'will' }, now);
  else if (move.do === 'up') await hub.say(device, 'device.connected', {}, now);
  else if (move.do === 'late') await hub.say(device, 'device.disconnected', {}, now - 1000, now);
  else if (move.do === 'fault') await hub.say(device, 'device.fault-raised', { code: 'jammed' }, now);
  else if (move.do === 'mended') await hub.say(device, 'device.fault-cleared', { code: 'jammed' }, now);
  else if (move.do === 'route') await hub.route({ maxCount: size });
  else if (move.do === 'die') await hub.route({ maxCount: size, dies: true });
  else if (move.do === 'tick') await hub.strike(second(now));
  else if (move.do === 'window') {
    const data = {
      compound: 'harbour-view',
      devices: [device],
      from: second(now),
      to: second(now + 40),
      reason: 'work',
    };
    await hub.maintain(`w-${now}`, { type: 'plan', data, now: second(now) }, now);
  } else {
    const orders = (await hub.orders()).filter(({ state }) => isOpen(state));
    const order = orders[pick % Math.max(1, orders.length)];
    if (order === undefined) return;
    await hub.command(order.order, commands[move.do]!, now).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
    });
  }
};

const kinds = ['down', 'down', 'down', 'up', 'up', 'late', 'fault', 'fault', 'mended', 'route', 'route', 'die', 'tick'];
const move = fc.record({
  do: fc.constantFrom(...kinds, 'window', ...Object.keys(commands)),
  device: fc.constantFrom(...names),
  seconds: fc.nat({ max: 25 }),
  pick: fc.nat({ max: 9 }),
  size: fc.integer({ min: 1, max: 8 }),
});

/** Open orders that stand for each fault, by the orders' own streams. */
const standFor = async (hub: Hub): Promise<Map<string, string[]>> => {
  const found = new Map<string, string[]>();
  const add = (key: string, order: string) => found.set(key, [...(found.get(key) ?? []), order]);
  for (const { order, raised, state } of await hub.orders()) {
    if (!isOpen(state)) continue;
    const { device, code, component = '' } = raised;
    if (device !== undefined) add(faultKey({ device, code, component }), order);
  }
  return found;
};

const checkAll = async (hub: Hub): Promise<void> => {
  const own = await standFor(hub);
  for (const orders of own.values()) expect(orders).toHaveLength(1);
  for (const record of hub.memory.rows()) {
    const [order] = own.get(faultKey(record)) ?? [];
    // Its own order is the one that the log has open, and nothing else stands for it beside that.
    expect(order ?? null).toBe(record.openOrder);
    if (order !== undefined) expect(record.wait === null || record.wait.for === 'quiet').toBe(true);
    if (record.wait?.for === 'parent' || record.wait?.for === 'storm') {
      const holder = (await hub.orders()).find((candidate) => candidate.order === record.wait?.ref);
      expect(holder !== undefined && isOpen(holder.state)).toBe(true);
      expect(holder?.covered.has(faultKey(record))).toBe(true);
    }
    const isJudged = record.closedAt !== null;
    if (record.standing && !isJudged) expect([order, record.wait]).not.toEqual([undefined, null]);
    if (!record.standing) expect(record.wait).toBeNull();
  }
  for (const { state, raised } of await hub.orders()) {
    if (raised.code === 'fault-storm' && isOpen(state)) {
      const standing = hub.memory.rows().filter(({ wait }) => wait?.for === 'storm').length;
      if (standing === 0) expect(state.recovered).toBe(true);
    }
  }
};

const at = (what: string, device: string, size = 1): Move => ({ do: what, device, seconds: 0, pick: 0, size });
/** What it found: passed before it became a storm; a crash, and then a batch that had grown. */
const found = [
  [at('fault', 'feed'), at('down', 'd'), at('up', 'd'), at('down', 'e'), at('down', 'a')],
  [at('down', 'gateway'), at('down', 'feed'), at('die', 'feed', 2), at('down', 'c')],
];

test.each([
  ['at once', ''],
  [
    'after a delay, quiet and flapping',
    'countsAfterSeconds: 20\n    clearsAfterSeconds: 15\n    flapping: { times: 3, withinSeconds: 60, quietSeconds: 40 }',
  ],
])(
  'whatever happens, a fault has never two orders, and what stands is always held by exactly one thing: %s',
  async (_, more) => {
    const policy = policyWith(more);
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 50 }), async (script) => {
        const hub = faultHarness({ policy, levels, devices });
        let now = 2000;
        for (const step of script) {
          now += step.seconds;
          await play(hub, step, now);
        }
        await hub.routeAll();
        await checkAll(hub);
        await hub.until(now + 10_000);
        await checkAll(hub);
        expect(hub.memory.rows().filter(({ wait }) => wait?.for === 'delay' || wait?.for === 'window')).toEqual([]);
      }),
      { numRuns: 150, examples: found.map((script): [Move[]] => [script]) },
    );
  },
  60_000,
);
