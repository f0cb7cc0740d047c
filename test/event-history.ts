import { createHash } from 'node:crypto';
import { eventOf, type Fact, Refusal } from '../services/event-log/decider.ts';
import { compoundStream, type EventMeta, type NewEvent, workOrderStream } from '../services/event-log/event.ts';
import { eventId } from '../services/event-log/event-id.ts';
import type { StreamAppend } from '../services/event-log/event-log.ts';
import { streamOf } from '../services/ingest/stream-of.ts';
import { ladder } from '../services/work-orders/ladder/carry-out-matter.ts';
import { createMatterDecider } from '../services/work-orders/ladder/matter.ts';
import { matterStream } from '../services/work-orders/ladder/matter-events.ts';
import { recordEntry } from '../services/work-orders/ladder/matter-records.ts';
import { allowedMatterCommands } from '../services/work-orders/ladder/matter-transitions.ts';
import type { MatterWish } from '../services/work-orders/ladder/matter-wish.ts';
import type { Raised } from '../services/work-orders/order-events.ts';
import { allowedCommands } from '../services/work-orders/transitions.ts';
import { type PersonCommand, workOrder } from '../services/work-orders/work-order.ts';

const startMs = Date.UTC(2026, 0, 30, 20);
const instant = (ms: number): string => new Date(ms).toISOString();

/** Numbers that are the same for the same seed. */
const seededRandom = (seed: number) => {
  let drawn = 0;
  const below = (limit: number): number => {
    drawn += 1;
    const bytes = createHash('sha256').update(`${seed}|${drawn}`).digest();
    return bytes.readUInt32BE(0) % limit;
  };
  return { below, one: <Item>(items: readonly Item[]): Item => items[below(items.length)]! };
};
type Random = ReturnType<typeof seededRandom>;

const compounds = ['harbour-view', 'garden-court'];
const devices = [
  { id: 'gate-1', kind: 'access-gate' },
  { id: 'post-1', kind: 'charging-post' },
  { id: 'camera-1', kind: 'camera' },
  { id: 'water-1', kind: 'sensor', band: { quantity: 'pressureKPa', min: 200, max: 900 } },
  { id: 'smoke-1', kind: 'sensor' },
  { id: 'gw-1', kind: 'gateway' },
].map((device) => ({ ...device, compound: compounds[device.id.length % 2]! }));
type KnownDevice = (typeof devices)[number];

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

/** Writes down what happens, event by event. */
const createChronicle = (random: Random) => {
  const batches: StreamAppend[] = [];
  let nowMs = startMs;
  const add = (stream: string, fact: Fact, meta: Partial<EventMeta>): NewEvent => {
    const id = eventId({ occurredAtMs: nowMs, device: stream, source: String(batches.length) });
    const event = eventOf(id, fact, { occurredAt: instant(nowMs) });
    const whole = { ...event, meta: { ...event.meta, ...meta } };
    batches.push({ stream, expectedRevision: 'any', events: [whole] });
    return whole;
  };
  return {
    batches,
    now: () => nowMs,
    wait(): void {
      nowMs += random.one([400, 5_000, 60_000, 1_200_000]);
    },
    ofCompound: (compound: string, fact: Fact) => add(compoundStream(compound), fact, { compound }),
    ofDevice: (device: KnownDevice, fact: Fact, meta: Partial<EventMeta> = {}) =>
      add(streamOf(device.id, fact.type), fact, { compound: device.compound, device: device.id, ...meta }),
    of: add,
  };
};
type Chronicle = ReturnType<typeof createChronicle>;

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

const refuse = (chronicle: Chronicle, random: Random, letters: string[]): void => {
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

const commandsOf = ({ one }: Random, at: string): Record<PersonCommand['type'], PersonCommand> => ({
  acknowledge: { type: 'acknowledge', data: {} },
  dispatch: { type: 'dispatch', data: { assignee: one(['Liu', 'Wang']) } },
  offer: { type: 'offer', data: {} },
  grab: { type: 'grab', data: { assignee: one(['Liu', 'Wang']) } },
  accept: { type: 'accept', data: {} },
  return: { type: 'return', data: { reason: 'another trade' } },
  transfer: { type: 'transfer', at, data: { assignee: one(['Liu', 'Wang']), reason: 'nearer' } },
  pause: { type: 'pause', at, data: { reason: one(['waiting-for-parts', 'no-access']) } },
  resume: { type: 'resume', at, data: {} },
  confirm: { type: 'confirm', data: {} },
  'add-part': { type: 'add-part', data: { name: 'lock', quantity: one([1, 2]) } },
  'add-cost': { type: 'add-cost', data: { kind: 'labour', amountFen: one([100, 2500]), paidBy: 'property' } },
  'add-photo': {
    type: 'add-photo',
    data: { sha256: 'a'.repeat(64), mediaType: 'image/jpeg', sizeBytes: 9, shows: 'after' },
  },
  'erase-photo': { type: 'erase-photo', data: { sha256: 'a'.repeat(64) } },
  arrive: { type: 'arrive', data: {} },
  resolve: { type: 'resolve', data: { note: 'cleaned' } },
  close: { type: 'close', data: { outcome: 'accepted-as-is', note: 'as agreed' } },
  note: { type: 'note', data: { text: 'waiting for a part' } },
  cancel: { type: 'cancel', data: { reason: 'raised by mistake' } },
  reopen: { type: 'reopen', data: { reason: 'dark again' } },
  rate: { type: 'rate', data: { score: one([1, 3, 5]) } },
});

const raisedOf = (chronicle: Chronicle, random: Random, device: KnownDevice): Raised => {
  const raisedAt = instant(chronicle.now());
  const due = instant(chronicle.now() + 3_600_000);
  return {
    ...{ compound: device.compound, device: device.id, kind: device.kind, code: 'offline', episode: 1 },
    ...{ lasting: random.one([true, false]), title: { zh: '离线', en: 'offline' }, serviceLevel: 'any' },
    ...{ priority: random.one(['P0', 'P1', 'P2']), raisedAt, late: random.one([true, false]) },
    deadlines: { acknowledge: due, onSite: random.one([null, due]), resolve: due },
  };
};

/** One step of one order: it is raised, a person acts as its state allows, or the device recovers or fails again. */
const actOnOrder = (chronicle: Chronicle, random: Random, orders: Map<string, typeof workOrder.initial>): void => {
  const id = `order-${random.below(12)}`;
  const state = orders.get(id) ?? workOrder.initial;
  const device = random.one(devices);
  const causedBy = `fault-${chronicle.batches.length}`;
  const facts =
    state.state === 'none'
      ? workOrder.decide({ type: 'raise', data: { ...raisedOf(chronicle, random, device), causedBy } }, state)
      : random.below(4) === 0
        ? workOrder.decide(
            { type: random.one(['record-recovery', 'record-return'] as const), data: { causedBy } },
            state,
          )
        : workOrder.decide(commandsOf(random, instant(chronicle.now()))[random.one(allowedCommands(state))], state);
  for (const fact of facts) {
    const { compound, device: of } = state.raised ?? { compound: device.compound, device: device.id };
    chronicle.of(workOrderStream(id), fact, {
      compound,
      ...(of === undefined ? {} : { device: of }),
      actor: 'user:liu',
    });
  }
  orders.set(id, facts.reduce(workOrder.evolve, state));
};

const matterDecider = createMatterDecider(ladder);
const paper = { document: { text: 'as agreed' } };
const wishes: MatterWish[] = [
  { type: 'screen', data: { accepted: true } },
  { type: 'propose-whistle', data: { departments: ['water', 'power'], reason: 'old pipes' } },
  { type: 'approve', data: { principal: 'Wang' } },
  { type: 'report-in', data: { department: 'water', person: 'Li' } },
  { type: 'return-whistle', data: { department: 'power', reason: 'not ours' } },
  { type: 'finish', data: { department: 'water', result: paper.document } },
  { type: 'rate', data: { department: 'water', score: 2 } },
  { type: 'reply', data: paper },
  { type: 'close', data: { result: paper.document } },
  { type: 'withdraw', data: { reason: 'done' } },
];

interface Lives {
  matters: Map<string, typeof matterDecider.initial>;
  orders: Map<string, typeof workOrder.initial>;
}

/** One step of one matter: an order's, or one that a person referred. */
const actOnMatter = (chronicle: Chronicle, random: Random, { matters, orders }: Lives): void => {
  const id = `matter-${random.below(5)}`;
  const state = matters.get(id) ?? matterDecider.initial;
  const compound = random.one(compounds);
  const moment = { at: instant(chronicle.now()), by: random.one(['user:chen', 'user:wang']) };
  const allowed = new Set<string>(allowedMatterCommands(state));
  const wish = random.one(
    wishes.filter(({ type }) => allowed.has(type) && type !== 'withdraw').concat(wishes.slice(-1)),
  );
  const data = { compound, timeZone: 'Asia/Shanghai', title: { zh: '水管', en: 'pipes' }, cause: 'asked' as const };
  const facts =
    state.state === 'none'
      ? matterDecider.decide(
          {
            ...moment,
            type: 'refer',
            data: { ...data, orders: [...orders.keys()].slice(random.below(12)).slice(0, 1) },
          },
          state,
        )
      : random.below(4) === 0
        ? matterDecider.decide({ ...moment, type: 'pass-time', data: {} }, state)
        : decidedOrRefused(() => matterDecider.decide({ ...moment, ...wish }, state));
  const whose = state.referred?.compound ?? compound;
  for (const fact of facts) {
    const stream = matterStream(id);
    const event = chronicle.of(stream, fact, { compound: whose, actor: moment.by });
    const entry = recordEntry({ ...event, stream, revision: 0, position: '' }, state, ladder);
    if (entry === undefined || random.below(4) === 0) continue;
    chronicle.batches.push({ stream: entry.stream, expectedRevision: 'any', events: [entry.event] });
  }
  matters.set(id, facts.reduce(matterDecider.evolve, state));
};

/** Whose department isn't at work, or who proposed it, is refused. */
const decidedOrRefused = <Event>(decide: () => Event[]): Event[] => {
  try {
    return decide();
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
};

const speak = (chronicle: Chronicle, random: Random): void => {
  const device = random.one(devices);
  const words = [...wordsOfAny, ...wordsByKind[device.kind]!, ...wordsByKind[device.kind]!];
  const meta = timesOf(random, chronicle.now());
  const level = random.below(5) === 0 ? { level: { channel: 'state', value: random.one(['a', 'b']) } } : {};
  chronicle.ofDevice(device, random.one(words)(random), { ...meta, ...level });
};

/** Who has duty, and who is told work orders. */
const arrangeDuty = (chronicle: Chronicle): void => {
  const shifts = ['day', 'night'].map((id) => ({
    ...{ id, person: id, role: 'steward', on: 'every-day' },
    ...(id === 'day' ? { from: '08:00', to: '20:00' } : { from: '20:00', to: '08:00' }),
  }));
  for (const compound of compounds) {
    for (const fact of [
      { type: 'roster.drawn-up', data: { shifts } },
      { type: 'roster.swapped', data: { id: 'a', shift: 'day', day: '2026-02-01', person: 'zhao' } },
      { type: 'roster.swapped', data: { id: 'b', shift: 'night', day: '2026-02-01', person: 'zhao' } },
      { type: 'roster.swap-withdrawn', data: { id: 'a' } },
      { type: 'roster.day-named', data: { day: '2026-02-02', working: false } },
    ]) {
      chronicle.of(`roster-${compound}`, fact, { compound });
    }
  }
  const target = { name: 'ERP', url: 'https://example.org/', compounds: [], types: ['work-order.*'] };
  for (const id of ['erp', 'city', 'gone']) {
    chronicle.of(`target-${id}`, { type: 'target.registered', data: target }, {});
    chronicle.of(`target-${id}`, { type: 'target.secret-issued', data: { sha256: 'a' } }, {});
  }
  chronicle.of('target-erp', { type: 'target.changed', data: { compounds: ['garden-court'] } }, {});
  chronicle.of('target-city', { type: 'target.paused', data: {} }, {});
  chronicle.wait();
  chronicle.of('target-city', { type: 'target.resumed', data: {} }, {});
  chronicle.of('target-gone', { type: 'target.removed', data: {} }, {});
};

/** Residents' reporting, rounds that are walked and missed, and what is made of the figures. */
const arrangeService = (chronicle: Chronicle): void => {
  const compound = compounds[0]!;
  const title = { zh: '巡检', en: 'Round' };
  for (const sha256 of ['a', 'b']) {
    chronicle.of(
      `intake-${compound}`,
      { type: 'intake.token-issued', data: { sha256: sha256.repeat(64) } },
      { compound },
    );
  }
  chronicle.of(`intake-${compounds[1]}`, { type: 'intake.token-issued', data: { sha256: 'c'.repeat(64) } }, {});
  chronicle.of(`intake-${compounds[1]}`, { type: 'intake.closed', data: {} }, {});
  const stops = [{ id: 'north', position: 'north', title, checks: [] }];
  const plan = { compound, kind: 'inspection', title, stops, every: { count: 1, unit: 'day' }, firstDay: '2026-02-01' };
  const whole = { ...plan, at: '08:00', withinMinutes: 60 };
  const round = (type: string, data: object) =>
    chronicle.of('round-fire', { type: `round.${type}`, data }, { compound });
  round('planned', { plan: whole, timeZone: 'Asia/Shanghai' });
  for (const occurrence of ['2026-02-01', '2026-02-02']) {
    const dueAt = `${occurrence}T00:00:00.000Z`;
    round('started', { occurrence, dueAt, until: `${occurrence}T01:00:00.000Z`, order: `order-${occurrence}` });
    if (occurrence === '2026-02-01') round('stop-checked', { occurrence, stop: 'north', result: 'ok' });
    if (occurrence === '2026-02-01') round('done', { occurrence, dueAt, findings: 0 });
    else round('missed', { occurrence, dueAt, checked: 0, stops: 1 });
  }
  for (const total of [70, 80]) {
    const made = {
      ...{
        company: 'anju',
        companyName: '安居',
        month: '2026-01',
        formula: '2020.1',
        asOf: '2026-02-05T16:00:00.000Z',
      },
      ...{ compounds: [compound], households: 300, lines: [], total, grade: 'passed' },
      ...{ listed: false, listedText: title },
    };
    chronicle.of('assessment-anju', { type: 'assessment.made', data: made }, {});
  }
};

/** Commands to devices with each of their ends: answered, answered late, by another device, never sent, in vain. */
const commandDevices = (chronicle: Chronicle): void => {
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
const arrangeCertificates = (chronicle: Chronicle): void => {
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
const moveDevice = (chronicle: Chronicle, random: Random): void => {
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

/**
 * A rich history for tests of read models: two compounds with devices of every kind that speak, fail, come late and are
 * heard of again, orders through all their states, refused payloads, records of people. The same for the same seed.
 */
export const eventHistory = (seed: number, steps = 400): StreamAppend[] => {
  const random = seededRandom(seed);
  const chronicle = createChronicle(random);
  const letters: string[] = [];
  const orders = new Map<string, typeof workOrder.initial>();
  const matters = new Map<string, typeof matterDecider.initial>();
  registerAll(chronicle);
  for (let step = 0; step < steps; step += 1) {
    chronicle.wait();
    const what = random.below(20);
    if (what < 2) changeRegistry(chronicle, random);
    else if (what < 3) refuse(chronicle, random, letters);
    else if (what < 7) actOnOrder(chronicle, random, orders);
    else if (what < 9) actOnMatter(chronicle, random, { matters, orders });
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
