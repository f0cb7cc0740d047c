import { expect, test } from '@jest/globals';
import { historyOf, pastWeeksOf } from './history.ts';
import { puppetOf } from './puppet.ts';
import { createRandom } from './random.ts';
import type { Player } from './world.ts';

const nowMs = Date.parse('2026-03-01T12:00:00Z');
interface Item {
  type?: string;
  time: string;
}
const told = (player: Player) => {
  const messages = historyOf(puppetOf(player, { speed: 6 }), nowMs, createRandom(1));
  return { messages, items: messages.flatMap(({ payload }) => JSON.parse(payload) as Item[]) };
};

const players: Player[] = [
  { kind: 'access-gate' },
  { kind: 'camera' },
  { kind: 'charging-post' },
  { kind: 'sensor', variant: 'fire-water' },
];

test.each(players)('the hours before now, in order and never ahead: $kind', (player) => {
  const { messages, items } = told(player);
  expect(items.length).toBeGreaterThan(15);
  const times = items.map(({ time }) => Date.parse(time));
  expect(Math.max(...times)).toBeLessThan(nowMs);
  expect(Math.min(...times)).toBeGreaterThanOrEqual(nowMs - 1.5 * 3_600_000);
  expect(messages.every(({ payload }) => (JSON.parse(payload) as Item[]).length <= 200)).toBe(true);
});

test('no passage, alarm or fault is told afterwards', () => {
  const types = new Set(players.flatMap((player) => told(player).items.map(({ type }) => type)));
  expect([...types].filter((type) => /passed|denied|fault|threshold|open|scene|battery/.test(type ?? ''))).toEqual([]);
});

test('nothing of the last stride is made up for', () => {
  const puppet = puppetOf({ kind: 'access-gate' }, { speed: 1000 });
  historyOf(puppet, nowMs, createRandom(1));
  const said = puppet.step({ nowMs: nowMs + 1, random: createRandom(2) });
  const items = said.flatMap(({ payload }) => JSON.parse(payload) as Item[]);
  expect(items.filter(({ time }) => Date.parse(time) < nowMs)).toEqual([]);
});

test('the weeks before, readings only, thinly and before the hours that are told in full', () => {
  const messages = pastWeeksOf({ kind: 'sensor', variant: 'fire-water' }, nowMs, createRandom(1));
  const items = messages.flatMap(({ payload }) => JSON.parse(payload) as (Item & { values: object })[]);
  expect(new Set(messages.map(({ topicSuffix }) => topicSuffix))).toEqual(new Set(['telemetry']));
  expect(items).toHaveLength(480);
  expect(items.every(({ type, values }) => type === undefined && 'pressureKPa' in values)).toBe(true);
  const times = items.map(({ time }) => Date.parse(time));
  expect(times).toEqual([...times].sort((left, right) => left - right));
  expect(times[0]).toBe(nowMs - 40 * 86_400_000);
  expect(times.at(-1)).toBeLessThan(nowMs - 1.5 * 3_600_000);
  expect(pastWeeksOf({ kind: 'access-gate' }, nowMs, createRandom(1))).toEqual([]);
});
