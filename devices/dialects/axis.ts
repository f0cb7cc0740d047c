import { z } from 'zod';
import { entryOf, flagOf } from '../codecs/field-values.ts';
import { defined, tamperFact } from '../codecs/state-facts.ts';
import { type DeviceFact, type Dialect, facts, noOp, refused } from '../dialect.ts';
import { kebabCase, looseNumber, parseJson } from '../payload.ts';
import { timeFromEpochMilliseconds } from '../time.ts';

const items = z.record(z.string(), z.unknown()).default({});
const envelope = z.looseObject({
  topic: z.string().min(1).max(500),
  timestamp: looseNumber.optional(),
  message: z.looseObject({ source: items, data: items }),
});

/** The camera's topics without their namespaces → stable words; any other is its own path in kebab-case. */
const analytics: Record<string, string> = {
  'Device/IO/Port': 'digital-input',
  'Device/IO/VirtualPort': 'digital-input',
  'Device/Sensor/PIR': 'pir',
  'VideoSource/MotionAlarm': 'motion',
  'RuleEngine/CellMotionDetector/Motion': 'motion',
};

const analyticOf = (path: string): string => {
  if (/\/VMD\d?(\/|$)/.test(path)) return 'motion';
  return entryOf(analytics, path) ?? kebabCase(path).slice(0, 64).replace(/-+$/, '');
};

const scenes: Record<string, string> = {
  'VideoSource/Tampering': 'tampering',
  'Device/Tampering': 'tampering',
  'VideoSource/GlobalSceneChange': 'global-scene-change',
};

const wordOf = (value: unknown, length = 100): string | undefined => {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  return typeof text === 'string' && text.trim() !== '' ? text.trim().slice(0, length) : undefined;
};

/** Every value is text; which key holds the state differs from topic to topic. */
const stateOf = (data: Record<string, unknown>): boolean | undefined => {
  const key = Object.keys(data).find((name) => /^(state|active|logicalstate|open|tampering|is[a-z]+)$/i.test(name));
  return key === undefined ? undefined : flagOf(data[key]);
};

const factOf = (
  path: string,
  source: Record<string, unknown>,
  data: Record<string, unknown>,
): DeviceFact | undefined => {
  const active = stateOf(data);
  if (/^Device\/Casing(\/|$)/.test(path)) return active === undefined ? undefined : tamperFact(active, 'casing open');
  const which = Object.values(source)
    .flatMap((value) => wordOf(value) ?? [])
    .slice(0, 5)
    .join('/');
  const cause = entryOf(scenes, path);
  const word = cause ?? analyticOf(path);
  if (word === '') return undefined;
  // Without a state it is an edge of its own.
  const level =
    active === undefined
      ? {}
      : { level: { channel: `${path}:${which}`.slice(0, 300), value: String(active), initial: 'false' } };
  if (cause !== undefined) return { type: 'camera.scene-changed', data: defined({ cause, active }), ...level };
  const rule = which === '' ? undefined : which.slice(0, 200);
  return { type: 'camera.analytics-reported', data: defined({ analytic: word, active, rule }), ...level };
};

/** Axis cameras' own MQTT client, older than ONVIF's Event Broker. */
export const dialect: Dialect = {
  name: 'axis',
  title: { zh: '安讯士摄像机', en: 'Axis cameras' },
  kinds: ['camera'],
  topics: ['axis/+/event/#'],
  decode({ topic, payload }) {
    const externalId = topic.split('/')[1] ?? '';
    if (externalId === '') return refused('wrong-topic', 'Publish on axis/<serial number>/event/….');
    // A kept state is deleted by publishing nothing.
    if (payload.length === 0) return noOp('state-deleted');
    const parsed = parseJson(payload, envelope);
    if (!parsed.ok) return parsed.refusal;
    const { topic: named, timestamp, message } = parsed.value;
    const path = named.replace(/(^|\/)[A-Za-z0-9]+:/g, '$1');
    if (/^(PTZController|Media|Recording\w*|Configuration)(\/|$)/.test(path)) return noOp('camera-setting');
    const fact = factOf(path, message.source, message.data);
    if (fact === undefined) {
      return refused('contract-violated', 'message.data: the state is due here, e.g. {"state":"1"}.', 'message.data');
    }
    const time = timestamp === undefined || timestamp <= 0 ? undefined : timeFromEpochMilliseconds(timestamp);
    return facts({ ...fact, externalId, kind: 'camera', ...defined({ time }) });
  },
};
