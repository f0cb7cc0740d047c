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

/** A place to look at: `undefined` is everywhere beneath what stands before it, an empty building the grounds. */
export interface PlaceChoice {
  compound?: string;
  building?: string;
  position?: string;
}

/** As one word for the address: `compound`, `compound/building`, `compound//position-on-the-grounds`. */
export const formatPlace = ({ compound, building, position }: PlaceChoice): string =>
  [compound, building, position].filter((part) => part !== undefined).join('/');
export function parsePlace(text: string): PlaceChoice {
  const [compound, building, position] = text.split('/');
  return compound === '' ? {} : { compound, building, position };
}

export interface DeviceFilter extends PlaceChoice {
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
    if (filter.compound !== undefined && device.compound !== filter.compound) return false;
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

/** Whether a place in words lies in a building; `null`: on the grounds, in none of the buildings. "13号楼" is not "3号楼". */
export function isInBuilding(place: string | null, building: string | null, buildings: readonly string[]): boolean {
  const within = (name: string) => place === name || (place ?? '').startsWith(`${name} · `);
  return building === null ? place !== null && !buildings.some(within) : within(building);
}

/** Building and position in words; a position that names its building already stands alone. */
export function placeText(parts: readonly (string | null)[]): string {
  const named = parts.filter((part): part is string => part !== null && part !== '');
  return named.filter((part, index) => !named.slice(index + 1).some((later) => later.startsWith(part))).join(' · ');
}
export const placeWords = (device: Pick<DeviceItem, 'buildingName' | 'positionName'>): string =>
  placeText([device.buildingName, device.positionName]);
