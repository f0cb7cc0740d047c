import { z } from 'zod';
import { entryOf } from '../codecs/field-values.ts';
import { defined, type Speaker } from '../codecs/state-facts.ts';
import { type Decoded, type Dialect, noOp, refused } from '../dialect.ts';
import { parseJson } from '../payload.ts';
import { decodeAccessControl, decodeDoorState } from './onvif/access-events.ts';
import { decodeDevice, decodeMonitoring, decodeRule, decodeVideoSource, unknownTopic } from './onvif/camera-events.ts';
import { decodeMetadata } from './onvif/metadata.ts';
import { type OnvifEvent, timeFromUtc } from './onvif/onvif-event.ts';

const items = z.record(z.string(), z.unknown());
const eventPayload = z.object({
  UtcTime: z.string().max(64).optional(),
  Source: items.default({}),
  Data: items.default({}),
});

/** First level of the topic → what it means. */
const decoders: Record<string, (event: OnvifEvent) => Decoded> = {
  AccessControl: decodeAccessControl,
  AudioAnalytics: decodeRule,
  Device: decodeDevice,
  Door: decodeDoorState,
  Monitoring: decodeMonitoring,
  RuleEngine: decodeRule,
  VideoSource: decodeVideoSource,
};

const reasonsOfNoOp: Record<string, string> = {
  AccessPoint: 'access-point-state',
  Configuration: 'configuration-changed',
  EventBuffer: 'event-buffer',
  Media: 'media-setting',
  PTZController: 'ptz-position',
  RecordingConfig: 'recording-setting',
  RecordingHistory: 'recording-setting',
};

/** `VideoSource/MotionAlarm/&1` → its levels without the source; namespaces are dropped in topics, but not by all. */
const pathOf = (segments: readonly string[]): string[] => {
  const source = segments.findIndex((segment) => segment.startsWith('&'));
  const topic = source < 0 ? segments : segments.slice(0, source);
  return topic.map((segment) => segment.replace(/^tns1:/, ''));
};

/** Adds who speaks and when to what was understood. Without an id of its own an event is told apart by topic and time. */
const said = (decoded: Decoded, speaker: Speaker, sourceId: string | undefined): Decoded => {
  if (decoded.outcome !== 'facts') return decoded;
  const facts = decoded.facts.map((fact, index) => ({
    ...defined({ sourceId: sourceId === undefined ? undefined : index === 0 ? sourceId : `${sourceId}#${index}` }),
    ...fact,
    ...defined(speaker),
  }));
  return { ...decoded, facts };
};

const decodeEvent = (segments: readonly string[], externalId: string, payload: Uint8Array): Decoded => {
  const path = pathOf(segments);
  const [root = ''] = path;
  const reason = entryOf(reasonsOfNoOp, root);
  if (reason !== undefined) return noOp(reason);
  const decode = entryOf(decoders, root);
  if (decode === undefined) return unknownTopic(path);
  const parsed = parseJson(payload, eventPayload);
  if (!parsed.ok) return parsed.refusal;
  const { UtcTime: utcTime, Source: source, Data: data } = parsed.value;
  const time = utcTime === undefined ? undefined : timeFromUtc(utcTime);
  if (utcTime !== undefined && time === undefined) {
    return refused('contract-violated', 'UtcTime: not an ISO 8601 time', 'UtcTime');
  }
  const kind = root === 'AccessControl' || root === 'Door' ? 'access-gate' : 'camera';
  const sourceId = utcTime === undefined ? undefined : `${segments.join('/')}@${utcTime}`;
  return said(decode({ path, source, data }), { externalId, kind, name: externalId, time }, sourceId);
};

export const dialect: Dialect = {
  name: 'onvif',
  title: { zh: 'ONVIF 事件（JSON）', en: 'ONVIF events (JSON)' },
  kinds: ['camera', 'access-gate'],
  // The prefix is the integrator's to choose; one level as in the specification, or two (`<site>/<camera>`).
  topics: ['+/onvif-ej/#', '+/+/onvif-ej/#', '+/onvif-mj/#', '+/+/onvif-mj/#'],
  decode({ topic, payload }) {
    const segments = topic.split('/');
    const marker = segments.findIndex((segment) => segment === 'onvif-ej' || segment === 'onvif-mj');
    const externalId = segments.slice(0, Math.max(marker, 0)).join('/');
    if (externalId.replaceAll('/', '') === '') {
      return refused(
        'wrong-topic',
        'ONVIF publishes on <TopicPrefix>/onvif-ej/… or /onvif-mj/…; the prefix may not be empty.',
      );
    }
    const path = segments.slice(marker + 1);
    // A property event's retained message is deleted by publishing nothing (Core, "Event Broker").
    if (payload.length === 0) return noOp('property-deleted');
    if (segments[marker] === 'onvif-ej') return decodeEvent(path, externalId, payload);
    return said(decodeMetadata(path, payload), { externalId, kind: 'camera', name: externalId }, undefined);
  },
};
