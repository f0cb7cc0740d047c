import { describe, expect, test } from '@jest/globals';
import { decodeChecked } from '../../devices/decode-checked.ts';
import type { DeviceFact } from '../../devices/dialect.ts';
import { dialects } from '../../devices/dialects/registry.ts';
import { simulator as accessGate } from '../../devices/kinds/access-gate/simulator.ts';
import { simulator as camera } from '../../devices/kinds/camera/simulator.ts';
import { simulator as chargingPost } from '../../devices/kinds/charging-post/simulator.ts';
import { simulator as sensor, sensorVariants } from '../../devices/kinds/sensor/simulator.ts';
import type { SimulatedEvent, SimulatedMessage, Simulator } from '../../devices/simulator.ts';
import { createRandom } from '../../services/demo/random.ts';
import { cameraSpeakers } from './camera-speakers.ts';
import { gateSpeakers } from './gate-speakers.ts';
import { postSpeakers } from './post-speakers.ts';
import { sensorSpeakers } from './sensor-speakers.ts';
import { messageOf, type Speaker } from './speaker.ts';

const midnightMs = Date.parse('2026-05-21T16:00:00Z');

/** What a simulator's messages say, one event each. */
const eventsOf = ({ topicSuffix, payload }: SimulatedMessage, atMs: number): SimulatedEvent[] => {
  if (topicSuffix === 'status') {
    return [
      { type: payload === 'online' ? 'device.connected' : 'device.disconnected', data: { reason: 'reported' }, atMs },
    ];
  }
  const said = JSON.parse(payload) as { type: string; time: string; data: Record<string, unknown> }[];
  if (topicSuffix === 'events') return said.map(({ type, time, data }) => ({ type, data, atMs: Date.parse(time) }));
  const { time, values } = JSON.parse(payload) as { time: string; values: Record<string, number> };
  return [{ type: 'sensor.measured', data: { values }, atMs: Date.parse(time) }];
};

const live = <State>(simulator: Simulator<State>, variant?: string): SimulatedEvent[] => {
  const random = createRandom(20260522);
  let state = simulator.start({ speed: 60, ...(variant === undefined ? {} : { variant }) });
  const events: SimulatedEvent[] = [];
  for (let step = 0; step < 240; step += 1) {
    const nowMs = midnightMs + step * 360_000;
    const next = simulator.simulate(state, { nowMs, random });
    state = next.state;
    events.push(...next.messages.flatMap((message) => eventsOf(message, nowMs)));
  }
  return firstOfEach(events);
};

const ofEachTypeMax = 100;

/** A month of a gate says the same a thousand times. */
const firstOfEach = (events: readonly SimulatedEvent[]): SimulatedEvent[] => {
  const counts = new Map<string, number>();
  return events.filter(({ type }) => {
    const count = (counts.get(type) ?? 0) + 1;
    counts.set(type, count);
    return count <= ofEachTypeMax;
  });
};

const lives: [kind: string, speakers: Speaker[], events: () => SimulatedEvent[]][] = [
  ['access-gate', gateSpeakers, () => [...live(accessGate), ...live(accessGate, 'reader')]],
  ['camera', cameraSpeakers, () => live(camera, 'plate-reader')],
  ['charging-post', postSpeakers, () => live(chargingPost)],
  ['sensor', sensorSpeakers, () => sensorVariants.flatMap((variant) => live(sensor, variant))],
];

/** What a session and a part of the device are called is the protocol's to say, and what it adds in its own words. */
const ownNames = new Set(['session', 'channel', 'text', 'vendorCode']);

/** Everything heard was meant: a dialect may know less than the simulator, and must not say otherwise. */
const isMeant = (heard: unknown, meant: unknown): boolean => {
  if (typeof heard !== 'object' || heard === null) return heard === meant;
  if (typeof meant !== 'object' || meant === null) return false;
  return Object.entries(heard).every(
    ([key, value]) => ownNames.has(key) || isMeant(value, (meant as Record<string, unknown>)[key]),
  );
};

const isTimely = (fact: DeviceFact, { atMs }: SimulatedEvent, { time }: Speaker): boolean => {
  if (time === 'none') return fact.time === undefined;
  const heardMs = Date.parse(fact.time?.at ?? '');
  return time === 'seconds' ? heardMs === atMs - (atMs % 1000) : heardMs === atMs;
};

const converse = (speaker: Speaker, events: readonly SimulatedEvent[]) => {
  const dialect = dialects.find(({ name }) => name === speaker.dialect)!;
  const say = speaker.speak();
  const memory = new Map<string, string>();
  const spoken = new Set<string>();
  const lost: unknown[] = [];
  for (const event of events) {
    const said = say(event);
    if (said === undefined) continue;
    spoken.add(event.type);
    const heard = said.flatMap((one) => {
      const decoded = decodeChecked(dialect, messageOf(one), (key) => memory.get(key));
      const remember = decoded.outcome === 'refused' ? {} : (decoded.remember ?? {});
      for (const [key, value] of Object.entries(remember)) value === null ? memory.delete(key) : memory.set(key, value);
      return decoded.outcome === 'facts' ? decoded.facts : [];
    });
    const ofType = heard.filter(({ type }) => type === event.type);
    const isHeard = ofType.every((fact) => isTimely(fact, event, speaker) && isMeant(fact.data, event.data));
    if (ofType.length === 0 || !isHeard) lost.push({ event, said, heard });
  }
  return { spoken, lost };
};

describe.each(lives)('the simulated %s', (kind, speakers, events) => {
  const happened = events();

  test.each(speakers.map((speaker) => [speaker.dialect, speaker] as const))('is understood in %s', (_, speaker) => {
    const { spoken, lost } = converse(speaker, happened);
    expect(lost.slice(0, 2)).toEqual([]);
    expect(spoken.size).toBeGreaterThan(0);
  });

  test('speaks every dialect of its kind', () => {
    const ofKind = dialects.filter(({ kinds }) => kinds.includes(kind)).map(({ name }) => name);
    expect(speakers.map(({ dialect }) => dialect).sort()).toEqual(ofKind.sort());
  });

  test('has a dialect for what it says most', () => {
    const spoken = speakers.flatMap((speaker) => [...converse(speaker, happened).spoken]);
    // Nobody's firmware probes its own picture or counts the days of its recordings.
    const unsaid = ['camera.picture-probed', 'camera.retention-reported'];
    const types = happened
      .map(({ type }) => type)
      .filter((type) => !type.startsWith('device.') && !unsaid.includes(type));
    expect(spoken).toEqual(expect.arrayContaining([...new Set(types)]));
  });
});
