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

/** Events of ChirpStack v4's integrations in their JSON form. Fields at their default (0, false, empty) may be absent. */
const integrationEvent = z.object({
  deduplicationId: shortText.optional(),
  time: shortText.optional(),
  deviceInfo: z
    .object({
      devEui: z.string().regex(/^[0-9a-fA-F]{16}$/, 'a DevEUI is 16 hexadecimal digits'),
      deviceName: shortText.optional(),
      deviceProfileName: shortText.optional(),
      tags: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  fPort: z.number().int().optional(),
  data: z.base64().nullish(),
  object: z.record(z.string(), z.unknown()).nullish(),
  rxInfo: z.array(z.object({ rssi: z.number().optional() })).optional(),
  queueItemId: shortText.optional(),
  acknowledged: z.boolean().optional(),
  batteryLevel: z.number().min(0).max(100).optional(),
  batteryLevelUnavailable: z.boolean().optional(),
  externalPowerSource: z.boolean().optional(),
});
type IntegrationEvent = z.infer<typeof integrationEvent>;

/** Several gateways hear one frame; the best of them says how well the device is placed. */
const bestSignal = (event: IntegrationEvent): number | undefined => {
  const signals = (event.rxInfo ?? []).flatMap(({ rssi }) => (rssi === undefined ? [] : [rssi]));
  return signals.length === 0 ? undefined : Math.max(...signals);
};

const seen = (event: IntegrationEvent): DeviceFact => ({
  type: 'device.seen',
  data: defined({ signalDbm: bestSignal(event) }),
});

const modelOf = ({ deviceInfo }: IntegrationEvent): string =>
  [deviceInfo?.deviceProfileName, ...Object.values(deviceInfo?.tags ?? {}), deviceInfo?.deviceName]
    .filter((word) => word !== undefined)
    .join(' ')
    .toLowerCase();

/** Bytes of the application (port 0 is the network's own) that neither ChirpStack nor a codec here could read. */
const isUnread = (event: IntegrationEvent): boolean =>
  !event.object &&
  !!event.data &&
  event.fPort !== 0 &&
  decodeFrame({ bytes: Buffer.from(event.data, 'base64'), fPort: event.fPort, model: modelOf(event) }) === undefined;

const withoutCodec = (devEui: string, { fPort, deviceInfo }: IntegrationEvent, alive: DeviceFact[]): Decoded => {
  const profile = deviceInfo?.deviceProfileName;
  return {
    outcome: 'refused',
    code: 'no-codec',
    reason:
      `Nobody here reads the frames of ${devEui} (port ${fPort ?? 'unknown'}${profile === undefined ? '' : `, device profile ${profile}`}): ` +
      'give its device profile in ChirpStack a codec, so that its events carry "object". Of a device without one, one frame a day is kept.',
    field: 'data',
    alive,
    keptDailyAbout: devEui,
  };
};

const uplink = (event: IntegrationEvent): DeviceFact[] => {
  const fields =
    event.object ??
    decodeFrame({ bytes: Buffer.from(event.data ?? '', 'base64'), fPort: event.fPort, model: modelOf(event) });
  const said = fields === undefined ? [] : factsOfFields(flatten(fields));
  return said.length === 0 ? [seen(event)] : said;
};

/** `margin` is a signal-to-noise ratio, not a signal strength. */
const status = (event: IntegrationEvent): DeviceFact[] => {
  const hasBattery = event.externalPowerSource !== true && event.batteryLevelUnavailable !== true;
  const batteryPercent = hasBattery ? event.batteryLevel : undefined;
  return [
    { type: 'device.seen', data: defined({ batteryPercent }) },
    ...(batteryPercent === undefined ? [] : batteryFactOfPercent(batteryPercent)),
  ];
};

const factsByEvent: Record<string, (event: IntegrationEvent) => DeviceFact[]> = {
  up: uplink,
  status,
  join: () => [{ type: 'device.connected', data: {} }],
  txack: ({ queueItemId }) => [
    { type: 'device.command-sent', data: defined({ command: 'downlink', commandId: queueItemId }) },
  ],
  ack: ({ queueItemId, acknowledged }) => [
    {
      type: 'device.command-answered',
      data: defined({ command: 'downlink', commandId: queueItemId, accepted: acknowledged ?? false }),
    },
  ],
};

const reasonsOfNoOp: Record<string, string> = {
  // A line of the network server's log (a wrong key, a codec that threw) is no fault of the device that a property
  // company could repair, and nothing ever says that it is over.
  log: 'network-log',
  location: 'location',
  integration: 'integration',
};

const withSourceIds = (sourceId: string | undefined, items: DeviceFact[]): DeviceFact[] =>
  sourceId === undefined
    ? items
    : items.map((fact) => {
        const part = fact.level?.channel ?? fact.data.channel;
        return { ...fact, sourceId: [sourceId, fact.type, part].filter((word) => word !== undefined).join(':') };
      });

const decodeEvent = (devEui: string, event: IntegrationEvent, timeZone: string, items: DeviceFact[]): Decoded => {
  const named = event.deviceInfo?.devEui.toLowerCase() ?? devEui;
  if (named !== devEui) {
    return refused(
      'identity-mismatch',
      `The topic says device ${devEui}, the payload ${named}; publish under the device's own DevEUI.`,
      'deviceInfo.devEui',
    );
  }
  const time = event.time === undefined ? undefined : timeFromIso(event.time, timeZone);
  if (event.time !== undefined && time === undefined) {
    return refused('contract-violated', 'time: not an RFC 3339 time', 'time');
  }
  const sourceId = event.deduplicationId ?? event.queueItemId;
  const speaker = { externalId: devEui, kind: 'sensor', name: event.deviceInfo?.deviceName, time };
  return facts(...withSourceIds(sourceId, spokenBy(speaker, items)));
};

export const dialect: Dialect = {
  name: 'chirpstack',
  title: { zh: 'ChirpStack v4（LoRaWAN）', en: 'ChirpStack v4 (LoRaWAN)' },
  kinds: ['sensor'],
  topics: ['application/+/device/+/event/+', 'application/+/device/+/command/down'],
  decode({ topic, payload, timeZone }) {
    const [application, , device, devEui, direction, event, ...rest] = topic.split('/');
    if (application !== 'application' || device !== 'device' || !devEui || !event || rest.length > 0) {
      return refused('wrong-topic', 'ChirpStack v4 publishes on application/<id>/device/<DevEUI>/event/<event>.');
    }
    if (direction === 'command') return noOp('downlink-echo');
    const reason = entryOf(reasonsOfNoOp, event);
    if (reason !== undefined) return noOp(reason);
    const factsOf = entryOf(factsByEvent, event);
    if (factsOf === undefined) return refused('unknown-type', `ChirpStack's event "${event}" is not known here.`);
    const parsed = parseJson(payload, integrationEvent);
    if (!parsed.ok) return parsed.refusal;
    const id = devEui.toLowerCase();
    const decoded = decodeEvent(id, parsed.value, timeZone, factsOf(parsed.value));
    const isSilent = decoded.outcome === 'facts' && event === 'up' && isUnread(parsed.value);
    return isSilent ? withoutCodec(id, parsed.value, decoded.facts) : decoded;
  },
};
