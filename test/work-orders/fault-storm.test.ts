import { deviceStream, type NewEvent, workOrderStream } from '../../services/event-log/event.ts';
import { eventId } from '../../services/event-log/event-id.ts';
import { openPostgresEventLog, type PostgresEventLog } from '../../services/event-log/postgres/postgres-event-log.ts';
import { catchUp } from '../../services/projections/runner.ts';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { migrate } from '../../services/runtime/migrate.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import type { FaultDevice } from '../../services/work-orders/fault-device.ts';
import { loadFaultPolicy } from '../../services/work-orders/fault-policy.ts';
import { faultsCoveredBy, faultsOfDevice } from '../../services/work-orders/fault-queries.ts';
import { createFaultRouter } from '../../services/work-orders/fault-router.ts';
import { createFaultTimers } from '../../services/work-orders/fault-timers.ts';
import type { Raised } from '../../services/work-orders/order-events.ts';
import { isOpen } from '../../services/work-orders/order-state.ts';
import { readOrder } from '../../services/work-orders/order-stream.ts';
import { loadServiceLevels } from '../../services/work-orders/service-levels.ts';
import { type PostgresForTests, postgresForTests } from '../postgres-for-tests.ts';

const startMs = Date.parse('2026-03-01T08:00:00.000Z');
const levels = loadServiceLevels();
const policy = loadFaultPolicy(levels);

let server: PostgresForTests;
let pool: ReturnType<typeof openPool>;
let log: PostgresEventLog;
beforeAll(async () => {
  server = await postgresForTests();
}, 60_000);
beforeEach(async () => {
  const url = await server.newDatabase();
  pool = openPool(url);
  await migrate(transact(pool));
  log = await openPostgresEventLog({ url, clock: systemClock, lockWaitSeconds: 2 });
});
afterEach(async () => {
  await log.close();
  await pool.end();
});
afterAll(() => server.stop());

const devices = new Map<string, FaultDevice>(
  Array.from({ length: 5_000 }, (_, index) => [
    `device-${index}`,
    {
      ...{ compound: 'harbour-view', kind: 'camera', name: `Camera ${index}` },
      ...{ building: `b-${index % 5}`, buildingName: `Building ${index % 5}` },
    },
  ]),
);
const router = () => createFaultRouter({ log, policy, levels, deviceOf: (id) => devices.get(id), hangingOn: () => [] });

const said = (device: string, type: string, atMs: number, source: string): NewEvent => {
  const at = isoTime(atMs);
  const id = eventId({ occurredAtMs: atMs, device, source });
  const data = type === 'device.disconnected' ? { reason: 'will' } : {};
  const meta = { occurredAt: at, receivedAt: at, clock: 'trusted' as const, compound: 'harbour-view', device };
  return { id, type, data, meta: { schemaVersion: 1, ...meta } };
};
const sayAll = async (names: readonly string[], type: string, atMs: number, stepMs: number): Promise<void> => {
  for (let start = 0; start < names.length; start += 500) {
    await log.append(
      names.slice(start, start + 500).map((device, index) => {
        const events = [said(device, type, atMs + (start + index) * stepMs, type)];
        return { stream: deviceStream(device), expectedRevision: 'any', events };
      }),
    );
  }
};
const orders = async () => {
  const raised = (await log.readAll(null, 100_000)).filter(({ type }) => type === 'work-order.raised');
  return Promise.all(
    raised.map(async ({ stream, data }) => {
      return { ...(await readOrder(log, stream.slice(workOrderStream('').length))), raised: data as Raised };
    }),
  );
};

test('5,000 faults in a minute are a handful of orders, and each fault is found from its order and its device', async () => {
  const names = [...devices.keys()];
  await sayAll(names, 'device.disconnected', startMs, 12);
  await catchUp(log, transact(pool), router());
  const open = (await orders()).filter(({ state }) => isOpen(state));
  expect(open.map(({ raised, state }) => [raised.building, state.covers]).sort()).toEqual(
    [0, 1, 2, 3, 4].map((building) => [`b-${building}`, 1000]),
  );
  const found = new Set<string>();
  for (const { order } of open) {
    for (let cursor: string | undefined; ; ) {
      const { items, next } = await faultsCoveredBy(pool, order, { limit: 700, cursor });
      for (const { device } of items) found.add(device);
      if (next === null) break;
      cursor = next;
    }
  }
  expect(found.size).toBe(names.length);
  const ofBuilding3 = open.find(({ raised }) => raised.building === 'b-3')!.order;
  expect(await faultsOfDevice(pool, 'device-4998')).toMatchObject([
    { code: 'offline', standing: true, waitsFor: 'storm', waitsOn: ofBuilding3, coveredBy: [ofBuilding3] },
  ]);

  const clock = { now: () => startMs + 3_600_000 };
  await sayAll(names.slice(0, -3), 'device.connected', startMs + 120_000, 12);
  await catchUp(log, transact(pool), router());
  const timers = createFaultTimers({ sql: pool, log, clock });
  expect(await timers()).toBe(1);
  expect(await timers()).toBe(0);
  await catchUp(log, transact(pool), router());
  const unmended = (await orders()).filter(({ state }) => isOpen(state) && !state.recovered);
  expect(unmended.map(({ raised }) => raised.device)).toEqual(names.slice(-3));
}, 120_000);

test('a thousand parallel reports of one fault are one order, also with two routers at work', async () => {
  const reports = Array.from({ length: 1_000 }, (_, index) =>
    log.append([
      {
        stream: deviceStream('device-7'),
        expectedRevision: 'any',
        events: [said('device-7', 'device.disconnected', startMs + index, String(index))],
      },
    ]),
  );
  const transaction = transact(pool);
  await Promise.all([...reports, catchUp(log, transaction, router()), catchUp(log, transaction, router())]);
  await catchUp(log, transaction, router());
  expect((await orders()).map(({ raised }) => [raised.device, raised.episode])).toEqual([['device-7', 1]]);
}, 60_000);
