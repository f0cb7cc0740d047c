import type { RecordedEvent } from '../../../services/event-log/event.ts';
import type { RegisteredNote } from '../ledger.ts';

/** How long a kind may be silent, in minutes, as the kinds' own pages say it; a gateway's session tells of it. */
const silentMinutes: Record<string, number> = {
  'access-gate': 15,
  camera: 15,
  'charging-post': 30,
  sensor: 25 * 60,
  gateway: 25 * 60,
};
const minuteMs = 60_000;
const sampleMs = 30_000;

interface Evidence {
  events: readonly RecordedEvent[];
  endMs: number;
  isWord(event: RecordedEvent): boolean;
}

interface Presence {
  heardMs: number[];
  goneMs: number[];
}

/** Largest of sorted numbers that is at most `limit`. */
const lastUpTo = (sorted: readonly number[], limit: number): number | undefined => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return sorted[low - 1];
};

/** When a device was heard (by our clock and, where it was kept back on the way, by its own), and when it was lost. */
const presenceOf = ({ events, isWord }: Evidence, device: string): Presence => {
  const heardMs: number[] = [];
  const goneMs: number[] = [];
  for (const event of events) {
    if (event.meta.device !== device) continue;
    const receivedMs = Date.parse(event.meta.receivedAt);
    const occurredMs = Math.min(Date.parse(event.meta.occurredAt), receivedMs);
    if (isWord(event)) heardMs.push(occurredMs, receivedMs);
    else if (event.type === 'device.disconnected') goneMs.push(occurredMs);
  }
  const ascending = (a: number, b: number): number => a - b;
  return { heardMs: heardMs.sort(ascending), goneMs: goneMs.sort(ascending) };
};

interface Gap {
  fromMs: number;
  toMs: number;
}

const gapsOf = (events: readonly RecordedEvent[]): Gap[] => {
  const all = events
    .filter(({ type }) => type === 'compound.gap-recorded')
    .map(({ data }) => data as { from: string; to: string })
    .map(({ from, to }) => ({ fromMs: Date.parse(from), toMs: Date.parse(to) }));
  return all;
};

const outsideMs = (fromMs: number, toMs: number, gaps: readonly Gap[]): number =>
  gaps.reduce(
    (left, gap) => left - Math.max(0, Math.min(toMs, gap.toMs) - Math.max(fromMs, gap.fromMs)),
    toMs - fromMs,
  );

/** Heard within its silence, the hub's own outages not counted, and not known to be gone since. */
const isUp = (
  atMs: number,
  own: Presence,
  gateway: Presence | undefined,
  silentMs: number,
  gaps: readonly Gap[],
): boolean => {
  const heard = lastUpTo(own.heardMs, atMs);
  if (heard === undefined || outsideMs(heard, atMs, gaps) > silentMs) return false;
  const gone = lastUpTo(own.goneMs, atMs);
  if (gone !== undefined && gone >= heard) return false;
  const gatewayGone = gateway && lastUpTo(gateway.goneMs, atMs);
  if (gateway === undefined || gatewayGone === undefined) return true;
  return Math.max(heard, lastUpTo(gateway.heardMs, atMs) ?? 0) > gatewayGone;
};

/**
 * Share of their duty that devices were up, looked at twice a minute. `withGateways`: who stands beneath a gateway that
 * is gone is down until either is heard.
 */
export const onlinePercent = (
  evidence: Evidence,
  devices: readonly RegisteredNote[],
  { commissioningSeconds, withGateways }: { commissioningSeconds: number; withGateways: boolean },
): number | undefined => {
  const gaps = gapsOf(evidence.events);
  let up = 0;
  let all = 0;
  for (const { id, kind, gateway, atMs } of devices) {
    const own = presenceOf(evidence, id);
    const above = gateway === undefined || !withGateways ? undefined : presenceOf(evidence, gateway);
    const first = own.heardMs[0];
    const isSoon = first !== undefined && first <= atMs + commissioningSeconds * 1000;
    const fromMs = isSoon ? Math.max(first, atMs) : atMs;
    for (let ms = fromMs + sampleMs / 2; ms < evidence.endMs; ms += sampleMs) {
      if (gaps.some((gap) => ms >= gap.fromMs && ms < gap.toMs)) continue;
      all += 1;
      if (isUp(ms, own, above, (silentMinutes[kind] ?? 15) * minuteMs, gaps)) up += 1;
    }
  }
  return all === 0 ? undefined : (100 * up) / all;
};
