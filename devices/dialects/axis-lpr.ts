import { z } from 'zod';
import { plateFact } from '../codecs/plate-fact.ts';
import { defined } from '../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, type Dialect, facts, refused } from '../dialect.ts';
import { looseNumber, parseJson } from '../payload.ts';
import { timeFromEpochMilliseconds, timeFromIso } from '../time.ts';

type Recall = (key: string) => string | undefined;

const text = z.string().optional();
const number = looseNumber.optional().catch(undefined);

/** Push events of the License Plate Verifier: every value is text, and which of the plate's spellings is filled differs. */
const push = z.looseObject({
  plateUnicode: text,
  plateUTF8: text,
  plateText: text,
  plateASCII: text,
  plateConfidence: number,
  carState: text,
  carID: z.union([z.string(), z.number().transform(String)]).optional(),
  carMoveDirection: text,
  capture_timestamp: number,
  datetime: text,
  camera_info: z.looseObject({ SerialNumber: text }).optional(),
  // The publisher ACAP's own message about the same plate.
  plate: text,
  device: text,
  timestamp: number,
});
type Push = z.infer<typeof push>;

const plateOf = ({ plateUnicode, plateUTF8, plateText, plateASCII, plate }: Push): string | undefined =>
  plateUnicode || plateUTF8 || plateText || plateASCII || plate;

const timeOf = ({ capture_timestamp: captured, timestamp, datetime }: Push, timeZone: string) => {
  const milliseconds = captured ?? timestamp;
  if (milliseconds !== undefined && milliseconds > 0) return timeFromEpochMilliseconds(milliseconds);
  return datetime === undefined ? undefined : timeFromIso(datetime, timeZone);
};

/** `new` and `update` tell a vehicle while it is there, `lost` once more when it has gone; an application may be set to
 * send `lost` alone, and then that is the reading. */
const decodePush = (said: Push, camera: string, fact: DeviceFact, recall: Recall): Decoded => {
  const key = `car:${camera}`;
  const car = said.carID?.slice(0, 100);
  if (said.carState !== 'lost') {
    return { outcome: 'facts', facts: [fact], ...(car === undefined ? {} : { remember: { [key]: car } }) };
  }
  if (car === undefined || recall(key) !== car) return facts(fact);
  return { outcome: 'no-op', reason: 'vehicle-left', remember: { [key]: null } };
};

/** AXIS License Plate Verifier. `axis-lpr/<serial number>`, since not every version names its camera in the payload. */
export const dialect: Dialect = {
  name: 'axis-lpr',
  title: { zh: '安讯士车牌识别', en: 'AXIS License Plate Verifier' },
  kinds: ['camera'],
  topics: ['axis-lpr/+'],
  decode({ topic, payload, timeZone }, recall) {
    const camera = topic.split('/')[1] ?? '';
    if (camera === '') return refused('wrong-topic', 'Publish on axis-lpr/<serial number>.');
    const parsed = parseJson(payload, push);
    if (!parsed.ok) return parsed.refusal;
    const said = parsed.value;
    const named = said.camera_info?.SerialNumber || said.device;
    if (named && named.toLowerCase() !== camera.toLowerCase()) {
      const reason = `The payload says it is ${named.slice(0, 100)}, the topic ${camera.slice(0, 100)}: publish on axis-lpr/<the camera's own serial number>.`;
      return refused('identity-mismatch', reason, 'camera_info.SerialNumber');
    }
    const plate = plateOf(said);
    if (plate === undefined) {
      return refused('contract-violated', 'plateText: the plate, as the License Plate Verifier pushes it', 'plateText');
    }
    const { plateConfidence: confidence, carMoveDirection: direction } = said;
    const time = timeOf(said, timeZone);
    const reading = plateFact({ plate, confidence, direction });
    const fact = { externalId: camera, kind: 'camera', ...reading, ...defined({ time }) };
    return decodePush(said, camera, fact, recall);
  },
};
