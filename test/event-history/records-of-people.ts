import { Refusal } from '../../services/event-log/decider.ts';
import { workOrderStream } from '../../services/event-log/event.ts';
import { ladder } from '../../services/work-orders/ladder/carry-out-matter.ts';
import { createMatterDecider } from '../../services/work-orders/ladder/matter.ts';
import { matterStream } from '../../services/work-orders/ladder/matter-events.ts';
import { recordEntry } from '../../services/work-orders/ladder/matter-records.ts';
import { allowedMatterCommands } from '../../services/work-orders/ladder/matter-transitions.ts';
import type { MatterWish } from '../../services/work-orders/ladder/matter-wish.ts';
import type { Raised } from '../../services/work-orders/order-events.ts';
import { allowedCommands } from '../../services/work-orders/transitions.ts';
import { type PersonCommand, workOrder } from '../../services/work-orders/work-order.ts';
import { type Chronicle, compounds, devices, instant, type KnownDevice, type Random } from './chronicle.ts';

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

const matterDecider = createMatterDecider(ladder);

/** Orders and matters by id, as far as they have come. */
interface Lives {
  matters: Map<string, typeof matterDecider.initial>;
  orders: Map<string, typeof workOrder.initial>;
}
export const noLives = (): Lives => ({ matters: new Map(), orders: new Map() });

/** One step of one order: it is raised, a person acts as its state allows, or the device recovers or fails again. */
export const actOnOrder = (chronicle: Chronicle, random: Random, { orders }: Lives): void => {
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

/** One step of one matter: an order's, or one that a person referred. */
export const actOnMatter = (chronicle: Chronicle, random: Random, { matters, orders }: Lives): void => {
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

/** Who has duty, and who is told work orders. */
export const arrangeDuty = (chronicle: Chronicle): void => {
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
export const arrangeService = (chronicle: Chronicle): void => {
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
