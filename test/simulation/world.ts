import type { Player } from '../../services/demo/world.ts';
import type { Compound, Device } from '../../services/registry/registry.ts';
import type { Chance } from './chance.ts';

export interface WorldDevice {
  registration: Device;
  plays: Player | 'zigbee' | 'chirpstack' | 'ocpp' | 'beneath';
}

export interface WorldCompound {
  compound: Compound;
  devices: WorldDevice[];
  /** Beneath the Zigbee gateway, registered by nobody: the hub adopts it. */
  unregistered: string;
}

const stewards = ['Wang', 'Li', 'Zhao'];

const compoundOf = (id: string, chance: Chance): Compound => ({
  ...{ id, name: id, profile: chance.pick(['new', 'retrofit'] as const), households: chance.whole(100, 2_000) },
  ...{ timeZone: 'Asia/Shanghai', figures: { parkingSpaces: 100, contractDisclosed: true } },
  buildings: [{ id: 'b1', name: 'Building 1', steward: { name: chance.pick(stewards) } }],
  positions: [
    { id: 'north', kind: 'pedestrian-gate', name: 'north gate' },
    { id: 'garage', kind: 'garage-entrance', name: 'garage' },
    { id: 'lobby', kind: 'unit-door', name: 'lobby', building: 'b1' },
  ],
});

const plain = (compound: string, id: string, more: Partial<Device> & Pick<Device, 'kind'>): Device => ({
  ...{ id: `${compound}-${id}`, compound, name: `${compound}-${id}`, dialect: 'canonical' },
  ...{ covers: [], features: [], adopted: false },
  ...more,
});

const hex = (chance: Chance, digits: number): string =>
  Array.from({ length: digits }, () => chance.whole(0, 15).toString(16)).join('');

const ownDevices = (id: string, chance: Chance): WorldDevice[] => {
  const gate: WorldDevice[] = ['north', 'garage'].slice(0, chance.whole(1, 2)).map((position, index) => ({
    registration: plain(id, `gate-${index + 1}`, { kind: 'access-gate', position, features: ['card'] }),
    plays: { kind: 'access-gate' },
  }));
  const band = { quantity: 'pressureKPa', min: 300, max: 500 };
  return [
    ...gate,
    {
      registration: plain(id, 'camera-1', { kind: 'camera', position: 'lobby', covers: ['north'] }),
      plays: { kind: 'camera' },
    },
    {
      registration: plain(id, 'post-1', { kind: 'charging-post', position: 'garage', ports: 2 }),
      plays: { kind: 'charging-post', variant: chance.pick(['car', 'e-bike']) },
    },
    {
      registration: plain(id, 'water-1', { kind: 'sensor', features: ['fire-water'], band, position: 'garage' }),
      plays: { kind: 'sensor', variant: 'fire-water' },
    },
    {
      registration: plain(id, 'air-1', { kind: 'sensor', features: ['environment'] }),
      plays: { kind: 'sensor', variant: 'air' },
    },
  ];
};

const gateways = (id: string, chance: Chance): WorldDevice[] => {
  const gateway = (name: string, dialect: string): Device => plain(id, name, { kind: 'gateway', dialect });
  const beneath = (above: string, name: string, dialect: string, externalId: string, more: Partial<Device> = {}) => ({
    registration: plain(id, name, { kind: 'sensor', ...more, dialect, externalId, gateway: `${id}-${above}` }),
    plays: 'beneath' as const,
  });
  return [
    { registration: gateway('zigbee', 'zigbee2mqtt'), plays: 'zigbee' },
    beneath('zigbee', 'smoke-1', 'zigbee2mqtt', `0x00${hex(chance, 14)}`, { features: ['smoke'], position: 'lobby' }),
    { registration: gateway('lora', chance.pick(['chirpstack', 'auto'])), plays: 'chirpstack' },
    beneath('lora', 'leak-1', 'chirpstack', `24${hex(chance, 14)}`),
    beneath('lora', 'leak-2', 'chirpstack', `24${hex(chance, 14)}`, { position: 'garage' }),
    { registration: gateway('ocpp', 'ocpp16'), plays: 'ocpp' },
    beneath('ocpp', 'charger-1', 'ocpp16', `cp-${hex(chance, 4)}`, { kind: 'charging-post', ports: 1 }),
    beneath('ocpp', 'charger-2', 'ocpp16', `cp-${hex(chance, 5)}`, { kind: 'charging-post', ports: 1 }),
  ];
};

export const createWorld = (chance: Chance, compounds: number): WorldCompound[] =>
  ['plum', 'orchid', 'bamboo', 'chrysanthemum'].slice(0, compounds).map((id) => ({
    compound: compoundOf(id, chance),
    devices: [...ownDevices(id, chance), ...gateways(id, chance)],
    unregistered: `0x00${hex(chance, 14)}`,
  }));
