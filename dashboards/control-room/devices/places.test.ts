import type { CompoundItem, DeviceItem } from '../../../services/api/schemas.ts';
import {
  filterDevices,
  formatPlace,
  grounds,
  groupByPlace,
  isInBuilding,
  parsePlace,
  placeWords,
  sortDevices,
} from './places.ts';

const compound: CompoundItem = {
  id: 'c',
  name: 'C',
  profile: 'new',
  households: 10,
  timeZone: 'Asia/Shanghai',
  figures: {},
  buildings: [
    { id: 'b1', name: '1号楼' },
    { id: 'b2', name: '2号楼' },
  ],
  positions: [
    { id: 'door-1', kind: 'unit-door', name: '1单元', building: 'b1' },
    { id: 'gate', kind: 'entrance', name: '东门' },
  ],
  devices: 0,
  devicesDown: 0,
  openWorkOrders: 0,
  stars: null,
  lastHeardAt: null,
};
const device = (
  id: string,
  change: Partial<DeviceItem> = {},
  health: Partial<DeviceItem['health']> = {},
): DeviceItem => ({
  id,
  compound: 'c',
  kind: 'camera',
  dialect: 'canonical',
  name: id,
  covers: [],
  features: [],
  adopted: false,
  positionName: null,
  buildingName: null,
  openWorkOrders: [],
  health: { state: 'online', since: null, lastHeardAt: null, batteryPercent: null, faults: [], ...health },
  ...change,
});
const fault = { code: 'x', text: null, component: null, since: '2026-03-01T00:00:00.000Z' };
const devices = [
  device('a', { position: 'door-1' }),
  device('b', { position: 'door-1' }, { faults: [fault] }),
  device('c', { position: 'gate', kind: 'access-gate' }, { state: 'offline' }),
  device('d', {}, { state: 'never-heard' }),
  device('e', { position: 'torn-down' }, { state: 'silent' }),
];

test('compound → building → position with what is wrong', () => {
  const places = groupByPlace(compound, devices);
  expect(places).toEqual([
    {
      id: grounds,
      name: null,
      devices: 3,
      troubled: 2,
      neverHeard: 1,
      positions: [{ id: 'gate', name: '东门', devices: 1, troubled: 1, neverHeard: 0 }],
    },
    {
      id: 'b1',
      name: '1号楼',
      devices: 2,
      troubled: 1,
      neverHeard: 0,
      positions: [{ id: 'door-1', name: '1单元', devices: 2, troubled: 1, neverHeard: 0 }],
    },
  ]);
  expect(places.reduce((sum, place) => sum + place.devices, 0)).toBe(devices.length);
});

test('what is wrong comes first, numbers as people count', () => {
  const sorted = sortDevices([...devices, device('a10'), device('a2')]);
  expect(sorted.map(({ id }) => id)).toEqual(['b', 'c', 'e', 'd', 'a', 'a2', 'a10']);
});

test.each([
  [{}, 'abcde'],
  [{ compound: 'other' }, ''],
  [{ compound: 'c', building: 'b1' }, 'ab'],
  [{ building: 'b1' }, 'ab'],
  [{ building: grounds }, 'cde'],
  [{ position: 'gate' }, 'c'],
  [{ state: 'troubled' }, 'bce'],
  [{ state: 'never-heard' }, 'd'],
  [{ kind: 'access-gate' }, 'c'],
  [{ query: 'A' }, 'abcde'],
  [{ query: 'a zzz' }, ''],
])('filter %j', (filter, ids) => {
  expect(
    filterDevices(devices, [compound], filter)
      .map(({ id }) => id)
      .join(''),
  ).toBe(ids);
});

test('the place in words', () => {
  expect(placeWords({ buildingName: '1号楼', positionName: null })).toBe('1号楼');
  expect(placeWords({ buildingName: '1号楼', positionName: '1单元' })).toBe('1号楼 · 1单元');
  expect(placeWords({ buildingName: '1号楼', positionName: '1号楼大堂' })).toBe('1号楼大堂');
  expect(placeWords({ buildingName: null, positionName: null })).toBe('');
});

test.each([
  ['3号楼 · 1单元', '3号楼', true],
  ['3号楼', '3号楼', true],
  ['13号楼 · 1单元', '3号楼', false],
  [null, '3号楼', false],
  ['东门', null, true],
  ['3号楼 · 1单元', null, false],
  [null, null, false],
])('%s in %s', (place, building, expected) => {
  expect(isInBuilding(place, building, ['3号楼', '13号楼'])).toBe(expected);
});

test.each([
  ['', {}],
  ['c', { compound: 'c' }],
  ['c/', { compound: 'c', building: '' }],
  ['c/b1', { compound: 'c', building: 'b1' }],
  ['c//gate', { compound: 'c', building: '', position: 'gate' }],
])('the address %s', (text, place) => {
  expect(parsePlace(text)).toEqual(place);
  expect(formatPlace(place)).toBe(text);
});
