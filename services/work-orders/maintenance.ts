import { z } from 'zod';
import { type Decider, Refusal } from '../event-log/decider.ts';
import { instant } from '../runtime/schema.ts';
import type { FaultDevice } from './fault-device.ts';

const id = z.string().min(1).max(64);
/** Longest that faults may go without an order. */
const daysMax = 92;

/** Where work is done: on the devices named, on a gateway with all beneath it, on kinds of devices, or anywhere. */
export const maintenanceScope = z.strictObject({
  compound: id,
  devices: z.array(id).min(1).max(500).optional(),
  gateway: id.optional(),
  kinds: z.array(z.string().max(64)).min(1).max(20).optional(),
  from: instant,
  to: instant,
  reason: z.string().trim().min(1).max(2000),
});
export type MaintenancePlan = z.infer<typeof maintenanceScope>;

export interface MaintenanceWindow extends MaintenancePlan {
  id: string;
  cancelledAt: string | null;
}

export type MaintenanceEvent =
  | { type: 'maintenance.planned'; data: MaintenancePlan }
  | { type: 'maintenance.cancelled'; data: { at: string; reason?: string } };
export type MaintenanceCommand =
  | { type: 'plan'; data: MaintenancePlan; now: string }
  | { type: 'cancel'; data: { at: string; reason?: string } };

interface Planned {
  plan: MaintenancePlan | null;
  isCancelled: boolean;
}

export const maintenanceStream = (window: string): string => `maintenance-${window}`;

const decide = (command: MaintenanceCommand, { plan, isCancelled }: Planned): MaintenanceEvent[] => {
  if (command.type === 'cancel') {
    if (plan === null) throw new Refusal('maintenance.unknown', 'there is no such maintenance window');
    if (isCancelled) return [];
    if (plan.to <= command.data.at) throw new Refusal('maintenance.over', `the window ended at ${plan.to}`);
    return [{ type: 'maintenance.cancelled', data: command.data }];
  }
  const { from, to } = command.data;
  const lengthMs = Date.parse(to) - Date.parse(from);
  const refuse = (message: string): never => {
    throw new Refusal('maintenance.times', `to: ${message}`, { field: 'to' });
  };
  if (lengthMs <= 0) refuse('a window ends after it begins');
  if (to <= command.now) refuse(`${to} has passed`);
  if (lengthMs > daysMax * 86_400_000) refuse(`a window lasts at most ${daysMax} days`);
  return [{ type: 'maintenance.planned', data: command.data }];
};

export const maintenance: Decider<Planned, MaintenanceCommand, MaintenanceEvent> = {
  initial: { plan: null, isCancelled: false },
  evolve: (state, event) =>
    event.type === 'maintenance.planned' ? { ...state, plan: event.data } : { ...state, isCancelled: true },
  decide,
};

type Place = Pick<FaultDevice, 'compound' | 'kind' | 'hangsOn'>;

/** Whether work is done on a device at an instant. */
export const isInWindow = (window: MaintenanceWindow, device: string, place: Place, at: string): boolean => {
  const { devices, gateway, kinds } = window;
  if (window.compound !== place.compound || at < window.from || at >= window.to) return false;
  if (window.cancelledAt !== null && at >= window.cancelledAt) return false;
  if (devices !== undefined && !devices.includes(device)) return false;
  if (kinds !== undefined && !kinds.includes(place.kind)) return false;
  if (gateway === undefined) return true;
  return gateway === device || (place.hangsOn ?? []).some(({ id: above }) => above === gateway);
};
