import { z } from 'zod';
import { connectionFact } from '../../codecs/state-facts.ts';
import { type Decoded, type DeviceFact, facts, noOp, refused } from '../../dialect.ts';
import { parseJson, parseText } from '../../payload.ts';

const availability = z.object({ state: z.enum(['online', 'offline']) });

/** `{"state":"online"}`, or the bare word that Zigbee2MQTT sent before version 2. */
export const availabilityOf = (
  payload: Uint8Array,
): { ok: true; online: boolean } | { ok: false; refusal: Decoded } => {
  const body = parseText(payload);
  if (!body.ok) return body;
  const word = body.value.trim();
  if (word === 'online' || word === 'offline') return { ok: true, online: word === 'online' };
  const parsed = parseJson(payload, availability);
  if (!parsed.ok) return parsed;
  return { ok: true, online: parsed.value.state === 'online' };
};

const deviceList = z.array(z.object({ friendly_name: z.string().max(300), ieee_address: z.string().max(64) }));

/** The list maps the names that topics carry, and that people change, to addresses that stay. */
const rememberAddresses = (payload: Uint8Array): Decoded => {
  const parsed = parseJson(payload, deviceList);
  if (!parsed.ok) return parsed.refusal;
  const remember = Object.fromEntries(
    parsed.value.map((device) => [addressKey(device.friendly_name), device.ieee_address.toLowerCase()]),
  );
  return { outcome: 'no-op', reason: 'device-list', remember };
};

export const addressKey = (friendlyName: string): string => `ieee:${friendlyName}`;

const bridgeEvent = z.object({
  type: z.string(),
  data: z.object({
    friendly_name: z.string().max(300).optional(),
    ieee_address: z.string().max(64).optional(),
    status: z.string().optional(),
  }),
});

const factOfBridgeEvent = (type: string, status: string | undefined): DeviceFact | undefined => {
  if (type === 'device_announce') return { type: 'device.connected', data: { reason: 'reported' } };
  if (type === 'device_joined') return { type: 'device.seen', data: {} };
  if (type === 'device_interview') return status === 'failed' ? undefined : { type: 'device.seen', data: {} };
  return type === 'device_leave' ? connectionFact(false) : undefined;
};

const decodeBridgeEvent = (payload: Uint8Array): Decoded => {
  const parsed = parseJson(payload, bridgeEvent);
  if (!parsed.ok) return parsed.refusal;
  const { type, data } = parsed.value;
  const fact = factOfBridgeEvent(type, data.status);
  if (fact === undefined) return noOp('bridge-event');
  const externalId = data.ieee_address?.toLowerCase() ?? data.friendly_name;
  if (externalId === undefined) {
    return refused('contract-violated', 'data.ieee_address: the event names no device', 'data.ieee_address');
  }
  return facts({ ...fact, externalId, kind: 'sensor', name: data.friendly_name ?? externalId });
};

/** What Zigbee2MQTT says of itself, beneath `zigbee2mqtt/bridge/`. */
export const decodeBridge = (path: readonly string[], payload: Uint8Array): Decoded => {
  const [topic = ''] = path;
  if (topic === 'state') {
    const state = availabilityOf(payload);
    return state.ok ? facts(connectionFact(state.online)) : state.refusal;
  }
  if (topic === 'devices') return rememberAddresses(payload);
  if (topic === 'event') return decodeBridgeEvent(payload);
  if (topic === 'request') return noOp('downlink-echo');
  const known = [
    'info',
    'health',
    'logging',
    'log',
    'groups',
    'extensions',
    'converters',
    'definitions',
    'config',
    'response',
  ];
  return noOp(known.includes(topic) ? `bridge-${topic}` : 'bridge-other');
};
