import { faultDeviceOf } from '../api/fault-device-of.ts';
import { deviceCommandsProjection } from '../device-commands/read-model.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { handlesType, type Projection } from '../event-log/projection.ts';
import { createMatterNotices } from '../outbound/matter-notices.ts';
import { createNoticePlanner } from '../outbound/notice-planner.ts';
import { loadNoticeRules } from '../outbound/notice-rules.ts';
import { targetsProjection } from '../outbound/targets-projection.ts';
import { deadLettersProjection } from '../projections/dead-letters/projection.ts';
import { deviceHealthProjection } from '../projections/device-health/projection.ts';
import { ingestVolumeProjection } from '../projections/ingest-volume/projection.ts';
import { mattersProjection } from '../projections/matters/projection.ts';
import { programmeProjection } from '../projections/programme/projection.ts';
import { ratingReplayProjection } from '../projections/rating-replay/projection.ts';
import { starRatingProjection } from '../projections/star-rating/projection.ts';
import { timeSeriesProjection } from '../projections/time-series/projection.ts';
import { workOrderBoard } from '../projections/work-order-board/projection.ts';
import { companyAssessments } from '../projections/work-order-figures/assessments-projection.ts';
import { workOrderFigures } from '../projections/work-order-figures/projection.ts';
import { registryEventTypes } from '../registry/events.ts';
import { registryProjection } from '../registry/read-model.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Role } from '../runtime/config.ts';
import { loadFaultPolicy } from '../work-orders/fault-policy.ts';
import { createFaultRouter } from '../work-orders/fault-router.ts';
import { intakeTokens } from '../work-orders/intake-tokens.ts';
import { rosterProjection } from '../work-orders/roster-read-model.ts';
import { roundsProjection } from '../work-orders/rounds-read-model.ts';
import { loadServiceLevels } from '../work-orders/service-levels.ts';
import { zoneOf } from './duty-by-roster.ts';

/** Caught up before the first message is taken in: the ingest starts from their tables. */
export const beforeIngest: readonly Projection[] = [registryProjection, deviceHealthProjection, rosterProjection];

/** Read models that only read; `npm run rebuild` offers these. */
export const readModels: readonly Projection[] = [
  ...beforeIngest,
  starRatingProjection,
  workOrderBoard,
  mattersProjection,
  timeSeriesProjection,
  deadLettersProjection,
  ingestVolumeProjection,
  programmeProjection,
  ratingReplayProjection,
  targetsProjection,
  intakeTokens,
  roundsProjection,
  workOrderFigures,
  companyAssessments,
  deviceCommandsProjection,
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
  const deviceOf = (id: string) => faultDeviceOf(index, id);
  const rules = { levels, policy: loadFaultPolicy(levels), deviceOf, hangingOn: index.hangingOn };
  return knowingDevices(createFaultRouter({ log, ...rules }), index);
};

/** What plans who is told of orders and of matters. */
const noticePlanners = (index: RegistryIndex): Projection[] => {
  const rules = loadNoticeRules();
  const context = () => ({
    rules,
    zoneOf: (compound: string) => zoneOf(index, compound),
    nowMs: systemClock.now(),
  });
  return [createNoticePlanner(context), createMatterNotices(context)];
};

/** What follows the log in a process of these roles. */
export const projectionsFor = (roles: readonly Role[], log: EventLog, index: RegistryIndex): Projection[] => [
  ...(roles.includes('projections') ? readModels : []),
  ...(roles.includes('work-orders') ? [faultRouter(log, index), ...noticePlanners(index)] : []),
];
