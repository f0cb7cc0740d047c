import { eventMessages, type SimulatedEvent, type SimulatedMessage, statusMessage } from '../../devices/simulator.ts';

/** A fault as an order names it: `code` in kebab-case, and the part of the device where there is one. */
export interface StandingFault {
  code: string;
  component: string | null;
}

/** The sensors' own words behind the codes of their orders. */
const quantitiesByCode: Record<string, string> = {
  smoke: 'smoke',
  'water-leak': 'water-leak',
  'pressure-kpa': 'pressureKPa',
};

const recoveryEvent = ({ code, component }: StandingFault): Omit<SimulatedEvent, 'atMs'> => {
  const quantity = quantitiesByCode[code];
  if (quantity !== undefined) return { type: 'sensor.threshold-crossed', data: { quantity, active: false } };
  switch (code) {
    case 'forced-open':
    case 'held-open':
      return { type: 'gate.door-changed', data: { state: 'closed', door: component ?? 'main' } };
    case 'scene-changed':
      return { type: 'camera.scene-changed', data: { active: false } };
    case 'tampered':
      return { type: 'device.tampered', data: { active: false } };
    default:
      return { type: 'device.fault-cleared', data: { code, ...(component === null ? {} : { component }) } };
  }
};

/** How a device says that a fault is over, as after a power cycle: a new run of the demo knows nothing of old faults. */
export const recoveryMessages = (fault: StandingFault, nowMs: number): SimulatedMessage[] =>
  fault.code === 'offline' ? [statusMessage('online')] : eventMessages([{ ...recoveryEvent(fault), atMs: nowMs }]);
