import { z } from 'zod';
import { plateFact } from '../codecs/plate-fact.ts';
import { connectionFact, defined } from '../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, type Dialect, facts, noOp, refused } from '../dialect.ts';
import { looseNumber, parseJson } from '../payload.ts';
import { timeFromEpochMilliseconds } from '../time.ts';

type Recall = (key: string) => string | undefined;

const id = z.union([z.string().min(1), z.number().transform(String)]);
const milliseconds = looseNumber.optional().catch(undefined);

const group = z.looseObject({
  camera_id: id,
  epoch_start: milliseconds,
  best_plate_number: z.string(),
  best_confidence: milliseconds,
  best_uuid: z.string().max(150).optional(),
});

const frame = z.looseObject({
  camera_id: id,
  epoch_time: milliseconds,
  uuid: z.string().max(150).optional(),
  results: z.array(z.looseObject({ plate: z.string(), confidence: milliseconds })).max(100),
});

/** The description that a list keeps beside a plate is about a person and is not read. */
const alert = z.looseObject({
  camera_id: id.optional(),
  camera_number: id.optional(),
  epoch_time: milliseconds,
  alert_list: z.string().max(200).optional(),
  group: group.optional().catch(undefined),
});

/** A stream's URL holds the camera's password and is not read. */
const heartbeat = z.looseObject({
  timestamp: milliseconds,
  video_streams: z
    .array(z.looseObject({ camera_id: id, is_streaming: z.boolean(), last_update: milliseconds }))
    .max(1000)
    .default([]),
});

const saidBy = (camera: string, epochMs: number | undefined): Omit<DeviceFact, 'type' | 'data'> => {
  const time = epochMs === undefined || epochMs <= 0 ? undefined : timeFromEpochMilliseconds(epochMs);
  return { externalId: camera.slice(0, 200), kind: 'camera', ...defined({ time }) };
};

/** The agent's readings of one vehicle, put together: the best of them is the plate. */
const decodeGroup = (said: z.infer<typeof group>): Decoded => ({
  outcome: 'facts',
  facts: [
    {
      ...saidBy(said.camera_id, said.epoch_start),
      ...plateFact({ plate: said.best_plate_number, confidence: said.best_confidence }),
      ...(said.best_uuid === undefined ? {} : { sourceId: `group:${said.best_uuid}` }),
    },
  ],
  remember: { groups: 'on' },
});

/** One frame. Where the agent groups its readings, every frame of a vehicle comes besides its group. */
const decodeFrame = (said: z.infer<typeof frame>, recall: Recall): Decoded => {
  if (recall('groups') === 'on') return noOp('frame-of-a-group');
  return facts(
    ...said.results.map(({ plate, confidence }, index) => ({
      ...saidBy(said.camera_id, said.epoch_time),
      ...plateFact({ plate, confidence }),
      ...(said.uuid === undefined ? {} : { sourceId: `frame:${said.uuid}:${index}` }),
    })),
  );
};

const decodeAlert = (said: z.infer<typeof alert>): Decoded => {
  const camera = said.camera_id ?? said.group?.camera_id ?? said.camera_number;
  if (camera === undefined)
    return refused('contract-violated', 'camera_id: the camera that saw the plate', 'camera_id');
  const data = defined({ analytic: 'plate-on-a-list', severity: 'alert', rule: said.alert_list });
  return facts({
    ...saidBy(camera, said.epoch_time ?? said.group?.epoch_start),
    type: 'camera.analytics-reported',
    data,
  });
};

const decodeHeartbeat = ({ timestamp, video_streams: streams }: z.infer<typeof heartbeat>): Decoded => {
  const time = timestamp === undefined ? undefined : timeFromEpochMilliseconds(timestamp);
  return facts(
    { type: 'device.seen', data: {}, ...defined({ time }) },
    ...streams.map((stream) => ({
      ...connectionFact(stream.is_streaming),
      ...saidBy(stream.camera_id, stream.last_update),
    })),
  );
};

const decodeType = (type: string, payload: Uint8Array, recall: Recall): Decoded => {
  switch (type) {
    case 'alpr_group':
      return read(payload, group, decodeGroup);
    case 'alpr_results':
      return read(payload, frame, (said) => decodeFrame(said, recall));
    case 'alpr_alert':
      return read(payload, alert, decodeAlert);
    case 'heartbeat':
      return read(payload, heartbeat, decodeHeartbeat);
    case 'vehicle':
      return noOp('vehicle-without-plate');
    default:
      return refused('unknown-type', `"${type.slice(0, 100)}" is no data_type of OpenALPR's agent.`, 'data_type');
  }
};

const read = <T>(payload: Uint8Array, schema: z.ZodType<T>, decode: (value: T) => Decoded): Decoded => {
  const parsed = parseJson(payload, schema);
  return parsed.ok ? decode(parsed.value) : parsed.refusal;
};

/** The agent of OpenALPR, later Rekor Scout: what it posts to a web server, passed on to MQTT as it stands. */
export const dialect: Dialect = {
  name: 'openalpr',
  title: { zh: 'OpenALPR 车牌识别', en: 'OpenALPR plate reader' },
  kinds: ['camera'],
  topics: ['openalpr/#'],
  decode({ payload }, recall) {
    return read(payload, z.looseObject({ data_type: z.string() }), ({ data_type: type }) =>
      decodeType(type, payload, recall),
    );
  },
};
