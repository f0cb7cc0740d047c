import { kinds } from '../../../devices/kinds/registry.ts';

const bySilence = new Map(kinds.map(({ kind, silentAfterSeconds }) => [kind, silentAfterSeconds * 1000]));
/** Gateways have no contract of their own: their session tells when they are gone, so silence says little. */
const gatewaySilentAfterMs = 25 * 3_600_000;
const shortestMs = Math.min(...bySilence.values());

/** How long a device of that kind may say nothing before it counts as down. */
export const silentAfterMs = (kind: string | undefined): number =>
  kind === 'gateway' ? gatewaySilentAfterMs : (bySilence.get(kind ?? '') ?? shortestMs);

export const longestSilenceMs = Math.max(gatewaySilentAfterMs, ...bySilence.values());
