import { kinds } from '../../../devices/kinds/registry.ts';
import { type DeviceModel, deviceModels, modelOf } from '../../../devices/model.ts';

const minuteMs = 60_000;
const bySilence = new Map(kinds.map(({ kind, silentAfterSeconds }) => [kind, silentAfterSeconds * 1000]));
/** Gateways have no contract of their own: their session tells when they are gone, so silence says little. */
const gatewaySilentAfterMs = 25 * 60 * minuteMs;
const shortestMs = Math.min(...bySilence.values());

const ofKind = (kind: string | undefined): number =>
  kind === 'gateway' ? gatewaySilentAfterMs : (bySilence.get(kind ?? '') ?? shortestMs);

/** Every model that a device was ever registered as, and when that was first told. */
export type ModelsNamed = Readonly<Record<string, number>>;

type Model = Pick<DeviceModel, 'silentAfterSeconds'> | undefined;

/** How long a device of that kind, or of that model of it, may say nothing before it counts as down. */
export const silentAfterMs = (kind: string | undefined, model?: Model): number =>
  model === undefined ? ofKind(kind) : model.silentAfterSeconds * 1000;

/** Their readings of a day are looked at minute by minute, because each may end a silence. */
export const modelsSilentWithinADay: readonly string[] = deviceModels
  .filter(({ silentAfterSeconds }) => silentAfterSeconds < 86_400)
  .map(({ id }) => id);

export const longestSilenceMs = Math.max(
  ...[gatewaySilentAfterMs, ...bySilence.values()],
  ...deviceModels.map(({ silentAfterSeconds }) => silentAfterSeconds * 1000),
);

export const joinedWithinMsMax = 125 * minuteMs;

/**
 * Words that follow each other within so long are kept as one run: above the third of its silence at which a standing
 * connection gives a sign of life, and above the two hours at which most battery sensors report. A model with a shorter
 * silence joins less from when on it was told; in a run that was joined before, no shorter silence can be seen.
 */
export const joinedWithinMs = (kind: string | undefined, models: ModelsNamed = {}, atMs = 0): number => {
  let silentMs = ofKind(kind);
  for (const [id, namedMs] of Object.entries(models)) {
    if (namedMs <= atMs) silentMs = Math.min(silentMs, silentAfterMs(kind, modelOf(id)));
  }
  return Math.min(silentMs / 2, joinedWithinMsMax);
};
