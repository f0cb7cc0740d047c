import { Refusal } from '../event-log/decider.ts';
import { createMemoryEventLog } from '../event-log/memory/memory-event-log.ts';
import { type RegistryParts, registerCompound } from './commands.ts';
import { type Compound, compound, type Device, device } from './registry.ts';
import { createRegistryIndex } from './registry-index.ts';

export const meta = { occurredAt: '2026-03-01T08:00:00.000Z', actor: 'user:admin' };
export const harbourView = (more: Partial<Compound> = {}): Compound => ({
  ...compound.parse({ id: 'harbour-view', name: 'Harbour View', profile: 'new', households: 12 }),
  ...more,
});
export const gate = (more: Partial<Device> = {}): Device => ({
  ...device.parse({ id: 'gate-1', compound: 'harbour-view', kind: 'access-gate', name: 'Gate' }),
  ...more,
});

/** The registry with its index following the log, as in a hub; holds harbour-view with the position p-1. */
export const createRegistry = async () => {
  const log = createMemoryEventLog();
  const index = createRegistryIndex();
  const stopping = new AbortController();
  const following = (async () => {
    for await (const events of log.subscribe(null, { signal: stopping.signal })) events.forEach(index.apply);
  })();
  const parts: RegistryParts = { log, index, dialects: ['canonical', 'bees'] };
  await registerCompound(parts, harbourView({ positions: [{ id: 'p-1', kind: 'entrance', name: 'North' }] }), meta);
  stops.push(async () => {
    stopping.abort();
    await following;
  });
  return parts;
};
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

export const refusalOf = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Refusal)) throw error ?? new Error('not refused');
  return [error.code, error.facts.field].filter((word) => word !== undefined).join(' ');
};
