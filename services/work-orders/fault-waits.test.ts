import { describe, expect, test } from '@jest/globals';
import { type FaultHarness, faultHarness, second } from './fault-harness.ts';
import { parseFaultPolicy } from './fault-policy.ts';
import { loadServiceLevels } from './service-levels.ts';

const levels = loadServiceLevels();
const rule = (id: string, on: string, more: string[] = [], clearedBy = '{ type: device.connected }'): string =>
  [
    `  - id: ${id}`,
    `    on: ${on}`,
    `    code: ${id}`,
    `    title: { zh: 故障, en: Fault }`,
    '    serviceLevel: general-repair',
    '    trade: general',
    ...(clearedBy === '' ? ['    lasting: false'] : ['    lasting: true', `    clearedBy: [${clearedBy}]`]),
    ...more.map((line) => `    ${line}`),
  ].join('\n');
const policyOf = (...rules: string[]) =>
  parseFaultPolicy(['lateAfterSeconds: 900', 'foldBackSeconds: 600', 'rules:', ...rules].join('\n'), levels);
const offline = (...more: string[]) => rule('offline', '{ type: device.disconnected }', more);
const kin = ['silence: true', 'covers: [gateway, uplink, power]', 'comesOutAfterSeconds: 300'];

const plain = { compound: 'harbour-view', kind: 'sensor', name: 'Sensor' };
const devices = {
  gateway: { ...plain, kind: 'gateway', name: 'Gateway' },
  a: { ...plain, hangsOn: [{ id: 'gateway', by: 'gateway' as const }] },
  b: { ...plain, hangsOn: [{ id: 'gateway', by: 'gateway' as const }] },
  alone: plain,
};
const down = (hub: FaultHarness, device: string, at: number, heard?: number) =>
  hub.say(device, 'device.disconnected', { reason: 'will' }, at, heard);
const up = (hub: FaultHarness, device: string, at: number, heard?: number) =>
  hub.say(device, 'device.connected', {}, at, heard);
const hubWith = (...rules: string[]) => faultHarness({ policy: policyOf(...rules), levels, devices });
const told = async (hub: FaultHarness): Promise<string[]> =>
  (await hub.log.readAll(null, 1000))
    .filter(({ type }) => type.startsWith('work-order.'))
    .map(({ type, meta }) => `${type.slice('work-order.'.length)} ${meta.device ?? '-'}`);

type Step = [at: number, what: 'down' | 'up', heard?: number];
describe('given a rule and what one device says, then', () => {
  const table: [string, string[], Step[], number, string[]][] = [
    [
      'a flicker within the delay raises nothing',
      ['countsAfterSeconds: 60'],
      [
        [0, 'down'],
        [59, 'up'],
      ],
      500,
      [],
    ],
    ['what stands so long counts', ['countsAfterSeconds: 60'], [[0, 'down']], 60, ['raised alone']],
    ['not a second earlier', ['countsAfterSeconds: 60'], [[0, 'down']], 59, []],
    [
      'a late batch is judged by its own instants: it stood long enough, and is over',
      ['countsAfterSeconds: 60'],
      [
        [0, 'down', 4000],
        [90, 'up', 4001],
      ],
      4100,
      ['raised alone', 'fault-recovered alone'],
    ],
    [
      'a late batch whose clear comes a little later than its fault',
      ['countsAfterSeconds: 60'],
      [
        [0, 'down', 4000],
        [30, 'up', 4050],
      ],
      4200,
      [],
    ],
    [
      'the third report counts at once',
      ['countsAfterSeconds: 600', 'countsAfterTimes: { times: 3, withinSeconds: 100 }'],
      [
        [0, 'down'],
        [10, 'down'],
        [20, 'down'],
      ],
      20,
      ['raised alone'],
    ],
    [
      'reports too far apart do not',
      ['countsAfterSeconds: 600', 'countsAfterTimes: { times: 3, withinSeconds: 100 }'],
      [
        [0, 'down'],
        [90, 'down'],
        [180, 'down'],
      ],
      200,
      [],
    ],
    [
      'it clears only once it was quiet',
      ['clearsAfterSeconds: 120'],
      [
        [0, 'down'],
        [10, 'up'],
        [100, 'down'],
        [110, 'up'],
      ],
      229,
      ['raised alone'],
    ],
    [
      'and then once',
      ['clearsAfterSeconds: 120'],
      [
        [0, 'down'],
        [10, 'up'],
        [100, 'down'],
        [110, 'up'],
      ],
      230,
      ['raised alone', 'fault-recovered alone'],
    ],
    [
      'flapping: one order that stands until it was quiet',
      ['countsAfterSeconds: 60', 'flapping: { times: 3, withinSeconds: 300, quietSeconds: 600 }'],
      [
        [0, 'down'],
        [10, 'up'],
        [20, 'down'],
        [30, 'up'],
        [40, 'down'],
        [50, 'up'],
        [60, 'down'],
        [70, 'up'],
      ],
      669,
      ['raised alone'],
    ],
    [
      'and then it is over',
      ['countsAfterSeconds: 60', 'flapping: { times: 3, withinSeconds: 300, quietSeconds: 600 }'],
      [
        [0, 'down'],
        [10, 'up'],
        [20, 'down'],
        [30, 'up'],
        [40, 'down'],
        [50, 'up'],
        [60, 'down'],
        [70, 'up'],
      ],
      670,
      ['raised alone', 'fault-recovered alone'],
    ],
  ];
  test.each(table)('%s', async (_, more, steps, until, expected) => {
    const hub = hubWith(offline(...more));
    for (const [at, what, heard = at] of steps) {
      await hub.until(heard);
      await (what === 'down' ? down : up)(hub, 'alone', at, heard);
      await hub.route({ twice: true });
    }
    await hub.until(until);
    expect(await told(hub)).toEqual(expected);
  });
});

test('a flapping fault that a person has judged counts by its time again once it is over', async () => {
  const hub = hubWith(
    offline('countsAfterSeconds: 60', 'flapping: { times: 2, withinSeconds: 300, quietSeconds: 600 }'),
  );
  await down(hub, 'alone', 0);
  await up(hub, 'alone', 10);
  await down(hub, 'alone', 20);
  await hub.until(20);
  expect(await hub.open()).toEqual(['alone offline']);
  const [order] = await hub.orders();
  await hub.command(order!.order, { type: 'cancel', data: { reason: 'the cable is being changed' } }, 30);
  await up(hub, 'alone', 100);
  await down(hub, 'alone', 5_000);
  await hub.until(5_059);
  expect(await hub.open()).toEqual([]);
  await hub.until(5_060);
  expect(await hub.open()).toEqual(['alone offline']);
});

describe('what hangs on a device that fell silent', () => {
  test('has no order of its own, and comes out when it stays silent after the other is back', async () => {
    const hub = hubWith(offline(...kin));
    await down(hub, 'gateway', 0);
    await down(hub, 'a', 1);
    await down(hub, 'b', 2);
    await hub.until(10);
    expect(await hub.open()).toEqual(['gateway offline 2']);
    await up(hub, 'gateway', 100);
    await up(hub, 'a', 110);
    await hub.until(399);
    expect(await hub.open()).toEqual(['gateway offline 2']);
    await hub.until(400);
    expect(await hub.open()).toEqual(['gateway offline 1', 'b offline']);
    await up(hub, 'b', 500);
    await hub.until(500);
    expect(hub.memory.rows().filter(({ standing }) => standing)).toEqual([]);
  });
  test('is folded back when its order was raised shortly before, unless somebody is on the way', async () => {
    const hub = hubWith(offline(...kin));
    await down(hub, 'a', 0);
    await down(hub, 'b', 1);
    await hub.until(5);
    const [, ofB] = await hub.orders();
    await hub.command(ofB!.order, { type: 'dispatch', data: { assignee: 'Liu' } }, 6);
    await down(hub, 'gateway', 10);
    await hub.until(20);
    expect(await hub.open()).toEqual(['b offline', 'gateway offline 1']);
    const [ofA] = await hub.orders();
    expect(ofA?.state.state).toBe('cancelled');
  });
  test('waits with it while its loss does not count yet', async () => {
    const hub = hubWith(offline(...kin, 'countsAfterSeconds: 60'));
    await down(hub, 'a', 0);
    await down(hub, 'gateway', 20);
    await hub.until(60);
    expect(await hub.open()).toEqual([]);
    await hub.until(80);
    expect(await hub.open()).toEqual(['gateway offline 1']);
  });
  test('comes out as well when a person has closed the order of what is back', async () => {
    const hub = hubWith(offline(...kin));
    await down(hub, 'gateway', 0);
    await down(hub, 'a', 1);
    await hub.until(5);
    const [order] = await hub.orders();
    await up(hub, 'gateway', 10);
    await hub.until(10);
    await hub.command(order!.order, { type: 'close', data: { outcome: 'repaired' } }, 20);
    await hub.until(310);
    expect(await hub.open()).toEqual(['a offline']);
  });
});

describe('a maintenance window', () => {
  const plan = (more: object = {}) => ({
    type: 'plan' as const,
    now: second(0),
    data: { compound: 'harbour-view', from: second(0), to: second(600), reason: 'new cabling', ...more },
  });
  test('keeps an order from being raised; what stands at its end is raised then', async () => {
    const hub = hubWith(offline());
    await hub.maintain('w-1', plan(), 0);
    await down(hub, 'a', 10);
    await down(hub, 'b', 20);
    await up(hub, 'b', 30);
    await hub.until(599);
    expect(await hub.open()).toEqual([]);
    const suppressed = (await hub.log.readAll(null, 1000)).filter(({ type }) => type === 'fault.suppressed');
    expect(suppressed.map(({ meta }) => meta.device)).toEqual(['a', 'b']);
    await hub.until(600);
    expect(await hub.open()).toEqual(['a offline']);
  });
  test('of a gateway also holds for what hangs on it, and for nothing else', async () => {
    const hub = hubWith(offline());
    await hub.maintain('w-1', plan({ gateway: 'gateway' }), 0);
    for (const device of ['gateway', 'a', 'alone']) await down(hub, device, 10);
    await hub.until(20);
    expect(await hub.open()).toEqual(['alone offline']);
  });
  test('that is cancelled lets go of what it held', async () => {
    const hub = hubWith(offline());
    await hub.maintain('w-1', plan(), 0);
    await down(hub, 'alone', 10);
    await hub.until(50);
    await hub.maintain('w-1', { type: 'cancel', data: { at: second(60) } }, 60);
    await hub.until(60);
    expect(await hub.open()).toEqual(['alone offline']);
  });
});
