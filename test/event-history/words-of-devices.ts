import type { Fact } from '../../services/event-log/decider.ts';
import type { EventMeta } from '../../services/event-log/event.ts';
import { type Chronicle, compounds, devices, instant, type KnownDevice, type Random } from './chronicle.ts';

const wordsOfAny: ((random: Random) => Fact)[] = [
  () => ({ type: 'device.connected', data: {} }),
  ({ one }) => ({ type: 'device.disconnected', data: { reason: one(['will', 'keepalive', 'goodbye', 'reported']) } }),
  ({ below }) => ({ type: 'device.seen', data: { batteryPercent: below(101) } }),
  ({ one }) => ({
    type: one(['device.fault-raised', 'device.fault-cleared']),
    data: { code: one(['over-voltage', 'lens-dirty']), ...one([{}, { component: '1' }, { component: '2' }]) },
  }),
  ({ one }) => ({ type: 'device.tampered', data: one([{}, { active: true }, { active: false }]) }),
  ({ below }) => ({ type: 'device.battery-low', data: { batteryPercent: below(20) } }),
  () => ({ type: 'device.command-sent', data: { command: 'open' } }),
];
const wordsByKind: Record<string, ((random: Random) => Fact)[]> = {
  'access-gate': [
    ({ one }) => ({ type: one(['gate.passed', 'gate.denied', 'gate.credential-seen']), data: { direction: 'in' } }),
    ({ one }) => ({ type: one(['gate.forced-open', 'gate.held-open']), data: { text: 'north \u0000 door' } }),
    ({ one }) => ({ type: 'gate.door-changed', data: { state: one(['open', 'closed']) } }),
  ],
  'charging-post': [
    ({ one }) => ({ type: 'charging.session-started', data: { connector: one([1, 2]), session: one(['a', 'b']) } }),
    ({ one }) => ({ type: 'charging.session-ended', data: { connector: one([1, 2]), energyWh: 1000 } }),
    ({ one, below }) => ({
      type: 'charging.metered',
      data: { connector: one([1, 2]), values: { powerW: below(9000) } },
    }),
    ({ one }) => ({ type: 'charging.status-changed', data: { connector: 1, status: one(['available', 'faulted']) } }),
  ],
  camera: [
    ({ one }) => ({ type: 'camera.analytics-reported', data: { analytic: one(['motion', 'object-thrown']) } }),
    ({ one }) => ({ type: 'camera.picture-probed', data: { ok: one([true, true, false]) } }),
    ({ below }) => ({ type: 'camera.retention-reported', data: { retainedDays: below(60) } }),
    ({ one }) => ({ type: 'camera.scene-changed', data: { active: one([true, false]) } }),
  ],
  sensor: [
    ({ below }) => ({
      type: 'sensor.measured',
      data: { values: { pressureKPa: below(1200), temperatureC: below(40) } },
    }),
    ({ one }) => ({ type: 'sensor.threshold-crossed', data: { quantity: 'smoke', active: one([true, false]) } }),
  ],
  gateway: [],
};

/** When a device says something: mostly at once, sometimes late, replayed, or with a clock that nobody believes. */
const timesOf = ({ below, one }: Random, nowMs: number): Partial<EventMeta> => {
  const receivedAt = instant(nowMs);
  const lateMs = one([0, 0, 0, 1500, 700_000, 9_000_000]) + below(1000);
  if (below(12) === 0) return { receivedAt, occurredAt: receivedAt, clock: 'untrusted' };
  return { receivedAt, occurredAt: instant(nowMs - lateMs), ...(below(15) === 0 ? { replayed: true } : {}) };
};

export const refuse = (chronicle: Chronicle, random: Random, letters: string[]): void => {
  const device = random.one(devices);
  if (letters.length > 0 && random.below(3) === 0) {
    const data = { deadLetter: random.one(letters), outcome: random.one(['recorded', 'refused']), detail: null };
    chronicle.ofDevice(device, { type: 'ingest.payload-replayed', data });
    return;
  }
  const data = { topic: 'a/b', dialect: null, code: 'broken-json', reason: 'not\u0000JSON', field: null };
  const kept = { sizeBytes: 3, sha256: 'abc', retain: false };
  letters.push(chronicle.ofDevice(device, { type: 'ingest.payload-refused', data: { ...data, ...kept } }).id);
};

export const speak = (chronicle: Chronicle, random: Random): void => {
  const device = random.one(devices);
  const words = [...wordsOfAny, ...wordsByKind[device.kind]!, ...wordsByKind[device.kind]!];
  const meta = timesOf(random, chronicle.now());
  const level = random.below(5) === 0 ? { level: { channel: 'state', value: random.one(['a', 'b']) } } : {};
  chronicle.ofDevice(device, random.one(words)(random), { ...meta, ...level });
};

/** Commands to devices with each of their ends: answered, answered late, by another device, never sent, in vain. */
export const commandDevices = (chronicle: Chronicle): void => {
  const [device, other] = [devices[0]!, devices[1]!];
  const meta = { compound: device.compound, device: device.id };
  const request = { device: device.id, command: 'open-gate', arguments: {}, reason: 'a parcel', requestedBy: 'wang' };
  const answeredBy: Record<string, KnownDevice | undefined> = { a: device, b: device, c: other, d: undefined };
  for (const [name, answering] of Object.entries(answeredBy)) {
    const id = `00000000-0000-4000-8000-00000000000${name}`;
    const say = (type: string, data: object) => chronicle.of(`command-${id}`, { type, data }, meta);
    const expiresAt = instant(chronicle.now() + 30_000);
    say('command.requested', { ...request, expiresAt, needsApproval: true });
    if (answering === undefined) {
      say('command.not-sent', { reason: 'expired', text: '' });
      continue;
    }
    say('command.approved', { by: 'zhao' });
    say('device.command-sent', { command: 'open-gate', commandId: id });
    if (name === 'b') say('command.timed-out', {});
    const times = { occurredAt: instant(chronicle.now()), receivedAt: instant(chronicle.now()) };
    chronicle.ofDevice(answering, { type: 'device.command-answered', data: { commandId: id, accepted: true } }, times);
  }
};

/** Authorities and certificates: one that is renewed, one revoked by its number alone, and an authority that is removed. */
export const arrangeCertificates = (chronicle: Chronicle): void => {
  const [device] = devices as [KnownDevice];
  const ofAuthority = (type: string, data: object) => chronicle.ofCompound(device.compound, { type, data });
  const ofDevice = (type: string, data: object) =>
    chronicle.ofDevice(device, { type: `device.certificate-${type}`, data });
  for (const [authority, origin] of [
    ['a'.repeat(64), 'made'],
    ['b'.repeat(64), 'brought'],
  ]) {
    ofAuthority('compound.authority-added', { authority, certificate: `PEM of ${authority}`, origin });
  }
  for (const serial of ['0A', '0B']) {
    ofDevice('issued', {
      authority: 'a'.repeat(64),
      serial,
      validFrom: instant(chronicle.now()),
      validTo: instant(chronicle.now() + 86_400_000),
    });
    chronicle.wait();
  }
  for (const serial of ['0A', '0C']) ofDevice('revoked', { serial });
  ofAuthority('compound.authority-removed', { authority: 'b'.repeat(64) });
};

/** A device goes to another compound and speaks on there. */
export const moveDevice = (chronicle: Chronicle, random: Random): void => {
  const device = devices[1]!;
  const compound = compounds.find((each) => each !== device.compound)!;
  const moved = { ...device, compound };
  const data = { compound, position: null, covers: [], gateway: null, uplink: null, poweredBy: null };
  chronicle.ofDevice(moved, { type: 'device.changed', data });
  for (const word of wordsByKind[device.kind]!) {
    chronicle.wait();
    chronicle.ofDevice(moved, word(random), timesOf(random, chronicle.now()));
  }
};
