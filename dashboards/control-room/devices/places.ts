import type { CompoundItem, DeviceItem } from '../../../services/api/schemas.ts';

/** Devices whose building isn't known stand on the grounds. */
export const grounds = '';

export interface PlaceCount {
  devices: number;
  /** Offline, silent or with a standing fault. */
  troubled: number;
  /** Registered, and nothing came yet. */
  neverHeard: number;
}
export interface PositionPlace extends PlaceCount {
  id: string;
  name: string;
}
export interface BuildingPlace extends PlaceCount {
  id: string;
  name: string | null;
  positions: PositionPlace[];
}

export const isTroubled = ({ health }: DeviceItem): boolean =>
  health.state === 'offline' || health.state === 'silent' || health.faults.length > 0;

const emptyCount = (): PlaceCount => ({ devices: 0, troubled: 0, neverHeard: 0 });
const count = (place: PlaceCount, device: DeviceItem): void => {
  place.devices += 1;
  if (isTroubled(device)) place.troubled += 1;
  if (device.health.state === 'never-heard') place.neverHeard += 1;
};

/** Which building a device stands in, by the position it is registered at. */
export function buildingOf(compound: CompoundItem, device: Pick<DeviceItem, 'position'>): string {
  return compound.positions.find(({ id }) => id === device.position)?.building ?? grounds;
}

/** Compound → building → position, in the registry's order, the grounds first; positions without a device stay out. */
export function groupByPlace(compound: CompoundItem, devices: readonly DeviceItem[]): BuildingPlace[] {
  const positions = new Map(compound.positions.map((position) => [position.id, position]));
  const buildings = new Map<string, BuildingPlace>(
    [{ id: grounds, name: null }, ...compound.buildings].map(({ id, name }) => [
      id,
      { id, name, positions: [], ...emptyCount() },
    ]),
  );
  const places = new Map<string, PositionPlace>();
  for (const device of devices) {
    const position = device.position === undefined ? undefined : positions.get(device.position);
    const building = buildings.get(position?.building ?? grounds) ?? buildings.get(grounds)!;
    count(building, device);
    if (position === undefined) continue;
    let place = places.get(position.id);
    if (place === undefined) {
      place = { id: position.id, name: position.name, ...emptyCount() };
      places.set(position.id, place);
      building.positions.push(place);
    }
    count(place, device);
  }
  return [...buildings.values()].filter(({ devices: inside }) => inside > 0);
}

const stateRank = { offline: 0, silent: 1, online: 3, 'never-heard': 2 } as const;
const rank = (device: DeviceItem): number => (device.health.faults.length > 0 ? -1 : stateRank[device.health.state]);

/** What is wrong first, then by name the way people number things. */
export function sortDevices(devices: readonly DeviceItem[]): DeviceItem[] {
  const byName = new Intl.Collator('zh', { numeric: true });
  return [...devices].sort((a, b) => rank(a) - rank(b) || byName.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
}

export interface DeviceFilter {
  building?: string;
  position?: string;
  kind?: string;
  state?: string;
  query?: string;
}

export function filterDevices(
  devices: readonly DeviceItem[],
  compounds: readonly CompoundItem[],
  filter: DeviceFilter,
): DeviceItem[] {
  const words = (filter.query ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const buildings = new Map(
    compounds.flatMap((compound) =>
      compound.positions.map((position) => [`${compound.id}/${position.id}`, position.building ?? grounds] as const),
    ),
  );
  const building = (device: DeviceItem) => buildings.get(`${device.compound}/${device.position}`) ?? grounds;
  const inState = (device: DeviceItem): boolean =>
    filter.state === undefined ||
    (filter.state === 'troubled' ? isTroubled(device) : device.health.state === filter.state);
  return devices.filter((device) => {
    if (filter.building !== undefined && building(device) !== filter.building) return false;
    if (filter.position !== undefined && device.position !== filter.position) return false;
    if (filter.kind !== undefined && device.kind !== filter.kind) return false;
    if (!inState(device)) return false;
    const line = [device.name, device.id, device.externalId, device.positionName, device.buildingName, device.dialect]
      .join('\n')
      .toLowerCase();
    return words.every((word) => line.includes(word));
  });
}

/** Building and position in words. */
export const placeWords = (device: Pick<DeviceItem, 'buildingName' | 'positionName'>): string =>
  [device.buildingName, device.positionName].filter((part) => part !== null && part !== '').join(' · ');
