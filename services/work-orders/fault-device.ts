import type { ZonedServiceHours } from '../runtime/service-hours.ts';
import type { Hanging } from './fault-policy.ts';

/** A device that another one hangs on, directly or through others. */
export interface HangsOn {
  id: string;
  by: Hanging;
}

/** What the registry knows of a device, as far as an order tells it. */
export interface FaultDevice {
  compound: string;
  kind: string;
  /** By its data file, which says how grave its faults are. */
  model?: string;
  name: string;
  position?: string;
  building?: string;
  buildingName?: string;
  /** What its compound's contract says of the clocks of work that isn't urgent. */
  contractHours?: ZonedServiceHours;
  /** The nearest first. */
  hangsOn?: readonly HangsOn[];
}
