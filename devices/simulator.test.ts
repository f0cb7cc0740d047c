import { describe, expect, test } from '@jest/globals';
import { decodeChecked } from './decode-checked.ts';
import type { DeviceFact } from './dialect.ts';
import { dialect as canonical } from './dialects/canonical.ts';
import { simulator as accessGate } from './kinds/access-gate/simulator.ts';
import { simulator as camera } from './kinds/camera/simulator.ts';
import { simulator as chargingPost } from './kinds/charging-post/simulator.ts';
import { fireWaterBand, simulator as sensor, sensorVariants } from './kinds/sensor/simulator.ts';
import type { SimulatedMessage, Simulator, SimulatorOptions } from './simulator.ts';

/** Midnight in China. */
const midnightMs = Date.parse('2026-05-21T16:00:00Z');
const minuteMs = 60_000;

/** mulberry32 */
const generator = (seed: number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

interface RunOptions extends SimulatorOptions {
  seed: number;
  days: number;
  stepMinutes?: number;
}

interface Heard {
  atMs: number;
  message: SimulatedMessage;
}

const run = <State>(simulator: Simulator<State>, { seed, days, stepMinutes = 1, ...options }: RunOptions): Heard[] => {
  const random = generator(seed);
  const stepMs = stepMinutes * minuteMs;
  let state = simulator.start(options);
  const heard: Heard[] = [];
  for (let atMs = midnightMs; atMs < midnightMs + days * 1440 * minuteMs; atMs += stepMs) {
    const step = simulator.simulate(state, { nowMs: atMs, random });
    state = step.state;
    heard.push(...step.messages.map((message) => ({ atMs, message })));
  }
  return heard;
};

const decode = ({ message }: Heard) =>
  decodeChecked(
    canonical,
    {
      topic: `xy/v1/hemei/device-1/${message.topicSuffix}`,
      payload: new TextEncoder().encode(message.payload),
      retain: message.retain,
      timeZone: 'Asia/Shanghai',
    },
    () => undefined,
  );

const factsOf = (heard: readonly Heard[]): DeviceFact[] =>
  heard.flatMap((each) => {
    const decoded = decode(each);
    return decoded.outcome === 'facts' ? decoded.facts : [];
  });

type Said = Pick<DeviceFact, 'type' | 'data'>;

/** What the messages say, read without the hub: long runs need it quickly. */
const saidBy = (heard: readonly Heard[]): Said[] =>
  heard.flatMap(({ message: { topicSuffix, payload } }): Said[] => {
    if (topicSuffix === 'status')
      return [{ type: payload === 'online' ? 'device.connected' : 'device.disconnected', data: {} }];
    if (topicSuffix === 'events') return JSON.parse(payload) as Said[];
    return [{ type: 'sensor.measured', data: { values: (JSON.parse(payload) as { values: unknown }).values } }];
  });

type Run = (options: RunOptions) => Heard[];
const runs: Record<string, Run> = {
  'access-gate': (options) => run(accessGate, options),
  'charging-post': (options) => run(chargingPost, options),
  camera: (options) => run(camera, options),
  ...Object.fromEntries(
    sensorVariants.map((variant): [string, Run] => [
      `sensor ${variant}`,
      (options) => run(sensor, { ...options, variant }),
    ]),
  ),
};
const seeds = [1, 2, 3];

describe.each(Object.entries(runs))('the simulator of %s', (_, simulate) => {
  test.each(seeds)('says for a day only what the hub takes, seed %i', (seed) => {
    const heard = [...simulate({ seed, days: 1 }), ...simulate({ seed, days: 0.5, speed: 10 })];
    expect(heard.length).toBeGreaterThan(100);
    expect(heard.map(decode).filter(({ outcome }) => outcome !== 'facts')).toEqual([]);
  });

  test('says the same again with the same seed, something else with another', () => {
    expect(simulate({ seed: 7, days: 1 })).toEqual(simulate({ seed: 7, days: 1 }));
    expect(simulate({ seed: 7, days: 1 })).not.toEqual(simulate({ seed: 8, days: 1 }));
  });

  test('comes online first, and dates nothing in the future or out of order', () => {
    const heard = simulate({ seed: 5, days: 0.5, speed: 10 });
    expect(heard[0]?.message).toMatchObject({ topicSuffix: 'status', payload: 'online', retain: true });
    for (const each of heard) {
      const times = factsOf([each]).flatMap(({ time }) => (time === undefined ? [] : [Date.parse(time.at)]));
      const isInOrder = times.every((time, index) => time <= (times[index + 1] ?? each.atMs));
      if (!isInOrder) expect(each).toBe('in order and not in the future');
    }
  });

  test('is busier when it runs faster', () => {
    expect(factsOf(simulate({ seed: 4, days: 0.5, speed: 5 })).length).toBeGreaterThan(
      factsOf(simulate({ seed: 4, days: 0.5 })).length,
    );
  });

  test('is never silent for a quarter of an hour while it is online', () => {
    let online = true;
    let lastMs = midnightMs;
    for (const { atMs, message } of simulate({ seed: 6, days: 2 })) {
      if (online) expect(atMs - lastMs).toBeLessThan(15 * minuteMs);
      if (message.topicSuffix === 'status') online = message.payload === 'online';
      lastMs = atMs;
    }
  });
});

const count = (facts: readonly Said[], type: string): number => facts.filter((fact) => fact.type === type).length;

describe('daily life', () => {
  const hoursOf = (facts: readonly DeviceFact[], type: string): number[] =>
    facts.filter((fact) => fact.type === type).map(({ time }) => (new Date(time!.at).getUTCHours() + 8) % 24);

  test('gates are busy in the morning and the evening, and nearly still at night', () => {
    const hours = hoursOf(factsOf(runs['access-gate']!({ seed: 11, days: 2 })), 'gate.passed');
    const inHours = (from: number, to: number) => hours.filter((hour) => hour >= from && hour < to).length;
    expect(inHours(7, 9)).toBeGreaterThan(inHours(10, 16));
    expect(inHours(17, 20)).toBeGreaterThan(inHours(10, 16));
    expect(inHours(0, 5)).toBeLessThan(inHours(7, 9) / 10);
  });

  test('cars are plugged in at night', () => {
    const hours = hoursOf(
      factsOf(runs['charging-post']!({ seed: 11, days: 20, stepMinutes: 5 })),
      'charging.session-started',
    );
    const atNight = hours.filter((hour) => hour >= 18 || hour < 6).length;
    expect(atNight).toBeGreaterThan(hours.length / 2);
  });

  test('it is warmer in the afternoon than before dawn', () => {
    const facts = factsOf(runs['sensor climate']!({ seed: 11, days: 1 }));
    const meanAt = (hour: number): number => {
      const readings = facts.flatMap(({ data, time }) =>
        data.values !== undefined && (new Date(time!.at).getUTCHours() + 8) % 24 === hour
          ? [(data.values as { temperatureC: number }).temperatureC]
          : [],
      );
      return readings.reduce((sum, reading) => sum + reading, 0) / readings.length;
    };
    expect(meanAt(16)).toBeGreaterThan(meanAt(4) + 8);
  });

  test('a camera reports its retention daily and its picture every five minutes', () => {
    const facts = factsOf(runs.camera!({ seed: 12, days: 3 }));
    expect(count(facts, 'camera.retention-reported')).toBe(3);
    expect(count(facts, 'camera.picture-probed')).toBeGreaterThan(3 * 200);
  });

  test('meters never run backwards, and a session ends with what it took', () => {
    const last = new Map<unknown, number>();
    for (const { data } of saidBy(runs['charging-post']!({ seed: 13, days: 10, speed: 5 }))) {
      const reading =
        (data.values as { energyWh?: number } | undefined)?.energyWh ?? data.meterStartWh ?? data.meterStopWh;
      if (typeof reading !== 'number') continue;
      expect(reading).toBeGreaterThanOrEqual(last.get(data.connector) ?? 0);
      last.set(data.connector, reading);
    }
    expect([...last.values()].every((reading) => reading > 0)).toBe(true);
  });

  test('fire water stays in its band but for its alarms', () => {
    let alarmed = false;
    let alarms = 0;
    for (const { type, data } of saidBy(runs['sensor fire-water']!({ seed: 14, days: 4, speed: 20 }))) {
      if (type === 'sensor.threshold-crossed') {
        alarmed = data.active === true;
        alarms += 1;
      }
      const values = data.values as { pressureKPa: number } | undefined;
      if (values === undefined) continue;
      expect(values.pressureKPa < fireWaterBand.low).toBe(alarmed);
      expect(values.pressureKPa).toBeLessThan(fireWaterBand.high);
    }
    expect(alarms).toBeGreaterThan(1);
  });
});

describe('faults come, and go again', () => {
  /** Every raised thing is over before it comes again, and in the long run it does come. */
  const expectPairs = (facts: readonly Said[], starts: (fact: Said) => boolean, ends: (fact: Said) => boolean) => {
    let open = 0;
    let seen = 0;
    for (const fact of facts) {
      if (starts(fact)) {
        open += 1;
        seen += 1;
        expect(open).toBe(1);
      } else if (ends(fact) && open > 0) open = 0;
    }
    expect(seen).toBeGreaterThan(1);
  };
  const ofType =
    (...types: string[]) =>
    ({ type }: Said) =>
      types.includes(type);
  const active =
    (type: string, wanted: boolean) =>
    (fact: Said): boolean =>
      fact.type === type && fact.data.active === wanted;

  test.each([
    [
      'a gate forced or held open is shut',
      'access-gate',
      ofType('gate.forced-open', 'gate.held-open'),
      ofType('gate.door-changed'),
    ],
    ['a reader is repaired', 'access-gate', ofType('device.fault-raised'), ofType('device.fault-cleared')],
    ['a camera comes back', 'camera', ofType('device.disconnected'), ofType('device.connected')],
    ['a camera is uncovered', 'camera', active('camera.scene-changed', true), active('camera.scene-changed', false)],
    [
      'smoke clears',
      'sensor smoke',
      active('sensor.threshold-crossed', true),
      active('sensor.threshold-crossed', false),
    ],
    [
      'fire water returns to its band',
      'sensor fire-water',
      active('sensor.threshold-crossed', true),
      active('sensor.threshold-crossed', false),
    ],
  ] as const)('%s', (_, kind, starts, ends) => {
    expectPairs(saidBy(runs[kind]!({ seed: 21, days: 10, speed: 10, stepMinutes: 5 })), starts, ends);
  });

  test.each([1, 2])('connector %i is repaired', (connector) => {
    const own = saidBy(runs['charging-post']!({ seed: 21, days: 20, speed: 10, stepMinutes: 5 })).filter(
      ({ data }) => data.component === `connector-${connector}`,
    );
    expectPairs(own, ofType('device.fault-raised'), ofType('device.fault-cleared'));
    expect(new Set(own.map(({ data }) => data.code))).toEqual(new Set(['over-temperature', 'over-current']));
  });

  test('a battery runs low once and is changed', () => {
    const facts = saidBy(runs['sensor door']!({ seed: 21, days: 10, speed: 60, stepMinutes: 5 }));
    const levels = facts.flatMap(({ data }) =>
      data.values === undefined ? [] : [(data.values as { batteryPercent: number }).batteryPercent],
    );
    expect(count(facts, 'device.battery-low')).toBeGreaterThan(1);
    expect(Math.min(...levels)).toBeLessThan(15);
    expect(levels.lastIndexOf(100)).toBeGreaterThan(levels.findIndex((level) => level < 15));
  });
});
