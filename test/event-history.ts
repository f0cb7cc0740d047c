import type { StreamAppend } from '../services/event-log/event-log.ts';
import {
  type Chronicle,
  compounds,
  createChronicle,
  devices,
  instant,
  type Random,
  seededRandom,
} from './event-history/chronicle.ts';
import { actOnMatter, actOnOrder, arrangeDuty, arrangeService, noLives } from './event-history/records-of-people.ts';
import { arrangeCertificates, commandDevices, moveDevice, refuse, speak } from './event-history/words-of-devices.ts';

const registerAll = (chronicle: Chronicle): void => {
  for (const id of compounds) {
    const data = { id, name: id, profile: 'retrofit', households: 300, timeZone: 'Asia/Shanghai', figures: {} };
    chronicle.ofCompound(id, { type: 'compound.registered', data: { ...data, buildings: [], positions: [] } });
  }
  for (const device of devices) {
    const data = { ...device, dialect: 'canonical', name: device.id, covers: [], features: [], adopted: false };
    chronicle.ofDevice(device, { type: 'device.registered', data });
    const username = device.id;
    chronicle.ofDevice(device, { type: 'device.credential-issued', data: { username, secretSha256: 'first' } });
  }
};

const replayRatings = (chronicle: Chronicle, one: Random['one']): void => {
  const stream = `rating-replay-${chronicle.batches.length}`;
  const data = { standard: 'a@1', from: '2026-01-01', to: '2026-01-31', compounds: one([null, ['garden']]) };
  chronicle.of(stream, { type: 'rating-replay.requested', data }, {});
  const counts = { up: 1, down: 2, same: 3 };
  chronicle.of(
    stream,
    one([
      { type: 'rating-replay.finished', data: { summary: counts, days: counts } },
      { type: 'rating-replay.cancelled', data: {} },
      { type: 'rating-replay.failed', data: { reason: 'no table' } },
    ]),
    {},
  );
};

const changeRegistry = (chronicle: Chronicle, { below, one }: Random): void => {
  const device = one(devices);
  const compound = one(compounds);
  const band = { quantity: 'pressureKPa', min: 100 + below(200), max: 900 };
  const from = instant(chronicle.now() - 600_000);
  one<() => void>([
    () => chronicle.ofDevice(device, { type: 'device.changed', data: one([{ name: `name ${below(9)}` }, { band }]) }),
    () => chronicle.ofCompound(compound, { type: 'compound.changed', data: { households: below(1000) } }),
    () =>
      chronicle.ofDevice(device, {
        type: 'device.credential-issued',
        data: { username: device.id, secretSha256: `secret ${below(99)}` },
      }),
    () =>
      chronicle.ofCompound(compound, {
        type: 'compound.gap-recorded',
        data: { from, to: instant(chronicle.now()), cause: 'hub-stopped' },
      }),
    () => chronicle.ofCompound(compound, { type: 'platform.reported', data: {} }),
    () =>
      chronicle.ofCompound(compound, {
        type: 'rating.changed',
        data: { from: below(6), to: below(6), total: below(100), standard: 'a@1', causes: ['ACC-1'] },
      }),
    () =>
      chronicle.ofCompound(
        compound,
        one([
          {
            type: 'rating.at-risk',
            data: { stars: 3, expectedStars: 2, inDays: 7, on: '2026-03-10', standard: 'a@1', criteria: ['ACC-1'] },
          },
          { type: 'rating.risk-passed', data: { stars: 3, outcome: 'recovered' } },
        ]),
      ),
    () => replayRatings(chronicle, one),
    () =>
      chronicle.of(
        `meeting-${chronicle.batches.length}`,
        { type: 'meeting.planned', data: { plannedFor: instant(chronicle.now()) } },
        { compound },
      ),
  ])();
};

/**
 * A rich history for tests of read models: two compounds with devices of every kind that speak, fail, come late and are
 * heard of again, orders through all their states, refused payloads, records of people. The same for the same seed.
 */
export const eventHistory = (seed: number, steps = 400): StreamAppend[] => {
  const random = seededRandom(seed);
  const chronicle = createChronicle(random);
  const letters: string[] = [];
  const lives = noLives();
  registerAll(chronicle);
  for (let step = 0; step < steps; step += 1) {
    chronicle.wait();
    const what = random.below(20);
    if (what < 2) changeRegistry(chronicle, random);
    else if (what < 3) refuse(chronicle, random, letters);
    else if (what < 7) actOnOrder(chronicle, random, lives);
    else if (what < 9) actOnMatter(chronicle, random, lives);
    else speak(chronicle, random);
  }
  arrangeDuty(chronicle);
  arrangeService(chronicle);
  commandDevices(chronicle);
  arrangeCertificates(chronicle);
  moveDevice(chronicle, random);
  chronicle.ofDevice(devices[4]!, { type: 'device.retired', data: {} });
  return chronicle.batches;
};
