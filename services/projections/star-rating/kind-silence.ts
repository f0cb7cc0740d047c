import { kinds } from '../../../devices/kinds/registry.ts';
import { type DeviceModel, deviceModels } from '../../../devices/model.ts';

const minuteMs = 60_000;
const bySilence = new Map(kinds.map(({ kind, silentAfterSeconds }) => [kind, silentAfterSeconds * 1000]));
/** Gateways have no contract of their own: their session tells when they are gone, so silence says little. */
const gatewaySilentAfterMs = 25 * 60 * minuteMs;
const shortestMs = Math.min(...bySilence.values());

const ofKind = (kind: string | undefined): number =>
  kind === 'gateway' ? gatewaySilentAfterMs : (bySilence.get(kind ?? '') ?? shortestMs);

type Model = Pick<DeviceModel, 'silentAfterSeconds'> | undefined;

/** How long a device of that kind, or of that model of it, may say nothing before it counts as down. */
export const silentAfterMs = (kind: string | undefined, model?: Model): number =>
  model === undefined ? ofKind(kind) : model.silentAfterSeconds * 1000;

export const longestSilenceMs = Math.max(
  ...[gatewaySilentAfterMs, ...bySilence.values()],
  ...deviceModels.map(({ silentAfterSeconds }) => silentAfterSeconds * 1000),
);

const joinedWithinMsMax = 125 * minuteMs;

/**
 * Words that follow each other within so long are kept as one run: above the third of its silence at which a standing
 * connection gives a sign of life, and above the two hours at which most battery sensors report.
 */
export const joinedWithinMs = (kind: string | undefined): number => Math.min(ofKind(kind) / 2, joinedWithinMsMax);

/** The same where words are known by their runs only: a silence shorter than what joins them can't be seen. */
export const silentWithinRunsMs = (kind: string | undefined, model: Model): number =>
  Math.max(silentAfterMs(kind, model), joinedWithinMs(kind));
