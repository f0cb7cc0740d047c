import { numberOf } from '../codecs/field-values.ts';
import { defined, faultFact } from '../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, type Dialect, facts, noOp, refused } from '../dialect.ts';
import { kebabCase } from '../payload.ts';
import { decodeAccess } from './hikvision/access.ts';
import { type Alert, readAlert, recordOf, wordOf } from './hikvision/alert.ts';

/** ISAPI's words, in small letters → stable ones; any other type is its own word in kebab-case. */
const analytics = new Map<string, string>([
  ['vmd', 'motion'],
  ['linedetection', 'line-crossed'],
  ['fielddetection', 'area-intruded'],
  ['regionentrance', 'area-entered'],
  ['regionexiting', 'area-left'],
  ['loitering', 'loitering'],
  ['group', 'people-gathered'],
  ['unattendedbaggage', 'object-left'],
  ['attendedbaggage', 'object-removed'],
  ['facedetection', 'face-detected'],
  ['facesnap', 'face-detected'],
  ['rapidmove', 'running'],
  ['parking', 'vehicle-parked'],
  ['pir', 'pir'],
  ['io', 'digital-input'],
]);

const scenes = new Map<string, string>([
  ['shelteralarm', 'video-covered'],
  ['tamperdetection', 'video-covered'],
  ['scenechangedetection', 'scene-change'],
  ['defocus', 'defocus'],
]);

const faults = new Map<string, string>([
  ['diskfull', 'disk-full'],
  ['diskerror', 'disk-error'],
  ['diskunformat', 'disk-error'],
  ['nicbroken', 'network-broken'],
  ['ipconflict', 'ip-conflict'],
  ['illaccess', 'illegal-access'],
  ['recordexception', 'recording-failed'],
  ['raidexception', 'raid-degraded'],
]);

const speakerOf = ({ externalId, channelName, time }: Alert): Partial<DeviceFact> => ({
  externalId,
  ...(channelName === undefined ? {} : { name: channelName }),
  ...(time === undefined ? {} : { time }),
});

const sourceOf = ({ type, timeText, active }: Alert): Partial<DeviceFact> =>
  timeText === undefined ? {} : { sourceId: `${type}:${active ? 'active' : 'inactive'}:${timeText}` };

const plateShape = /^(?=.*\p{N})[\p{L}\p{N}·. -]{2,20}$/u;

const decodePlate = (alert: Alert): Decoded => {
  const block = recordOf(alert.body.ANPR);
  const text = wordOf(block.licensePlate) ?? wordOf(block.originalLicensePlate) ?? '';
  const percent = numberOf(block.confidenceLevel);
  const confidence = percent === undefined || percent < 0 || percent > 100 ? undefined : percent / 100;
  // Cameras write `unknown` or `noPlate` where they could read none.
  const credential = { method: 'plate', ...(plateShape.test(text) ? { reference: text } : {}) };
  return facts({
    type: 'gate.credential-seen',
    data: { credential, ...defined({ confidence }) },
    ...speakerOf(alert),
    kind: 'camera',
    ...sourceOf(alert),
  });
};

/** Posts come once a second; a beginning that lies further back than so many of them can take belongs to another run. */
const longestPostIntervalMs = 10_000;
const slackMs = 60_000;

const isOfThisRun = (began: string, { time, activePostCount = 1 }: Alert): boolean => {
  const elapsedMs = Date.parse(time?.at ?? '') - Date.parse(began);
  return elapsedMs >= 0 && elapsedMs <= activePostCount * longestPostIntervalMs + slackMs;
};

const analyticFact = (alert: Alert, analytic: string): DeviceFact => {
  const { active, body } = alert;
  const target = wordOf(body.targetType) ?? wordOf(recordOf(body.DetectionRegionList).detectionTarget);
  const rule = wordOf(body.inputIOPortID);
  const objects = target === undefined ? undefined : [target];
  return {
    type: 'camera.analytics-reported',
    data: defined({ analytic, active, objects, rule }),
    ...speakerOf(alert),
    kind: 'camera',
    ...sourceOf(alert),
  };
};

/**
 * An active event is posted again every second, and many cameras never say that it ended. A level would hold the next
 * run for the same one, so the run's beginning is remembered instead.
 */
const decodeAnalytic = (alert: Alert, analytic: string, recall: (key: string) => string | undefined): Decoded => {
  const fact = analyticFact(alert, analytic);
  const key = ['run', alert.externalId, analytic, fact.data.rule ?? ''].join(':').slice(0, 200);
  const began = recall(key);
  if (!alert.active) {
    if (began === undefined) return noOp('not-active');
    return { outcome: 'facts', facts: [fact], remember: { [key]: null } };
  }
  // A post without a count can't be told from the next run's first.
  const isRepeated = alert.activePostCount !== undefined && alert.activePostCount > 1;
  if (isRepeated && began !== undefined && isOfThisRun(began, alert)) return noOp('still-active');
  return { outcome: 'facts', facts: [fact], remember: { [key]: alert.time?.at ?? 'unknown' } };
};

const decodeVideoLoss = (alert: Alert): Decoded => {
  const speaker = { ...speakerOf(alert), kind: 'camera' };
  const loss = { ...faultFact('signal-loss', alert.active), ...speaker };
  // Posted as `inactive` over and over, it is the camera's heartbeat.
  return alert.active ? facts(loss) : facts({ type: 'device.seen', data: {}, ...speaker }, loss);
};

const decodeAlert = (alert: Alert, recall: (key: string) => string | undefined): Decoded => {
  const { type, active } = alert;
  const speaker = { ...speakerOf(alert), kind: 'camera' };
  if (type === 'accesscontrollerevent') return decodeAccess(alert, speakerOf(alert));
  if (type === 'anpr') return decodePlate(alert);
  if (type === 'videoloss') return decodeVideoLoss(alert);
  if (type === 'heartbeat') return facts({ type: 'device.seen', data: {}, ...speaker });
  const cause = scenes.get(type);
  if (cause !== undefined) {
    const level = { channel: `scene:${cause}`, value: String(active), initial: 'false' };
    return facts({ type: 'camera.scene-changed', data: { cause, active }, level, ...speaker });
  }
  const fault = faults.get(type);
  if (fault !== undefined) {
    const component = wordOf(alert.body.diskNo) ?? wordOf(alert.body.hddNo);
    return facts({ ...faultFact(fault, active, defined({ component, vendorCode: alert.eventType })), ...speaker });
  }
  const analytic = analytics.get(type) ?? kebabCase(alert.eventType).slice(0, 64).replace(/-+$/, '');
  return analytic === ''
    ? refused('unknown-type', 'eventType: a word of ISAPI is due here, e.g. VMD.', 'eventType')
    : decodeAnalytic(alert, analytic, recall);
};

/** Hikvision cameras, recorders and door terminals: the alerts of ISAPI, as JSON or XML, that a bridge hands on. */
export const dialect: Dialect = {
  name: 'hikvision',
  title: { zh: '海康威视 ISAPI 事件', en: 'Hikvision ISAPI alerts' },
  kinds: ['camera', 'access-gate'],
  // ISAPI has no MQTT topic of its own: this one is the hub's, for the bridge to be set to.
  topics: ['hikvision/+/event'],
  decode(message, recall) {
    const id = message.topic.split('/')[1] ?? '';
    if (id.trim() === '') return refused('wrong-topic', 'Publish on hikvision/<id of the device>/event.');
    if (message.payload.length === 0) return noOp('nothing-said');
    const alert = readAlert(message, id);
    return alert.ok ? decodeAlert(alert.value, recall) : alert.refusal;
  },
};
