import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';

/** Appends of 100 events each to the streams of 100 devices, `appendsAtOnce` of them under way. */
const eventsPerAppend = 100;
const devices = 100;
/** More at once gained nothing on two cores. */
const appendsAtOnce = Number(process.env.BENCH_APPENDS_AT_ONCE ?? 4);
const warmUpSeconds = Number(process.env.BENCH_WARM_UP_SECONDS);
const seconds = Number(process.env.BENCH_SECONDS);

const store = getPostgreSQLEventStore(process.env.DATABASE_URL);
await store.schema.migrate();

const text = '.'.repeat(120);
const eventsOf = (device) =>
  Array.from({ length: eventsPerAppend }, () => ({
    type: 'gate.passed',
    data: { credential: { method: 'card' }, direction: 'in', door: 'east', confidence: 0.97, text },
    metadata: { compound: 'bench-yuan', device, time: '2026-01-01T00:00:00.000Z' },
  }));

const appendFor = async (milliseconds) => {
  const startedMs = performance.now();
  let events = 0;
  const worker = async (nth) => {
    for (let device = nth; performance.now() - startedMs < milliseconds; device = (device + appendsAtOnce) % devices) {
      const name = `gate-${device}`;
      await store.appendToStream(`device-${name}`, eventsOf(name));
      events += eventsPerAppend;
    }
  };
  await Promise.all(Array.from({ length: appendsAtOnce }, (_, nth) => worker(nth)));
  return { events, milliseconds: performance.now() - startedMs };
};

process.stdout.write('ready\n');
await appendFor(warmUpSeconds * 1000);
process.stdout.write(`${JSON.stringify(await appendFor(seconds * 1000))}\n`);
await store.close();
