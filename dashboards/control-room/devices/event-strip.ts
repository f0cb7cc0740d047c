import type { EventItem } from '../../../services/api/schemas.ts';

export type StripTone = 'bad' | 'good' | 'plain';
export interface StripMark {
  id: string;
  /** 0 an hour ago, 1 now. */
  at: number;
  tone: StripTone;
}

export const stripSpanMs = 3600 * 1000;

const badTypes = [
  'device.fault-raised',
  'device.disconnected',
  'device.tampered',
  'gate.forced-open',
  'gate.held-open',
];
const goodTypes = ['device.fault-cleared', 'device.connected'];

export const toneOf = (type: string): StripTone =>
  badTypes.includes(type) ? 'bad' : goodTypes.includes(type) ? 'good' : 'plain';

export function occurredAt(event: EventItem): string {
  const { occurredAt: at, receivedAt } = event.meta;
  return typeof at === 'string' ? at : typeof receivedAt === 'string' ? receivedAt : '';
}

/** The last hour as marks along a line; what is older or from the future stays out. */
export function stripMarks(events: readonly EventItem[], nowMs: number): StripMark[] {
  return events.flatMap((event) => {
    const at = 1 - (nowMs - Date.parse(occurredAt(event))) / stripSpanMs;
    return at >= 0 && at <= 1.001 ? [{ id: event.id, at: Math.min(1, at), tone: toneOf(event.type) }] : [];
  });
}
