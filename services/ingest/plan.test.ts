import type { DeviceFact, Dialect } from '../../devices/dialect.ts';
import { dialects as dialectList } from '../../devices/dialects/registry.ts';
import type { RegisteredDevice } from '../registry/registry-index.ts';
import { deviceFor, indexWith, startMs } from './ingest-harness.ts';
import { createLevels } from './levels.ts';
import { type Plan, type PlanParts, planFacts } from './plan.ts';

const canonical = dialectList.find(({ name }) => name === 'canonical')!;
const bees: Dialect = { ...canonical, name: 'bees', kinds: ['sensor'] };
const at = (minute: number) => ({
  time: { at: new Date(startMs + minute * 60_000).toISOString(), clock: 'trusted' as const },
});
const door = (value: string, more: Partial<DeviceFact> = {}): DeviceFact => ({
  type: 'gate.door-changed',
  data: { state: value },
  level: { channel: 'door', value },
  ...more,
});
const passed = (more: Partial<DeviceFact> = {}): DeviceFact => ({ type: 'gate.passed', data: {}, ...more });
const seen: DeviceFact = { type: 'device.seen', data: { signalDbm: -70 } };

interface Circumstances {
  sender?: RegisteredDevice;
  dialect?: Dialect;
  heartbeatDue?: boolean;
}

const circumstances = ({
  sender = deviceFor('gate-1', { dialect: 'bees' }),
  dialect = bees,
  heartbeatDue = false,
}: Circumstances = {}) => {
  const parts: PlanParts = {
    index: indexWith(sender),
    levels: createLevels(),
    pending: new Map(),
    isHeartbeatDue: () => heartbeatDue,
  };
  return {
    parts,
    plan: (...facts: DeviceFact[]): Plan => {
      const plan = planFacts(
        parts,
        { sender, dialect, receivedAtMs: startMs + 3_600_000, contentHash: 'hash', replayed: false },
        facts,
      );
      if ('outcome' in plan) throw new Error(plan.code);
      return plan;
    },
  };
};
const typesOf = (plan: Plan): string[] => plan.appends.flatMap(({ events }) => events.map(({ type }) => type));

test('a value beyond what its model measures refuses the message, of no model it stands', () => {
  const metered = (voltageV: number): DeviceFact => ({ type: 'charging.metered', data: { values: { voltageV } } });
  const post = (model?: string) =>
    circumstances({ sender: deviceFor('post-1', { kind: 'charging-post', ...(model ? { model } : {}) }) });
  expect(typesOf(post('ocpp-1.6j-post').plan(metered(400)))).toEqual(['charging.metered']);
  expect(() => post('ocpp-1.6j-post').plan(metered(400), metered(4_000))).toThrow('contract-violated');
  expect(typesOf(post().plan(metered(4_000)))).toEqual(['charging.metered']);
});

describe('levels', () => {
  test('a change is an event that carries its level', () => {
    const plan = circumstances().plan(door('open', at(1)));
    expect(plan.appends).toMatchObject([
      {
        stream: 'telemetry-gate-1',
        events: [{ type: 'gate.door-changed', meta: { level: { channel: 'door', value: 'open' } } }],
      },
    ]);
  });
  test('the same again is none', () => {
    const { plan } = circumstances();
    plan(door('open', at(1)));
    expect(plan(door('open', at(2)))).toMatchObject({ appends: [], dropped: 'unchanged' });
  });
  test('the same again is a sign of life when one is due', () => {
    const { plan } = circumstances({ heartbeatDue: true });
    plan(door('open', at(1)));
    const [append] = plan(door('open', at(2))).appends;
    expect(append!.events).toMatchObject([{ type: 'device.seen', data: {}, meta: { occurredAt: at(2).time.at } }]);
    expect(append!.events[0]!.meta).not.toHaveProperty('level');
  });
  test('a sign of life has an id of its own, also when it repeats the very message', () => {
    const idOf = (heartbeatDue: boolean, ...before: DeviceFact[]): string => {
      const { plan } = circumstances({ heartbeatDue });
      plan(...before);
      return plan(door('open', at(1))).appends[0]!.events[0]!.id;
    };
    const first = idOf(true);
    expect(idOf(true, door('open', at(1)))).not.toBe(first);
    expect(idOf(false)).toBe(first);
  });
  test('a late one is an event of the past: it does not carry the level', () => {
    const { plan } = circumstances();
    plan(door('open', at(5)));
    const [append] = plan(door('closed', at(3))).appends;
    expect(append!.events).toMatchObject([{ type: 'gate.door-changed', data: { state: 'closed' } }]);
    expect(append!.events[0]!.meta).not.toHaveProperty('level');
    expect(typesOf(plan(door('open', at(6))))).toEqual([]);
  });
  test('a change within one message counts for what follows in it', () => {
    const plan = circumstances().plan(door('open', at(1)), door('open', at(2)), door('closed', at(3)));
    expect(plan.appends[0]!.events.map(({ data }) => data)).toEqual([{ state: 'open' }, { state: 'closed' }]);
  });
});

test('one message may write to both streams of a device, to each in its order', () => {
  const forced = (minute: number): DeviceFact => ({ type: 'gate.forced-open', data: {}, ...at(minute) });
  const { appends } = circumstances().plan(passed(at(1)), forced(2), passed(at(3)), forced(4));
  const told = appends.map(({ stream, events }) => [stream, events.map(({ meta }) => meta.occurredAt)]);
  expect(told).toEqual([
    ['device-gate-1', [at(2).time.at, at(4).time.at]],
    ['telemetry-gate-1', [at(1).time.at, at(3).time.at]],
  ]);
});

describe('signs of life', () => {
  test.each([
    ['due', true, [seen], ['device.seen']],
    ['not due', false, [seen], []],
    ['due, with something else said before it', true, [passed(), seen], ['gate.passed']],
    ['due, twice in a message', true, [seen, seen], ['device.seen']],
  ])('%s', (_, heartbeatDue, facts, expected) => {
    expect(typesOf(circumstances({ heartbeatDue }).plan(...facts))).toEqual(expected);
  });
  test('of the canonical dialect are what the device wished to have recorded', () => {
    expect(typesOf(circumstances({ dialect: canonical }).plan(seen))).toEqual(['device.seen']);
  });
  test('say why nothing was recorded', () => {
    expect(circumstances().plan(seen).dropped).toBe('heartbeat');
    expect(circumstances().plan().dropped).toBe('nothing-said');
  });
});

describe('adoption', () => {
  const gateway = deviceFor('gw', { kind: 'gateway', dialect: 'bees' });
  test('comes before what was said, once, on the streams of the adopted', () => {
    const { plan } = circumstances({ sender: gateway });
    const { appends } = plan(passed({ externalId: 'hive-1' }), passed({ externalId: 'hive-1' }), passed());
    expect(appends.map(({ stream, events }) => [stream, events.map(({ type }) => type)])).toEqual([
      ['device-gw-hive-1', ['device.registered']],
      ['telemetry-gw-hive-1', ['gate.passed', 'gate.passed']],
      ['telemetry-gw', ['gate.passed']],
    ]);
    expect(appends[0]!.events[0]!.meta.actor).toBe('device:gw');
    expect(typesOf(plan(passed({ externalId: 'hive-1' })))).toEqual(['gate.passed']);
  });
  test('waits no longer once the index knows the adopted', () => {
    const { parts, plan } = circumstances({ sender: deviceFor('gw', { kind: 'gateway', dialect: 'bees' }) });
    for (const externalId of ['one', 'two', 'three']) plan(passed({ externalId }));
    expect([...parts.pending.keys()]).toEqual(['gw-one', 'gw-two', 'gw-three']);
    const known = [...parts.pending.values()].slice(0, 2);
    parts.index.load({ compounds: [], devices: known, credentials: [], revisions: [] });
    plan(passed({ externalId: 'four' }));
    expect([...parts.pending.keys()]).toEqual(['gw-three', 'gw-four']);
  });
  test('is the same event however often it is tried', () => {
    const idOfAdoption = () =>
      circumstances({ sender: gateway }).plan(passed({ externalId: 'hive-1' })).appends[0]!.events[0]!.id;
    expect(idOfAdoption()).toBe(idOfAdoption());
  });
  test('taken back, is tried again with the next message', () => {
    const { plan } = circumstances({ sender: gateway });
    plan(passed({ externalId: 'hive-1' })).undo();
    expect(typesOf(plan(passed({ externalId: 'hive-1' })))).toEqual(['device.registered', 'gate.passed']);
  });
});

describe('a refusal in mid message', () => {
  const tooOld = passed({ time: { at: '1970-01-01T00:00:00.000Z', clock: 'trusted' } });
  test.each([
    ['an instant nobody can mean', [door('open', at(1)), tooOld], 'time-out-of-range'],
    ['somebody else’s address', [door('open', at(1)), passed({ externalId: 'gate-2' })], 'not-your-address'],
  ])('for %s leaves nothing behind', (_, facts, code) => {
    const { plan } = circumstances({ dialect: canonical });
    expect(() => plan(...facts)).toThrow(code);
    expect(typesOf(plan(door('open', at(1))))).toEqual(['gate.door-changed']);
  });
  test('takes adoptions back', () => {
    const sender = deviceFor('gw', { kind: 'gateway' });
    const { plan, parts } = circumstances({ sender, dialect: canonical });
    expect(() => plan(passed({ externalId: 'gate-9' }), tooOld)).toThrow('time-out-of-range');
    expect(parts.pending.size).toBe(0);
  });
  test('an instant nobody can mean is no reason in a dialect: the hub’s own time stands', () => {
    const { plan } = circumstances();
    expect(plan(tooOld).appends[0]!.events[0]!.meta).toMatchObject({ clock: 'untrusted', occurredAt: at(60).time.at });
  });
});

test('a plan taken back as a whole can be made again', () => {
  const { plan } = circumstances();
  const facts = [door('open', at(1)), door('closed', at(2)), passed(at(3))];
  const first = plan(...facts);
  first.undo();
  expect(plan(...facts).appends).toEqual(first.appends);
});
