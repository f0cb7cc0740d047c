import { contractHoursOf, placeOf, type RegistryIndex } from '../registry/registry-index.ts';
import type { FaultDevice } from '../work-orders/fault-device.ts';

const hangings = { gateway: 'gateway', uplink: 'uplink', poweredBy: 'power' } as const;

/** What the registry knows of a device, as the fault router asks for it. */
export const faultDeviceOf = (index: RegistryIndex, id: string): FaultDevice | undefined => {
  const device = index.device(id);
  if (device === undefined) return undefined;
  const { position, buildingName } = placeOf(index, id);
  const building = position?.building;
  const hangsOn = index.hangsOn(id).map((above) => ({ id: above.id, by: hangings[above.field] }));
  const compound = index.compound(device.compound);
  const contractHours = compound === undefined ? undefined : contractHoursOf(compound);
  return {
    compound: device.compound,
    kind: device.kind,
    name: device.name,
    ...(device.model === undefined ? {} : { model: device.model }),
    ...(device.position === undefined ? {} : { position: device.position }),
    ...(building === undefined ? {} : { building }),
    ...(buildingName === undefined ? {} : { buildingName }),
    ...(hangsOn.length === 0 ? {} : { hangsOn }),
    ...(contractHours === undefined ? {} : { contractHours }),
  };
};
