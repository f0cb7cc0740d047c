import { entryOf } from '../codecs/field-values.ts';
import { connectionFact } from '../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, type Dialect, facts, noOp, refused } from '../dialect.ts';
import { parseText } from '../payload.ts';
import { decodeRoleStatus, decodeStats, decodeSwitch } from './frigate/camera-health.ts';
import { decodeReview, decodeTrigger } from './frigate/reviews.ts';
import { saidBy } from './frigate/speaker.ts';
import { decodeObjectEvent, decodeObjectUpdate } from './frigate/tracked-objects.ts';

/** `frigate/available`: the recorder itself. A clean stop is `stopped`, the last will `offline`. */
const decodeAvailable = (payload: Uint8Array): Decoded => {
  const body = parseText(payload);
  if (!body.ok) return body.refusal;
  const state = body.value.trim();
  if (state !== 'online' && state !== 'stopped' && state !== 'offline') {
    return refused('contract-violated', 'Availability is online, stopped or offline.');
  }
  const fact = connectionFact(state === 'online');
  return facts(state === 'stopped' ? { ...fact, data: { reason: 'goodbye' } } : fact);
};

const decodeMotion = (camera: string, state: string): Decoded => {
  if (state !== 'ON' && state !== 'OFF') return refused('contract-violated', 'Motion is ON or OFF.');
  const fact: DeviceFact = {
    type: 'camera.analytics-reported',
    data: { analytic: 'motion', active: state === 'ON' },
    level: { channel: 'motion', value: state, initial: 'OFF' },
  };
  return facts(...saidBy(camera, undefined, [fact]));
};

/** Topics of the recorder that aren't a camera's. */
const ownTopics: Record<string, string> = {
  camera_activity: 'camera-activity',
  restart: 'downlink-echo',
  onConnect: 'downlink-echo',
  profile: 'setting',
  notifications: 'setting',
};

/** What Frigate publishes per camera and the hub has no use for: counts come and go with the objects that `events`
 * reports, a heard sound may be speech. */
const reasonOfCameraTopic = (path: readonly string[], state: string): string | undefined => {
  const [topic, second] = path;
  const last = path.at(-1);
  if (last === 'set' || last === 'suspend' || topic === 'ptz') return 'downlink-echo';
  if (last === 'state' || last === 'suspended' || topic === 'ptz_autotracker') return 'setting';
  if (topic === 'review_status') return 'review-status';
  if (topic === 'audio') return 'audio';
  if (topic === 'classification') return 'classification-state';
  const isCount = (path.length === 1 || (path.length === 2 && second === 'active')) && /^\d+$/.test(state);
  return isCount ? 'object-count' : undefined;
};

const decodeCamera = (
  camera: string,
  path: readonly string[],
  payload: Uint8Array,
  recall: (key: string) => string | undefined,
): Decoded => {
  // A JPEG: no text to be looked for.
  if (path.at(-1) === 'snapshot') return noOp('image-ignored');
  const body = parseText(payload);
  if (!body.ok) return body.refusal;
  const state = body.value.trim();
  const [topic, second, ...rest] = path;
  if (topic === 'status' && second !== undefined && rest.length === 0)
    return decodeRoleStatus(camera, second, state, recall);
  if (topic === 'motion' && second === undefined) return decodeMotion(camera, state);
  if (topic === 'enabled' && second === 'state') return decodeSwitch(camera, state !== 'OFF');
  const reason = reasonOfCameraTopic(path, state);
  return reason === undefined
    ? refused('unknown-type', `Frigate's topic "${[camera, ...path].join('/')}" is not known here.`)
    : noOp(reason);
};

export const dialect: Dialect = {
  name: 'frigate',
  title: { zh: 'Frigate 录像机', en: 'Frigate recorder' },
  kinds: ['camera'],
  topics: ['frigate/#'],
  decode({ topic, payload }, recall) {
    const [root, first, ...path] = topic.split('/');
    if (root !== 'frigate' || !first) {
      return refused('wrong-topic', 'Frigate publishes beneath frigate/; keep its topic_prefix at the default.');
    }
    if (path.length > 0) {
      const own = entryOf(ownTopics, first);
      return own === undefined
        ? decodeCamera(first, path, payload, recall)
        : noOp(path.at(-1) === 'set' ? 'downlink-echo' : own);
    }
    switch (first) {
      case 'available':
        return decodeAvailable(payload);
      case 'events':
        return decodeObjectEvent(payload);
      case 'tracked_object_update':
        return decodeObjectUpdate(payload);
      case 'reviews':
        return decodeReview(payload);
      case 'triggers':
        return decodeTrigger(payload);
      case 'stats':
        return decodeStats(payload, recall);
      default: {
        const own = entryOf(ownTopics, first);
        return own === undefined ? refused('unknown-type', `Frigate's topic "${first}" is not known here.`) : noOp(own);
      }
    }
  },
};
