import type { EventItem } from '../../../services/api/schemas.ts';
import { stepNotes } from '../orders/step-notes.ts';
import { stripMarks } from './event-strip.ts';
import { eventSummary, readingText, type WordSource } from './event-words.ts';

const source: WordSource = {
  language: 'en',
  word: (family, code) =>
    ({ 'data.flag.1': 'yes', 'data.active.false': 'over', 'fault.offline': 'OFFLINE' })[
      `${family}.${code}` as 'data.flag.1'
    ] ?? code,
};

test.each([
  [
    'sensor.measured',
    { values: { temperatureC: 21.5, humidityPercent: 40 } },
    'Temperature 21.5 °C, Relative humidity 40 %',
  ],
  ['device.fault-raised', { code: 'offline', text: 'no word' }, 'OFFLINE · no word'],
  ['device.fault-raised', { code: 'brand-new' }, 'brand-new'],
  ['charging.status-changed', { status: 'faulted', connector: 1 }, 'faulted'],
  ['gate.passed', {}, ''],
  ['gate.passed', null, ''],
  [
    'sensor.threshold-crossed',
    { quantity: 'pressureKPa', active: true, value: 12, direction: 'low' },
    'low · Pressure · 12',
  ],
  ['sensor.threshold-crossed', { quantity: 'offline', active: true }, 'OFFLINE'],
  ['sensor.threshold-crossed', { quantity: 'pressureKPa', active: false }, 'Pressure · over'],
])('%s %j', (type, data, expected) => {
  expect(eventSummary({ type, data }, source)).toBe(expected.replace('· 12', '· 12 kPa'));
});

test.each([
  ['temperatureC', 21.123456789, '21.1235 °C'],
  ['contactOpen', 1, 'yes'],
  ['unheardOf', 3, '3'],
])('reading %s', (name, value, expected) => {
  expect(readingText(name, value, source.word)).toBe(expected);
});

test('the strip holds one hour', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  const event = (id: string, type: string, occurred: string): EventItem => ({
    position: id,
    stream: 'device-x',
    revision: 0,
    id,
    type,
    data: {},
    meta: { occurredAt: occurred },
  });
  const marks = stripMarks(
    [
      event('now', 'gate.passed', '2026-03-01T12:00:00Z'),
      event('half', 'device.fault-raised', '2026-03-01T11:30:00Z'),
      event('clear', 'device.fault-cleared', '2026-03-01T11:45:00Z'),
      event('old', 'gate.passed', '2026-03-01T10:59:00Z'),
      event('future', 'gate.passed', '2026-03-01T13:00:00Z'),
      event('nonsense', 'gate.passed', ''),
    ],
    now,
  );
  expect(marks).toEqual([
    { id: 'now', at: 1, tone: 'plain' },
    { id: 'half', at: 0.5, tone: 'bad' },
    { id: 'clear', at: 0.75, tone: 'good' },
  ]);
});

test('a step shows its words, not its machinery', () => {
  const data = { outcome: 'repaired', note: 'new fuse', deadline: 'x', reason: ' ' };
  expect(stepNotes('work-order.closed', data)).toEqual([
    { family: 'outcome', text: 'repaired' },
    { family: null, text: 'new fuse' },
  ]);
});
