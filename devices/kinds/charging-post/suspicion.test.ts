import type { DeviceFact } from '../../dialect.ts';
import { judgeSessions } from './suspicion.ts';

const nowMs = Date.parse('2026-03-01T12:00:00.000Z');
const at = (minutes: number) => ({
  time: { at: new Date(nowMs + minutes * 60_000).toISOString(), clock: 'trusted' as const },
});
const start = (minutes: number, session: string, meterStartWh?: number, connector = 1): DeviceFact => ({
  type: 'charging.session-started',
  data: { connector, session, ...(meterStartWh === undefined ? {} : { meterStartWh }) },
  ...at(minutes),
});
const stop = (minutes: number, session: string, meterStopWh?: number): DeviceFact => ({
  type: 'charging.session-ended',
  data: { connector: 1, session, ...(meterStopWh === undefined ? {} : { meterStopWh }) },
  ...at(minutes),
});

/** Each fact in a message of its own, with what the ones before left in memory. */
const suspicionsIn = (...facts: DeviceFact[]): unknown[] => {
  const memory = new Map<string, string>();
  return facts.map((fact) => {
    const judged = judgeSessions([fact], (key) => memory.get(key), nowMs)!;
    for (const [key, value] of Object.entries(judged.remember)) memory.set(key, value);
    return judged.facts[0]!.data.suspect;
  });
};

test.each<[string, DeviceFact[], unknown[]]>([
  ['sessions one after the other', [start(-9, 'a', 10), stop(-8, 'a', 20), start(-7, 'b', 20)], []],
  ['a start sent again', [start(-9, 'a', 10), start(-9, 'a', 10)], []],
  ['an end sent again', [start(-9, 'a', 10), stop(-8, 'a', 20), stop(-8, 'a', 20)], []],
  ['a start sent again after its end', [start(-9, 'a', 10), stop(-8, 'a', 20), start(-9, 'a', 10)], []],
  ['another connector', [start(-9, 'a', 10), start(-8, 'b', 3, 2)], []],
  ['begun twice', [start(-9, 'a', 10), start(-8, 'a', 10)], ['duplicate-start']],
  ['begun while another runs', [start(-9, 'a', 10), start(-8, 'b', 10)], ['overlap']],
  ['an end before the start', [start(-9, 'a', 10), stop(-10, 'a', 20)], ['time-back']],
  ['a meter that goes back within a session', [start(-9, 'a', 10), stop(-8, 'a', 9)], ['meter-back']],
  ['and between two', [start(-9, 'a', 10), stop(-8, 'a', 20), start(-7, 'b', 5)], ['meter-back']],
  ['a time to come', [start(6, 'a', 10)], ['future-time']],
  ['a time within what is believed', [start(4, 'a', 10)], []],
])('%s', (_, facts, expected) => {
  const found = suspicionsIn(...facts);
  expect(found.at(-1) ?? []).toEqual(expected);
  expect(found.slice(0, -1).filter((suspect) => suspect !== undefined)).toEqual([]);
});

test('an old start that comes late leaves the present as it is', () => {
  const late = [start(-5, 'b', 10), start(-9, 'a', 5), stop(-4, 'b', 20), start(-3, 'c', 20)];
  expect(suspicionsIn(...late)).toEqual([undefined, ['overlap', 'time-back', 'meter-back'], undefined, undefined]);
});

test('a message of nothing but readings is not looked at', () => {
  expect(judgeSessions([{ type: 'charging.metered', data: {} }], () => undefined, nowMs)).toBeUndefined();
});
