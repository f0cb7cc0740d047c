import type { CompoundItem, DeviceItem } from '../../../../services/api/schemas.ts';

/** The register's own lists, written out: its schemas would bring a validator into the page. test/laws holds them equal. */
export const positionKinds = [
  'entrance',
  'garage-entrance',
  'main-road',
  'fire-lane',
  'pedestrian-gate',
  'vehicle-gate',
  'unit-door',
  'lift',
  'perimeter-zone',
  'falling-object-zone',
  'fire-water-point',
  'parking-area',
  'plant-room',
  'public-area',
  'other',
] as const satisfies CompoundItem['positions'][number]['kind'][];

export const deviceFeatures = [
  'face',
  'card',
  'code',
  'phone',
  'plate-recognition',
  'smart-lock',
  'lift-monitor',
  'e-bike-detection',
  'smoke',
  'fire-water',
  'environment',
  'manhole',
  'level',
  'e-bike-charging',
] as const satisfies DeviceItem['features'];

export const deviceKinds = [
  'access-gate',
  'charging-post',
  'camera',
  'sensor',
  'gateway',
] as const satisfies DeviceItem['kind'][];
