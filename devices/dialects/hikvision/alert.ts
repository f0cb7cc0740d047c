import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import { type DeviceTime, type DialectMessage, refused } from '../../dialect.ts';
import { contractRefusal, type Parsed, parseText } from '../../payload.ts';
import { timeFromIso } from '../../time.ts';

/** Texts and numbers alike: XML has only text, newer firmware sends JSON with numbers. */
const loose = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]).optional();
const word = loose.catch(undefined);

const envelope = z.looseObject({
  eventType: z.string({ error: 'the kind of event, e.g. VMD' }).trim().min(1).max(100),
  eventState: word,
  macAddress: word,
  channelID: word,
  dynChannelID: word,
  channelName: word,
  dateTime: loose,
  activePostCount: word,
});

/** One EventNotificationAlert of ISAPI, whichever way it was written. */
export interface Alert {
  /** As the device spells it. */
  eventType: string;
  /** The same in small letters: firmwares differ in their capitals. */
  type: string;
  active: boolean;
  externalId: string;
  channelName?: string;
  time?: DeviceTime;
  timeText?: string;
  activePostCount?: number;
  /** What the event itself adds, the block named like its type included. */
  body: Record<string, unknown>;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Bridges that convert XML put every element into a list of one. */
const unlisted = (value: unknown): unknown => (Array.isArray(value) && value.length === 1 ? value[0] : value);

export const recordOf = (value: unknown): Record<string, unknown> => {
  const item = unlisted(value);
  if (!isRecord(item)) return {};
  return Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, unlisted(inner)]));
};

export const wordOf = (value: unknown, length = 100): string | undefined => {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  const trimmed = typeof text === 'string' ? text.trim().slice(0, length) : '';
  return trimmed === '' ? undefined : trimmed;
};

const xml = new XMLParser({ ignoreAttributes: true, parseTagValue: false, removeNSPrefix: true });

const broken = (what: string): Parsed<never> => ({
  ok: false,
  refusal: refused('broken-json', `The payload is not ${what}; publish the alert of ISAPI unchanged.`),
});

const parseXml = (text: string): Parsed<unknown> => {
  // Entities of a document's own are a known way to make a parser grow without end; no device declares any.
  if (text.includes('<!DOCTYPE') || XMLValidator.validate(text) !== true) return broken('well-formed XML without DTD');
  try {
    return { ok: true, value: xml.parse(text) };
  } catch {
    return broken('XML that can be read');
  }
};

const parseBody = (text: string): Parsed<unknown> => {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  if (trimmed.startsWith('<')) return parseXml(trimmed);
  try {
    return { ok: true, value: JSON.parse(trimmed) };
  } catch {
    return broken('valid JSON or XML');
  }
};

const plainMac = (text: string): string | undefined => {
  const digits = text.toLowerCase().replace(/[:-]/g, '');
  return /^[0-9a-f]{12}$/.test(digits) ? digits : undefined;
};

/** Behind a recorder each camera has a `dynChannelID`; on a camera of its own the channel is 1 and says nothing. */
const externalIdOf = (id: string, { channelID, dynChannelID }: z.infer<typeof envelope>): string => {
  const channel =
    wordOf(dynChannelID, 20) ?? (channelID === '1' || channelID === '0' ? undefined : wordOf(channelID, 20));
  return channel === undefined ? id : `${id}/${channel}`;
};

const mismatch = (mac: string): Parsed<never> => ({
  ok: false,
  refusal: refused(
    'identity-mismatch',
    `The payload comes from ${mac.slice(0, 100)}, the topic names another address: publish beneath the device's own.`,
    'macAddress',
  ),
});

export const readAlert = (message: DialectMessage, id: string): Parsed<Alert> => {
  const text = parseText(message.payload);
  if (!text.ok) return text;
  const body = parseBody(text.value);
  if (!body.ok) return body;
  const outer = recordOf(body.value);
  const record = 'EventNotificationAlert' in outer ? recordOf(outer.EventNotificationAlert) : outer;
  const parsed = envelope.safeParse(record);
  if (!parsed.success) return { ok: false, refusal: contractRefusal(parsed.error) };
  const { eventType, eventState = 'active', macAddress = '', dateTime, activePostCount, channelName } = parsed.data;
  const [ofTopic, ofPayload] = [plainMac(id), plainMac(macAddress)];
  if (ofTopic !== undefined && ofPayload !== undefined && ofTopic !== ofPayload) return mismatch(macAddress);
  const time = dateTime === undefined ? undefined : timeFromIso(dateTime, message.timeZone);
  if (dateTime !== undefined && time === undefined) {
    return { ok: false, refusal: refused('contract-violated', 'dateTime: not an ISO 8601 time', 'dateTime') };
  }
  const count = Number(activePostCount);
  const name = wordOf(channelName, 200);
  return {
    ok: true,
    value: {
      eventType,
      type: eventType.toLowerCase(),
      active: eventState.toLowerCase() !== 'inactive',
      externalId: externalIdOf(id, parsed.data),
      ...(name === undefined ? {} : { channelName: name }),
      ...(time === undefined ? {} : { time, timeText: dateTime!.slice(0, 64) }),
      ...(activePostCount !== undefined && count >= 1 ? { activePostCount: count } : {}),
      body: record,
    },
  };
};
