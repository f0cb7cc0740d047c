import { z } from 'zod';
import { defined } from '../../codecs/state-facts.ts';
import { type Answer, type DeviceFact, type DialectMessage, refused } from '../../dialect.ts';
import { looseNumber, type Parsed, parseJson } from '../../payload.ts';
import { timeFromLocal } from '../../time.ts';

/** Ids and names are numbers in one firmware and text in the next. */
const looseText = z.union([z.string(), z.number().transform(String)]).optional();

/** Enumerations come as numbers and as text; what is neither counts as not said. */
export const looseCode = looseNumber.optional().catch(undefined);

const envelope = z.looseObject({
  operator: z.string().min(1),
  messageId: looseText.catch(undefined),
  code: looseCode,
  info: z
    .looseObject({
      facesluiceId: looseText,
      deviceId: looseText,
      deviceCode: looseText,
      facesname: looseText,
      deviceName: looseText,
    })
    .default({}),
});

/** How firmwares call the device in their payload, the commonest first. */
const idKeys = ['facesluiceId', 'deviceId', 'deviceCode'] as const;

/** The family's own topics, and those of registers of site workers, which have the payloads from the family. */
export type TopicRoot = 'mqtt/face' | 'mqtt/device/face';

/** One message of the family: who, what, and the operator's own fields. */
export interface Push {
  operator: string;
  device: string;
  root: TopicRoot;
  name?: string;
  info: Record<string, unknown>;
  timeZone: string;
  /** Of an answer: what it answers, and how it went (200 as in HTTP). */
  messageId?: string;
  code?: number;
}

/** The topic names the device, but for the two topics that all devices share; there only the payload does. */
export const readPush = (message: DialectMessage, root: TopicRoot, topicDevice: string | undefined): Parsed<Push> => {
  const parsed = parseJson(message.payload, envelope);
  if (!parsed.ok) return parsed;
  const { operator, info, messageId, code } = parsed.value;
  const key = idKeys.find((candidate) => info[candidate]) ?? idKeys[0];
  const said = info[key] || undefined;
  const field = `info.${key}`;
  if (topicDevice !== undefined && said !== undefined && said.toLowerCase() !== topicDevice.toLowerCase()) {
    const reason = `The payload says it is ${said.slice(0, 100)}, the topic ${topicDevice.slice(0, 100)}: set the client id and the topic's id to the device's own.`;
    return { ok: false, refusal: refused('identity-mismatch', reason, field) };
  }
  const device = topicDevice ?? said;
  if (device === undefined) {
    const reason = 'On a topic that all devices share, info.facesluiceId must name the device.';
    return { ok: false, refusal: refused('contract-violated', reason, field) };
  }
  const name = (info.facesname || info.deviceName || '').slice(0, 200);
  const { timeZone } = message;
  const answer = defined({ messageId, code });
  return { ok: true, value: { operator, device, root, info, timeZone, ...answer, ...(name === '' ? {} : { name }) } };
};

/** Firmwares name the time differently; all write local time without a zone. */
const timeKeys = ['time', 'snapTime', 'Time', 'startTime'];

export type About = Pick<DeviceFact, 'externalId' | 'name' | 'time' | 'replayed'> & { timeText?: string };

const replayFields = z.looseObject({ Sendintime: looseCode, PushType: looseCode });

/** What all facts of one push share. `Sendintime` 0 was kept while offline, `PushType` 2 was asked for again by hand. */
export const aboutOf = (push: Push): Parsed<About> => {
  const key = timeKeys.find((candidate) => typeof push.info[candidate] === 'string' && push.info[candidate] !== '');
  const timeText = key === undefined ? undefined : String(push.info[key]);
  const time = timeText === undefined ? undefined : timeFromLocal(timeText, push.timeZone);
  if (timeText !== undefined && time === undefined) {
    const reason = `info.${key}: local time as YYYY-MM-DD HH:mm:ss`;
    return { ok: false, refusal: refused('contract-violated', reason, `info.${key}`) };
  }
  const { Sendintime, PushType } = replayFields.parse(push.info);
  return {
    ok: true,
    value: {
      externalId: push.device,
      ...(push.name === undefined ? {} : { name: push.name }),
      ...(time === undefined ? {} : { time, timeText: timeText! }),
      ...(Sendintime === 0 || PushType === 2 ? { replayed: true } : {}),
    },
  };
};

const recordFields = z.looseObject({ RecordID: looseText, SnapID: looseText, SnapOrRecordID: looseText });

const recordOf = ({ info }: Push): string | undefined => {
  const { RecordID, SnapID, SnapOrRecordID } = recordFields.safeParse(info).data ?? {};
  return RecordID || SnapID || SnapOrRecordID;
};

const toDevice = ({ root, device }: Push, said: Record<string, unknown>): Answer => ({
  topic: `${root}/${device}`,
  payload: JSON.stringify(said),
});

/** The device says Online again until it hears this. */
export const onlineAck = (push: Push): Answer =>
  toDevice(push, { operator: 'Online-Ack', info: { facesluiceId: push.device, result: 'ok', detail: '' } });

/** Which of the device's records a push is of: 1 strangers' snapshots, 2 recognitions, 3 any other. */
export type PushAckType = 1 | 2 | 3;

/** With `ResumefromBreakpoint` the device pushes a record again every 10 s until it hears this. */
export const pushAck = (push: Push, type: PushAckType): Answer[] => {
  const record = recordOf(push);
  if (record === undefined) return [];
  const number = /^\d{1,15}$/.test(record) ? Number(record) : record;
  const info = { facesluiceId: push.device, PushAckType: type, SnapOrRecordID: number };
  return [toDevice(push, { operator: 'PushAck', messageId: `push-ack-${type}-${record}`, info })];
};

/** The record's number begins anew when a device is reset, so its time belongs to it; a push repeated for want of a
 * PushAck carries both unchanged. */
export const sourceOf = (
  word: string,
  push: Push,
  { timeText }: About,
): Pick<DeviceFact, 'sourceId' | 'sourceIdRestarts'> => {
  const record = recordOf(push);
  if (record === undefined && timeText === undefined) return {};
  const sourceId = [word, record ?? '', timeText ?? ''].join(':').slice(0, 200);
  return timeText === undefined ? { sourceId, sourceIdRestarts: true } : { sourceId };
};
