import type { EventLog } from '../event-log/event-log.ts';
import { handlesType, type Projection } from '../event-log/projection.ts';
import { deadLettersProjection } from '../projections/dead-letters/projection.ts';
import { deviceHealthProjection } from '../projections/device-health/projection.ts';
import { ingestVolumeProjection } from '../projections/ingest-volume/projection.ts';
import { starRatingProjection } from '../projections/star-rating/projection.ts';
import { timeSeriesProjection } from '../projections/time-series/projection.ts';
import { workOrderBoard } from '../projections/work-order-board/projection.ts';
import { registryEventTypes } from '../registry/events.ts';
import { registryProjection } from '../registry/read-model.ts';
import { placeOf, type RegistryIndex } from '../registry/registry-index.ts';
import type { Role } from '../runtime/config.ts';
import type { FaultDevice } from '../work-orders/fault-plan.ts';
import { loadFaultPolicy } from '../work-orders/fault-policy.ts';
import { createFaultRouter } from '../work-orders/fault-router.ts';
import { loadServiceLevels } from '../work-orders/service-levels.ts';

/** Caught up before the first message is taken in: the ingest starts from their tables. */
export const beforeIngest: readonly Projection[] = [registryProjection, deviceHealthProjection];

/** Read models that only read; `npm run rebuild` offers these. */
export const readModels: readonly Projection[] = [
  ...beforeIngest,
  starRatingProjection,
  workOrderBoard,
  timeSeriesProjection,
  deadLettersProjection,
  ingestVolumeProjection,
];

/**
 * The router asks the index which kind a device is of, and the index follows the log on its own: so that a device is
 * known when its first fault is routed, what the log says of it goes into the index first.
 */
const knowingDevices = (router: Projection, index: RegistryIndex): Projection => ({
  ...router,
  handles: [...router.handles, ...registryEventTypes],
  async apply(sql, events) {
    for (const event of events) index.apply(event);
    const own = events.filter((event) => handlesType(router, event.type));
    if (own.length > 0) await router.apply(sql, own);
  },
});

/** The router that turns faults into orders. */
const faultRouter = (log: EventLog, index: RegistryIndex): Projection => {
  const levels = loadServiceLevels();
  const deviceOf = (id: string) => faultDevice(index, id);
  return knowingDevices(createFaultRouter({ log, levels, policy: loadFaultPolicy(levels), deviceOf }), index);
};

/** What follows the log in a process of these roles. */
export const projectionsFor = (roles: readonly Role[], log: EventLog, index: RegistryIndex): Projection[] => [
  ...(roles.includes('projections') ? readModels : []),
  ...(roles.includes('work-orders') ? [faultRouter(log, index)] : []),
];

const faultDevice = (index: RegistryIndex, id: string): FaultDevice | undefined => {
  const device = index.device(id);
  if (device === undefined) return undefined;
  const building = placeOf(index, id).position?.building;
  return {
    compound: device.compound,
    kind: device.kind,
    name: device.name,
    ...(device.position === undefined ? {} : { position: device.position }),
    ...(building === undefined ? {} : { building }),
  };
};
