import { entryOf, numberOf } from '../../codecs/field-values.ts';
import { batteryFactOfPercent, defined, faultFact } from '../../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, facts, noOp, refused } from '../../dialect.ts';
import { kebabCase } from '../../payload.ts';
import { channelOf, confidenceOf, noState, type OnvifEvent, shortText, stateOf, textOf } from './onvif-event.ts';

/** Stable words for the rules of the Analytics service; any other rule is its own topic in kebab-case. */
const analyticByTopic: Record<string, string> = {
  'LineDetector/Crossed': 'line-crossed',
  'FieldDetector/ObjectsInside': 'objects-inside',
  'LoiteringDetector/ObjectIsLoitering': 'loitering',
  'ObjectDetection/Object': 'object-detected',
  'CountAggregation/Counter': 'object-count',
  'CellMotionDetector/Motion': 'motion',
  'MotionRegionDetector/Motion': 'motion',
  'Recognition/LicensePlate': 'plate-recognized',
  'Recognition/Face': 'face-recognized',
};

const analyticOf = (path: readonly string[]): string => {
  const word = kebabCase(path.join('/')).slice(0, 64).replace(/-+$/, '');
  return entryOf(analyticByTopic, path.join('/')) ?? (word || 'rule');
};

const wordsOf = (value: unknown): string[] | undefined => {
  const words = textOf(value)
    ?.split(/[\s,]+/)
    .filter((word) => word !== '' && word.length <= 100);
  return words === undefined || words.length === 0 ? undefined : words.slice(0, 100);
};

const analyticsFact = ({ source, data }: OnvifEvent, analytic: string, rule = shortText(source.Rule)): DeviceFact => {
  const active = stateOf(data);
  const fact: DeviceFact = {
    type: 'camera.analytics-reported',
    data: defined({
      analytic,
      active,
      rule,
      trackedObject: shortText(data.ObjectId),
      objects: wordsOf(data.ClassTypes),
      confidence: confidenceOf(data.Likelihood),
      text: shortText(data.Count),
    }),
  };
  if (active === undefined) return fact;
  return { ...fact, level: { channel: channelOf(analytic, source), value: String(active), initial: 'false' } };
};

const plateOf = (info: unknown): { reference?: string; confidence?: number } => {
  const number = typeof info === 'object' && info !== null && 'PlateNumber' in info ? info.PlateNumber : info;
  const likelihood =
    typeof number === 'object' && number !== null && '@Likelihood' in number ? number['@Likelihood'] : undefined;
  return defined({ reference: shortText(number), confidence: confidenceOf(likelihood) });
};

/** A name or plate stands in the credential alone, where the ingest makes it a pseudonym. */
const recognizedCredential = (analytic: string, data: OnvifEvent['data']): DeviceFact[] => {
  if (analytic !== 'plate-recognized' && analytic !== 'face-recognized') return [];
  const isPlate = analytic === 'plate-recognized';
  const plate = isPlate ? plateOf(data.LicensePlateInfo ?? data.PlateNumber) : {};
  const reference = isPlate ? plate.reference : (shortText(data.EnrollmentID) ?? shortText(data.Label));
  if (reference === undefined) return [];
  const credential = { method: isPlate ? 'plate' : 'face', reference };
  const confidence = plate.confidence ?? confidenceOf(data.Likelihood);
  return [{ type: 'gate.credential-seen', data: { credential, ...defined({ confidence }) } }];
};

/** `RuleEngine/*` and `AudioAnalytics/*` */
export const decodeRule = (event: OnvifEvent): Decoded => {
  const analytic = analyticOf(event.path.slice(1));
  return facts(analyticsFact(event, analytic), ...recognizedCredential(analytic, event.data));
};

const sceneCauses = ['GlobalSceneChange', 'ImageTooDark', 'ImageTooBlurry', 'ImageTooBright', 'ImpairedVisibility'];

/** `VideoSource/*`. Several services of one camera may report the same change; the channel takes them together. */
export const decodeVideoSource = (event: OnvifEvent): Decoded => {
  const [, topic = ''] = event.path;
  const active = stateOf(event.data);
  if (active === undefined) return noState(event.path);
  if (topic === 'MotionAlarm') return facts(analyticsFact(event, 'motion'));
  if (topic === 'SignalLoss') {
    const component = shortText(Object.values(event.source)[0], 100);
    return facts(faultFact('signal-loss', active, defined({ component })));
  }
  if (!sceneCauses.includes(topic)) return unknownTopic(event.path);
  const cause = kebabCase(topic);
  return facts({
    type: 'camera.scene-changed',
    data: { cause, active },
    level: { channel: channelOf(`scene:${cause}`, event.source), value: String(active), initial: 'false' },
  });
};

const hardwareFailure = (event: OnvifEvent): Decoded => {
  const active = stateOf(event.data);
  if (active === undefined) return noState(event.path);
  const code = kebabCase(event.path.slice(2).join('-')).slice(0, 64).replace(/-+$/, '');
  if (code === '') return unknownTopic(event.path);
  return facts(faultFact(code, active, defined({ component: shortText(event.source.Token, 100) })));
};

const quantityBySensor: Record<string, string> = {
  Temperature: 'temperatureC',
  RelativeHumidity: 'humidityPercent',
  AbsoluteHumidity: 'absolute-humidity',
};

/** Core, "Sensor": sent each time a value crosses its threshold, with no message for the way back. So each one is an
 * event of its own and no state that could ever end. */
const thresholdCrossed = ({ path, source, data }: OnvifEvent): Decoded => {
  const [, , sensor = '', side = ''] = path;
  const quantity = entryOf(quantityBySensor, sensor);
  if (quantity === undefined || (side !== 'High' && side !== 'Low')) return unknownTopic(path);
  return facts({
    type: 'sensor.threshold-crossed',
    data: defined({
      quantity,
      direction: side.toLowerCase(),
      active: true,
      value: numberOf(textOf(data.Value)),
      threshold: numberOf(textOf(data.Threshold)),
      channel: shortText(source.SensorID, 100),
    }),
  });
};

/** `Device/*` */
export const decodeDevice = (event: OnvifEvent): Decoded => {
  const [, topic, detail] = event.path;
  if (topic === 'HardwareFailure') return hardwareFailure(event);
  if (topic === 'Sensor') return thresholdCrossed(event);
  if (topic === 'OperationMode' || topic === 'SecurityPolicy') return noOp(kebabCase(topic));
  if (topic !== 'Trigger' || (detail !== 'DigitalInput' && detail !== 'Relay')) return unknownTopic(event.path);
  const rule = shortText(event.source.InputToken) ?? shortText(event.source.RelayToken);
  return facts(analyticsFact(event, detail === 'Relay' ? 'relay-output' : 'digital-input', rule));
};

/** `Monitoring/*`: of what a device measures about itself only the battery matters to anybody outside. */
export const decodeMonitoring = (event: OnvifEvent): Decoded => {
  if (event.path[1] !== 'BatteryCapacity') return noOp('self-monitoring');
  const percent = numberOf(textOf(event.data.PercentageRemainingCapacity));
  if (percent === undefined || percent < 0 || percent > 100) {
    const field = 'Data.PercentageRemainingCapacity';
    return refused('contract-violated', `${field}: a percentage is due here`, field);
  }
  return facts({ type: 'device.seen', data: { batteryPercent: percent } }, ...batteryFactOfPercent(percent));
};

export const unknownTopic = (path: readonly string[]): Decoded =>
  refused('unknown-type', `ONVIF's topic "${path.join('/')}" is not known here; ask for a mapping of it.`);
