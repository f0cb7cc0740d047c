import { describe, expect, test } from '@jest/globals';
import { standardInForce } from '../projections/star-rating/standards.ts';
import { compound, device } from '../registry/registry.ts';
import { haiyuLanting } from './haiyu-lanting.ts';
import { shengdeHemeiJiayuan } from './shengde-hemei-jiayuan.ts';
import { cast } from './story.ts';
import { type DemoCompound, responsibleFor } from './world.ts';

const worlds: [string, DemoCompound][] = [
  ['shengde-hemei-jiayuan', shengdeHemeiJiayuan()],
  ['haiyu-lanting', haiyuLanting()],
];
const duplicates = (ids: string[]): string[] => ids.filter((id, index) => ids.indexOf(id) !== index);

describe.each(worlds)('%s', (id, { compound: registered, devices }) => {
  test('fits the registry', () => {
    expect(compound.parse(registered).id).toBe(id);
    for (const { registration } of devices) expect(device.parse(registration).compound).toBe(id);
    expect(duplicates(registered.positions.map((position) => position.id))).toEqual([]);
  });

  test('places devices, positions and gateways where they exist', () => {
    const positions = new Set(registered.positions.map((position) => position.id));
    const buildings = new Set(registered.buildings.map((building) => building.id));
    const gateways = new Set(
      devices.filter(({ player }) => player === 'gateway').map(({ registration }) => registration.id),
    );
    const lost = [
      ...registered.positions.filter(({ building }) => building !== undefined && !buildings.has(building)),
      ...devices.filter(
        ({ registration: { position, covers = [], gateway } }) =>
          [position ?? [], covers].flat().some((at) => !positions.has(at)) ||
          (gateway !== undefined && !gateways.has(gateway)),
      ),
    ];
    expect(lost).toEqual([]);
  });

  test('has every kind of position that the standard asks about', () => {
    const asked = standardInForce('2026-01-01T00:00:00.000Z').criteria.flatMap(({ measure }) =>
      measure.name === 'position-coverage' ? measure.positions : [],
    );
    expect(asked.length).toBeGreaterThan(5);
    const present: string[] = registered.positions.map(({ kind }) => kind);
    expect(asked.filter((kind) => !present.includes(kind))).toEqual([]);
  });

  test('names everything in Chinese', () => {
    const names = [registered, ...registered.buildings, ...registered.positions].map(({ name }) => name);
    const all = [...names, ...devices.map(({ registration }) => registration.name)];
    expect(all.filter((name) => !/\p{Script=Han}/u.test(name))).toEqual([]);
  });
});

test('device ids are unique over the whole world', () => {
  expect(duplicates(worlds.flatMap(([, { devices }]) => devices.map(({ registration }) => registration.id)))).toEqual(
    [],
  );
});

test('the story plays on devices that speak', () => {
  const speaking = shengdeHemeiJiayuan()
    .devices.filter(({ player }) => typeof player === 'object')
    .map(({ registration }) => registration.id);
  expect(Object.values(cast).filter((id) => !speaking.includes(id))).toEqual([]);
});

test('a building has its steward, the grounds have the patrol', () => {
  const world = shengdeHemeiJiayuan();
  expect(responsibleFor(world, 'sdhm-smoke-5')).toBe('毕晓东');
  expect(responsibleFor(world, 'sdhm-gate-west')).toBe(world.patrol);
  expect(responsibleFor(world, null)).toBe(world.patrol);
});
