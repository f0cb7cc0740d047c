import type { z } from 'zod';
import type { building, compound, device, position } from '../registry/registry.ts';

/** What `POST /api/compounds` and `POST /api/devices` take. */
export type NewCompound = z.input<typeof compound> & { positions: NewPosition[]; buildings: NewBuilding[] };
export type NewDevice = Omit<z.input<typeof device>, 'adopted'>;
export type NewPosition = z.input<typeof position>;
export type NewBuilding = z.input<typeof building>;
type Feature = NonNullable<NewDevice['features']>[number];

export type SimulatedKind = 'access-gate' | 'camera' | 'charging-post' | 'sensor';

/** Who plays a device: a kind's simulator, or nobody, for one that is registered but not connected yet. */
export interface Player {
  kind: SimulatedKind;
  variant?: string;
}

export interface DemoDevice {
  registration: NewDevice;
  /** `gateway`: its own connection carries what the devices beneath it say. */
  player: Player | 'gateway' | 'nobody';
}

/** What people put on record before the demo's first day; days count backwards from today. */
export interface Past {
  meetings: { daysAgo: number; subject: string; held: boolean }[];
  whistles: { daysAgo: number; department: string; subject: string; answeredInTime: boolean }[];
  /** Of the last thirty days, those on which nothing reached the city platform. */
  unreportedDaysAgo: number[];
}

export interface DemoCompound {
  compound: NewCompound;
  devices: DemoDevice[];
  past: Past;
  /** Who goes where no building's steward is near. */
  patrol: string;
}

export const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

export const place = (kind: NewPosition['kind'], id: string, name: string, building?: string): NewPosition => ({
  id,
  kind,
  name,
  ...(building === undefined ? {} : { building }),
});

/** Register entries of one compound, shortest first: id, name, position and what it can do. */
export const createBuilder = (compoundId: string, prefix: string) => {
  const idOf = (name: string): string => `${prefix}-${name}`;
  const base = (id: string, name: string, at: string | undefined) => ({
    id: idOf(id),
    compound: compoundId,
    name,
    ...(at === undefined ? {} : { position: at }),
  });
  return {
    gate: (id: string, name: string, at: string, features: Feature[]): DemoDevice => ({
      registration: { ...base(id, name, at), kind: 'access-gate', features },
      player: { kind: 'access-gate' },
    }),
    camera: (id: string, name: string, at: string, features: Feature[] = [], covers: string[] = []): DemoDevice => ({
      registration: { ...base(id, name, at), kind: 'camera', features, covers },
      player: { kind: 'camera' },
    }),
    post: (id: string, name: string, at: string, ports: number, features: Feature[] = []): DemoDevice => ({
      registration: { ...base(id, name, at), kind: 'charging-post', ports, features },
      player: { kind: 'charging-post', ...(features.includes('e-bike-charging') ? { variant: 'e-bike' } : {}) },
    }),
    sensor: (
      id: string,
      name: string,
      at: string | undefined,
      variant: string,
      features: Feature[],
      more: Pick<NewDevice, 'gateway' | 'band'> = {},
    ): DemoDevice => ({
      registration: { ...base(id, name, at), kind: 'sensor', features, ...more },
      player: { kind: 'sensor', variant },
    }),
    gateway: (id: string, name: string, at: string): DemoDevice => ({
      registration: { ...base(id, name, at), kind: 'gateway' },
      player: 'gateway',
    }),
  };
};

/** Registered, but nobody has connected it yet. */
export const unconnected = (device: DemoDevice): DemoDevice => ({ ...device, player: 'nobody' });

/** The person that a dispatch names: the steward of the device's building, else the compound's patrol. */
export const responsibleFor = (
  { compound, devices, patrol }: Pick<DemoCompound, 'compound' | 'devices' | 'patrol'>,
  deviceId: string | null,
): string => {
  const at = devices.find(({ registration }) => registration.id === deviceId)?.registration.position;
  const building = compound.positions.find(({ id }) => id === at)?.building;
  return compound.buildings.find(({ id }) => id === building)?.steward?.name ?? patrol;
};
