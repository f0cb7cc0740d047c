import { createIngestHarness, deviceFor } from './ingest-harness.ts';

const lora = deviceFor('lora', { kind: 'gateway', dialect: 'chirpstack' });
const devEui = (last: number): string => `24e124141c00010${last}`;
const uplink = (device: string, count: number) => ({
  deduplicationId: `${device}-${count}`,
  deviceInfo: { devEui: device, deviceProfileName: 'Parking v3' },
  fPort: 2,
  data: Buffer.from(`frame ${count}`).toString('base64'),
});

test('frames that nobody reads are refused, one a day and device is kept, and the device lives', async () => {
  const hub = createIngestHarness({ devices: [lora] });
  const say = (device: string, count: number) =>
    hub.send('lora', `application/app/device/${device}/event/up`, uplink(device, count));
  const dayMs = 86_400_000;
  const letters = new Set<string | undefined>();
  for (let count = 0; count < 20; count += 1) {
    for (const device of [devEui(1), devEui(2)]) {
      const outcome = await say(device, count);
      expect(outcome).toMatchObject({ outcome: 'refused', code: 'no-codec', field: 'data' });
      letters.add((outcome as { deadLetter?: string }).deadLetter);
    }
    hub.clock.nowMs += dayMs / 10;
  }
  const events = await hub.events();
  const kept = events.filter(({ type }) => type === 'ingest.payload-refused');
  // Two devices over three calendar days, as the first began at eight in the morning.
  expect(kept).toHaveLength(6);
  expect(new Set(kept.map(({ id }) => id))).toEqual(letters);
  expect(hub.kept.size).toBe(6);
  expect(
    hub.index
      .devices()
      .filter(({ adopted }) => adopted)
      .map(({ externalId }) => externalId),
  ).toEqual([devEui(1), devEui(2)]);
  const lives = events.filter(({ type, meta }) => type === 'device.seen' && meta.device !== 'lora');
  // Thinned out like every sign of life.
  expect(lives).toHaveLength(8);
});

test('a day’s letter is one also when the hub starts again', async () => {
  const hub = createIngestHarness({ devices: [lora] });
  const again = createIngestHarness({ devices: [lora] });
  const topic = `application/app/device/${devEui(1)}/event/up`;
  const [first, second] = [
    await hub.send('lora', topic, uplink(devEui(1), 1)),
    await again.send('lora', topic, uplink(devEui(1), 2)),
  ];
  expect((first as { deadLetter?: string }).deadLetter).toBe((second as { deadLetter?: string }).deadLetter);
});
