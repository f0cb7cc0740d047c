import { z } from 'zod';
import { decodeFrame } from '../codecs/decode-frame.ts';
import { entryOf } from '../codecs/field-values.ts';
import { factsOfFields } from '../codecs/known-fields.ts';
import { flatten } from '../codecs/object-fields.ts';
import { batteryFactOfPercent, defined, spokenBy } from '../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, type Dialect, facts, noOp, refused } from '../dialect.ts';
import { parseJson } from '../payload.ts';
import { timeFromIso } from '../time.ts';

const shortText = z.string().max(200);
const words = z.array(z.string().max(500));

const uplinkMessage = z.object({
  session_key_id: shortText.optional(),
  f_port: z.number().int().optional(),
  f_cnt: z.number().int().optional(),
  frm_payload: z.base64().optional(),
  decoded_payload: z.record(z.string(), z.unknown()).nullish(),
  rx_metadata: z.array(z.object({ rssi: z.number().optional() })).optional(),
  version_ids: z.object({ brand_id: shortText.optional(), model_id: shortText.optional() }).optional(),
  attributes: z.record(z.string(), z.string()).optional(),
  last_battery_percentage: z.object({ value: z.number().min(0).max(100).optional() }).optional(),
  received_at: shortText.optional(),
});
type Uplink = z.infer<typeof uplinkMessage>;

const downlinkMessage = z.object({
  session_key_id: shortText.optional(),
  f_cnt: z.number().int().optional(),
  correlation_ids: words.optional(),
});

/** Messages of The Things Stack v3 to an application. Fields at their default (0, false, empty) are left out. */
const applicationUp = z.object({
  end_device_ids: z.object({
    device_id: shortText,
    dev_eui: z
      .string()
      .regex(/^[0-9a-fA-F]{16}$/, 'a DevEUI is 16 hexadecimal digits')
      .optional(),
  }),
  correlation_ids: words.optional(),
  received_at: shortText.optional(),
  simulated: z.boolean().optional(),
  uplink_message: uplinkMessage.optional(),
  join_accept: z.object({ session_key_id: shortText.optional(), received_at: shortText.optional() }).optional(),
  downlink_sent: downlinkMessage.optional(),
  downlink_ack: downlinkMessage.optional(),
  downlink_nack: downlinkMessage.optional(),
  downlink_failed: z
    .object({
      downlink: downlinkMessage.optional(),
      error: z
        .object({ name: z.string().max(500).optional(), message_format: z.string().max(500).optional() })
        .optional(),
    })
    .optional(),
});
type ApplicationUp = z.infer<typeof applicationUp>;

/** What one message says: when, by what id, and what of it nobody could read. */
interface Said {
  items: DeviceFact[];
  at?: string | undefined;
  sourceId?: string | undefined;
  unread?: Uplink;
}

const frameId = (message: { session_key_id?: string | undefined; f_cnt?: number | undefined }): string | undefined =>
  message.session_key_id === undefined ? undefined : `${message.session_key_id}:${message.f_cnt ?? 0}`;

const modelOf = (deviceId: string, { version_ids: version, attributes }: Uplink): string =>
  [version?.brand_id, version?.model_id, ...Object.values(attributes ?? {}), deviceId]
    .filter((word) => word !== undefined)
    .join(' ')
    .toLowerCase();

/** Several gateways hear one frame; the best of them says how well the device is placed. */
const seen = ({ rx_metadata: receptions = [], last_battery_percentage: battery }: Uplink): DeviceFact => {
  const signals = receptions.flatMap(({ rssi }) => (rssi === undefined ? [] : [rssi]));
  const signalDbm = signals.length === 0 ? undefined : Math.max(...signals);
  return { type: 'device.seen', data: defined({ signalDbm, batteryPercent: battery?.value }) };
};

/** The network server's own knowledge of the battery counts where the device's codec says nothing of it. */
const networkBattery = (uplink: Uplink, said: readonly DeviceFact[]): DeviceFact[] => {
  const percent = uplink.last_battery_percentage?.value;
  const isSaid = said.some(({ level }) => level?.channel === 'battery-low');
  return percent === undefined || isSaid ? [] : batteryFactOfPercent(percent);
};

const decodeUplink = (message: ApplicationUp): Said | undefined => {
  const uplink = message.uplink_message;
  if (uplink === undefined) return undefined;
  const bytes = Buffer.from(uplink.frm_payload ?? '', 'base64');
  const model = modelOf(message.end_device_ids.device_id, uplink);
  const fields = uplink.decoded_payload ?? decodeFrame({ bytes, fPort: uplink.f_port, model });
  const known = fields === undefined ? [] : factsOfFields(flatten(fields));
  const said = known.length === 0 ? [seen(uplink)] : known;
  return {
    items: [...said, ...networkBattery(uplink, said)],
    at: uplink.received_at,
    sourceId: frameId(uplink),
    ...(fields === undefined && bytes.length > 0 ? { unread: uplink } : {}),
  };
};

const decodeJoin = ({ join_accept: join }: ApplicationUp): Said | undefined =>
  join && { items: [{ type: 'device.connected', data: {} }], at: join.received_at, sourceId: join.session_key_id };

/** Ids that the stack itself adds name the part of it that spoke, as in `as:downlink:01H…`; one without is the sender's. */
const commandIdOf = (ids: readonly string[]): string | undefined => ids.find((id) => !/^[a-z]+:/.test(id));

const answered = (
  message: ApplicationUp,
  downlink: z.infer<typeof downlinkMessage> | undefined,
  answer: { accepted?: boolean; text?: string | undefined },
): Said | undefined => {
  if (downlink === undefined) return undefined;
  const commandId = commandIdOf([...(downlink.correlation_ids ?? []), ...(message.correlation_ids ?? [])]);
  const type = answer.accepted === undefined ? 'device.command-sent' : 'device.command-answered';
  const outcome = answer.accepted === undefined ? 'sent' : String(answer.accepted);
  const frame = frameId(downlink);
  return {
    items: [{ type, data: defined({ command: 'downlink', commandId, ...answer }) }],
    sourceId: frame === undefined ? undefined : `${frame}:${outcome}`,
  };
};

const failureOf = (message: ApplicationUp): Said | undefined => {
  const failed = message.downlink_failed;
  const text = failed?.error?.message_format ?? failed?.error?.name;
  return failed && answered(message, failed.downlink ?? {}, { accepted: false, text });
};

/** By the words behind the device in the topic: the member that such a message must have, and how it is read. */
const readers: Record<string, readonly [string, (message: ApplicationUp) => Said | undefined]> = {
  up: ['uplink_message', decodeUplink],
  join: ['join_accept', decodeJoin],
  'down/sent': ['downlink_sent', (message) => answered(message, message.downlink_sent, {})],
  'down/ack': ['downlink_ack', (message) => answered(message, message.downlink_ack, { accepted: true })],
  'down/nack': ['downlink_nack', (message) => answered(message, message.downlink_nack, { accepted: false })],
  'down/failed': ['downlink_failed', failureOf],
};

const reasonsOfNoOp: Record<string, string> = {
  // The same reading again, in another shape.
  'up/normalized': 'normalized-repeat',
  'down/push': 'downlink-echo',
  'down/replace': 'downlink-echo',
  'down/queued': 'downlink-queued',
  'down/invalidated': 'downlink-queue-invalidated',
  'location/solved': 'location',
  'service/data': 'service-data',
};

const withoutCodec = (externalId: string, uplink: Uplink, alive: DeviceFact[]): Decoded => {
  const { f_port: port, version_ids: version } = uplink;
  const model = version?.model_id === undefined ? '' : `, model ${version.model_id}`;
  return {
    outcome: 'refused',
    code: 'no-codec',
    reason:
      `Nobody here reads the frames of ${externalId} (port ${port ?? 'unknown'}${model}): give the device a payload ` +
      'formatter in The Things Stack, so that its uplinks carry "decoded_payload". Of a device without one, one frame a day is kept.',
    field: 'uplink_message.frm_payload',
    alive,
    keptDailyAbout: externalId,
  };
};

const withSourceIds = (sourceId: string | undefined, items: readonly DeviceFact[]): DeviceFact[] =>
  items.map((fact) => {
    const part = fact.level?.channel ?? fact.data.channel;
    return sourceId === undefined
      ? fact
      : { ...fact, sourceId: [sourceId, fact.type, part].filter((word) => word !== undefined).join(':') };
  });

const decodeSaid = (message: ApplicationUp, said: Said, timeZone: string): Decoded => {
  const { device_id: name, dev_eui: eui } = message.end_device_ids;
  const spokenAt = said.at ?? message.received_at;
  const time = spokenAt === undefined ? undefined : timeFromIso(spokenAt, timeZone);
  if (spokenAt !== undefined && time === undefined) {
    return refused('contract-violated', 'received_at: not an RFC 3339 time', 'received_at');
  }
  // The DevEUI is printed on the device; a device id is somebody's choice. ABP devices may have no other.
  const externalId = eui?.toLowerCase() ?? name;
  const spoken = withSourceIds(said.sourceId, spokenBy({ externalId, kind: 'sensor', name, time }, said.items));
  return said.unread === undefined ? facts(...spoken) : withoutCodec(externalId, said.unread, spoken);
};

export const dialect: Dialect = {
  name: 'the-things-stack',
  title: { zh: 'The Things Stack v3（LoRaWAN）', en: 'The Things Stack v3 (LoRaWAN)' },
  kinds: ['sensor'],
  topics: ['v3/+/devices/+/#'],
  decode({ topic, payload, timeZone }) {
    const [version, application, devices, deviceId, ...rest] = topic.split('/');
    if (version !== 'v3' || !application || devices !== 'devices' || !deviceId) {
      return refused('wrong-topic', 'The Things Stack publishes on v3/<application>@<tenant>/devices/<device id>/up.');
    }
    const about = rest.join('/');
    const reason = entryOf(reasonsOfNoOp, about);
    if (reason !== undefined) return noOp(reason);
    const reader = entryOf(readers, about);
    if (reader === undefined) {
      return refused('unknown-type', `"${about.slice(0, 100)}" is no message of The Things Stack that is known here.`);
    }
    const message = parseJson(payload, applicationUp);
    if (!message.ok) return message.refusal;
    const named = message.value.end_device_ids.device_id;
    if (named !== deviceId) {
      const field = 'end_device_ids.device_id';
      return refused('identity-mismatch', `The topic says device ${deviceId}, the payload ${named}.`, field);
    }
    if (message.value.simulated === true) return noOp('simulated');
    const [member, read] = reader;
    const said = read(message.value);
    return said === undefined
      ? refused('contract-violated', `${member}: missing from a message on …/${about}`, member)
      : decodeSaid(message.value, said, timeZone);
  },
};
