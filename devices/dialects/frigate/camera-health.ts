import { z } from 'zod';
import { connectionFact, faultFact } from '../../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, refused } from '../../dialect.ts';
import { parseJson } from '../../payload.ts';
import { saidBy } from './speaker.ts';

const disabledKey = (camera: string): string => `disabled:${camera}`;
const noFramesKey = (camera: string): string => `no-frames:${camera}`;

/** A camera that somebody switched off is neither up nor down; its empty statistics are no fault. */
export const decodeSwitch = (camera: string, on: boolean): Decoded => ({
  outcome: 'no-op',
  reason: on ? 'camera-enabled' : 'camera-disabled',
  remember: { [disabledKey(camera)]: on ? null : 'yes' },
});

/** `frigate/<camera>/status/<role>`: one stream of the camera per role. The one that is watched says whether the camera
 * is there; the others may fail on their own. */
export const decodeRoleStatus = (
  camera: string,
  role: string,
  state: string,
  recall: (key: string) => string | undefined,
): Decoded => {
  if (state === 'disabled') return decodeSwitch(camera, false);
  if (state !== 'online' && state !== 'offline') {
    return refused('contract-violated', 'A camera status is online, offline or disabled.');
  }
  const online = state === 'online';
  const fact = role === 'detect' ? connectionFact(online) : faultOfRole(role, !online);
  if (fact === undefined) {
    return refused('unknown-type', `The camera role "${role}" is not known here; detect, record and audio are.`);
  }
  const said = saidBy(camera, undefined, [fact]);
  const wasDisabled = recall(disabledKey(camera)) !== undefined;
  return { outcome: 'facts', facts: said, ...(wasDisabled ? { remember: { [disabledKey(camera)]: null } } : {}) };
};

const faultOfRole = (role: string, active: boolean): DeviceFact | undefined =>
  role === 'record' || role === 'audio' ? faultFact(`${role}-failed`, active) : undefined;

const stats = z.record(z.string(), z.unknown());
const cameraStats = z.object({ camera_fps: z.number() });

/** Under `cameras` since Frigate 0.14, on the top level before. */
const framesPerSecond = (json: Record<string, unknown>): [string, number][] => {
  const nested = stats.safeParse(json.cameras);
  return Object.entries(nested.success ? nested.data : json).flatMap(([camera, value]): [string, number][] => {
    const parsed = cameraStats.safeParse(value);
    return parsed.success && camera !== '' ? [[camera, parsed.data.camera_fps]] : [];
  });
};

/** `frigate/stats`: no frames in two reports running is a fault; one alone is how every camera starts. */
export const decodeStats = (payload: Uint8Array, recall: (key: string) => string | undefined): Decoded => {
  const parsed = parseJson(payload, stats);
  if (!parsed.ok) return parsed.refusal;
  const remember: Record<string, string | null> = {};
  const said = framesPerSecond(parsed.value)
    .filter(([camera]) => recall(disabledKey(camera)) === undefined)
    .flatMap(([camera, fps]) => {
      const key = noFramesKey(camera);
      const wasEmpty = recall(key) !== undefined;
      if (fps > 0 === wasEmpty) remember[key] = fps > 0 ? null : 'yes';
      return fps > 0 || wasEmpty ? saidBy(camera, undefined, [faultFact('no-frames', fps <= 0)]) : [];
    });
  const memory = Object.keys(remember).length === 0 ? {} : { remember };
  return said.length === 0
    ? { outcome: 'no-op', reason: 'no-camera-stats', ...memory }
    : { outcome: 'facts', facts: said, ...memory };
};
