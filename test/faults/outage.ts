import type { Fleet } from './fleet.ts';
import type { SupervisedHub } from './supervised-hub.ts';
import { comesToRest, foundWithin, seconds } from './wait.ts';

/** What was on its way when the storage went: committed before, told after. */
const grace = { restSeconds: 1, limitSeconds: 15 };
const sampleSeconds = 0.25;
/**
 * For a hub that must live with little memory: what isn't bounded by itself ends the process here, while the collector
 * of a machine with much memory would let it grow for long.
 */
export const littleMemory = { NODE_OPTIONS: '--max-old-space-size=256' };
/** What the collector may leave lying about within the bound, and buffers beside it. */
const growthMbMax = 512;

const peakMemory = async (hub: SupervisedHub, lastingSeconds: number): Promise<number> => {
  let peak = 0;
  const untilMs = performance.now() + lastingSeconds * 1_000;
  while (performance.now() < untilMs) {
    peak = Math.max(peak, (await hub.residentMb()) ?? 0);
    await seconds(sampleSeconds);
  }
  return peak;
};

export interface Outage {
  hub: SupervisedHub;
  fleet: Fleet;
  lastingSeconds: number;
  begin(): Promise<void>;
  end(): Promise<void>;
  /** How soon somebody must be acknowledged again. */
  recoverySecondsMax: number;
}

/** The hub's storage goes away under load and comes back: nobody may be acknowledged meanwhile, the hub stays as it is. */
export const liveThrough = async (outage: Outage): Promise<{ found: string[]; figures: string }> => {
  const { hub, fleet, lastingSeconds, recoverySecondsMax } = outage;
  const found: string[] = [];
  const acknowledged = (): number => fleet.ledger.counts().acknowledged;
  const before = (await hub.residentMb()) ?? 0;
  const starts = hub.starts();
  await outage.begin();
  if (!(await comesToRest(acknowledged, grace))) found.push('acknowledgements go on without the storage');
  const [atFirst, endsAtFirst] = [acknowledged(), fleet.devices.reduce((sum, { counts }) => sum + counts.ends, 0)];
  const peak = await peakMemory(hub, lastingSeconds);
  const told = acknowledged() - atFirst;
  if (told > 0) found.push(`${told} messages were acknowledged while nothing could be stored`);
  if (peak > before + growthMbMax) found.push(`memory grew from ${before.toFixed(0)} to ${peak.toFixed(0)} MiB`);
  const lostConnections = fleet.devices.reduce((sum, { counts }) => sum + counts.ends, 0) - endsAtFirst;
  await outage.end();
  const backMs = performance.now();
  const seen = acknowledged();
  const back = await foundWithin(recoverySecondsMax, () => acknowledged() > seen);
  if (!back) found.push(`nothing was acknowledged within ${recoverySecondsMax} s of the storage's return`);
  if (hub.starts() !== starts) found.push('the hub was started again, which it must not need');
  const recoverySeconds = ((performance.now() - backMs) / 1_000).toFixed(1);
  const figures =
    `away ${lastingSeconds} s, ${told} acknowledged meanwhile, ${lostConnections} connections ended, ` +
    `hub ${before.toFixed(0)} → at most ${peak.toFixed(0)} MiB, back after ${recoverySeconds} s`;
  return { found, figures };
};
