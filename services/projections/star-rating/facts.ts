import type { DisclosedItem } from '../../registry/records.ts';
import type { Compound, Device } from '../../registry/registry.ts';
import type { Interval } from './intervals.ts';

/** Everything that the measures look at, already cut to what was known to have happened by `atMs`. */
export interface RatingFacts {
  compound: Compound;
  atMs: number;
  /** Ends at `atMs`. */
  window: Interval;
  /** Registered by `atMs` and not retired. */
  devices: DeviceFacts[];
  /** Outages of the hub itself, or of the bridge to it: neither up nor down. */
  gaps: readonly Interval[];
  /** Outages of a gateway that were explained: not observed by the devices beneath it (`notObserved` has them too). */
  gatewayGaps: (Interval & { gateway: string })[];
  /** Beginnings of the hours of the window in which any device of the compound spoke, UTC. */
  heardHoursMs: number[];
  /** Raised in the window. */
  workOrders: WorkOrderFacts[];
  /** Residents' ratings at closing, one to five, given in the window. */
  residentRatings: { workOrder: string; score: number; ratedAtMs: number }[];
  /** Joint meetings planned for the last year. */
  meetings: { id: string; plannedForMs: number; heldAtMs: number | null }[];
  /** Blown in the window; a whistle without a due time can't be late. */
  whistles: {
    id: string;
    department: string | null;
    blownAtMs: number;
    dueAtMs: number | null;
    answeredAtMs: number | null;
  }[];
  /** When the city platform took a report, in the window. */
  platformReportsMs: number[];
  /** When it took the first one ever; `null` for a compound that was never connected. */
  platformSinceMs: number | null;
  /** What residents may read, published by `atMs`, and not taken back by then. */
  disclosures: { id: string; item: DisclosedItem; publishedAtMs: number; untilMs: number | null }[];
}

export interface DeviceFacts {
  device: Device;
  registeredAtMs: number;
  /** `null`: nothing was ever heard of it. */
  firstHeardAtMs: number | null;
  /** Times in the window at which it was up. */
  up: readonly Interval[];
  /** Times in the window at which it was not up because its gateway was gone: down in the number, not its own failure. */
  gatewayDown: readonly Interval[];
  /** Times in the window at which nobody could have heard it, by a recorded gap of the hub, a bridge or its gateway. */
  notObserved: readonly Interval[];
  /** Times in the window at which its reading was in its own band. */
  inBand: readonly Interval[];
  /** Times in the window at which a reading out of its own band stood; in neither, no reading stood. */
  outOfBand: readonly Interval[];
  /** Counters over the window, by the keys of counters.ts. */
  counts: Readonly<Record<string, number>>;
  /** The newest retention report in the window. */
  retainedDays: number | null;
}

export interface WorkOrderFacts {
  /** Its stream. */
  id: string;
  device: string | null;
  deviceName: string | null;
  kind: string | null;
  code: string;
  priority: string;
  raisedAtMs: number;
  /** Reported late or replayed: nobody was alarmed. */
  late: boolean;
  dueOnSiteMs: number | null;
  dueResolveMs: number | null;
  /** The first thing that a person did about it. */
  acknowledgedAtMs: number | null;
  arrivedAtMs: number | null;
  resolvedAtMs: number | null;
  closedAtMs: number | null;
  cancelledAtMs: number | null;
}
