import { createIngestHarness, startMs } from './ingest-harness.ts';

test('a device whose connection stands is not gone because another process lost it late', async () => {
  const hub = createIngestHarness();
  await hub.ingest.connection('gate-1', 'online', undefined, startMs);
  const lost = { device: 'gate-1', occurredAt: new Date(startMs + 60_000).toISOString() };
  hub.levels.follow({
    meta: {
      ...{ schemaVersion: 1, clock: 'trusted', receivedAt: lost.occurredAt },
      ...{ ...lost, level: { channel: 'availability', value: 'offline' } },
    },
  });
  hub.clock.nowMs += 90_000;
  await hub.ingest.stillConnected(['gate-1']);
  await hub.ingest.stillConnected(['gate-1']);
  expect(await hub.types()).toEqual(['device.connected', 'device.connected']);
  expect(hub.levels.value('gate-1', 'availability')).toBe('online');
});
