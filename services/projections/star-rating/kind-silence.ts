import { kinds } from '../../../devices/kinds/registry.ts';

const minuteMs = 60_000;
const bySilence = new Map(kinds.map(({ kind, silentAfterSeconds }) => [kind, silentAfterSeconds * 1000]));
/** Gateways have no contract of their own: their session tells when they are gone, so silence says little. */
const gatewaySilentAfterMs = 25 * 60 * minuteMs;
const shortestMs = Math.min(...bySilence.values());

/** How long a device of that kind may say nothing before it counts as down. */
export const silentAfterMs = (kind: string | undefined): number =>
  kind === 'gateway' ? gatewaySilentAfterMs : (bySilence.get(kind ?? '') ?? shortestMs);

export const longestSilenceMs = Math.max(gatewaySilentAfterMs, ...bySilence.values());

const joinedWithinMsMax = 125 * minuteMs;

/**
 * Words that follow each other within so long are kept as one run: above the third of its silence at which a standing
 * connection gives a sign of life, and above the two hours at which most battery sensors report.
 */
export const joinedWithinMs = (kind: string | undefined): number =>
  Math.min(silentAfterMs(kind) / 2, joinedWithinMsMax);
