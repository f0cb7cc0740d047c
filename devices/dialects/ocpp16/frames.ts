import { z } from 'zod';
import { type DialectMessage, refused } from '../../dialect.ts';
import { contractRefusal, type Parsed, parseJson } from '../../payload.ts';
import { asFrameArray, namedIn } from './bridge-forms.ts';

/** One OCPP-J message (OCPP-J 1.6, chapter 4), whatever the bridge wrapped it in. */
export type Frame =
  | { type: 'call'; id: string; action: string; payload: unknown }
  | { type: 'result'; id: string; payload: unknown }
  /** `code`: why a call was refused. */
  | { type: 'error'; id: string; code: string };

/** Where the topic says a message comes from. `up` also stands for a topic that doesn't say. */
export interface OcppTopic {
  chargePoint: string;
  direction: 'up' | 'down';
  /** EMQX's gateway (README of emqx_gateway_ocpp) puts the frame's head into the topic and the payload alone below it. */
  head?: { type: string; action: string; id: string };
}

/** `in` and `out` are not among them: bridges don't agree on whose. There the action tells who speaks. */
const downSegments = new Set(['down', 'dn']);

/** `cs/in/{protocol}/{cp}` and `cs/out/…` of MaEVe, where `in` is into the central system. */
const readMaeveTopic = ([, way, , chargePoint]: readonly string[]): OcppTopic | undefined =>
  chargePoint ? { chargePoint, direction: way === 'out' ? 'down' : 'up' } : undefined;

/**
 * `ocpp/{cp}/up/{request|response|error}/{Action}/{id}` and `/dn/…` (EMQX README), `ocpp/cp/{cp}[/Reply]` and
 * `ocpp/cs/{cp}` (EMQX's defaults), `ocpp/{cp}` and `ocpp/{cp}/<anything>` with whole frames. A charge point may not
 * be called `cp` or `cs`.
 */
export const readTopic = (topic: string): OcppTopic | undefined => {
  const levels = topic.split('/');
  const [root, first, second, ...rest] = levels;
  if (root === 'cs') return readMaeveTopic(levels);
  if (first === undefined || first === '') return undefined;
  if ((first === 'cp' || first === 'cs') && second !== undefined) {
    return second === '' ? undefined : { chargePoint: second, direction: first === 'cs' ? 'down' : 'up' };
  }
  const direction = downSegments.has(second ?? '') ? 'down' : 'up';
  const [type, action, ...id] = rest;
  if (type === undefined || action === undefined) return { chargePoint: first, direction };
  return { chargePoint: first, direction, head: { type: type.toLowerCase(), action, id: id.join('/') } };
};

const uniqueId = z.union([z.string(), z.number().transform(String)], { error: 'a unique id, e.g. "19223201"' });

const rawFrame = z.array(z.unknown()).min(3, 'an OCPP-J frame has at least three elements');

const callHead = z.tuple([z.literal(2), uniqueId, z.string()]).rest(z.unknown());
const answerHead = z.tuple([z.union([z.literal(3), z.literal(4)]), uniqueId]).rest(z.unknown());

const codeOf = (said: unknown): string => (typeof said === 'string' && said !== '' ? said : 'GenericError');

const notAFrame = (): Parsed<Frame> => ({
  ok: false,
  refusal: refused(
    'contract-violated',
    'No OCPP-J message: send the frame, e.g. [2,"id","Heartbeat",{}], or {"MessageTypeId":2,"UniqueId":"id","Action":"Heartbeat","Payload":{}}.',
  ),
});

/** A frame that stands whole in JSON, in whichever form. */
export const readFrame = (json: unknown): Parsed<Frame> => {
  const frame = rawFrame.safeParse(asFrameArray(json));
  if (!frame.success) return notAFrame();
  const type = frame.data[0];
  if (type === 2) {
    const call = callHead.safeParse(frame.data);
    if (!call.success) return { ok: false, refusal: contractRefusal(call.error) };
    const [, id, action, payload = {}] = call.data;
    return { ok: true, value: { type: 'call', id, action, payload } };
  }
  const answer = answerHead.safeParse(frame.data);
  if (!answer.success) {
    const reason = 'The first element is the message type: 2 (CALL), 3 (CALLRESULT) or 4 (CALLERROR).';
    return { ok: false, refusal: refused('contract-violated', reason, '0') };
  }
  const [answerType, id, payload] = answer.data;
  return {
    ok: true,
    value: answerType === 4 ? { type: 'error', id, code: codeOf(payload) } : { type: 'result', id, payload },
  };
};

const headTypes = new Map<string, Frame['type']>([
  ['request', 'call'],
  ['response', 'result'],
  ['error', 'error'],
]);

const anyJson = z.unknown();

/** The frame that a message carries: whole, or its head from the topic and its payload from below. */
export const frameOf = (message: DialectMessage, topic: OcppTopic): Parsed<Frame> => {
  const json = parseJson(message.payload, anyJson);
  if (!json.ok) return json;
  const named = namedIn(json.value);
  if (named !== undefined && named !== topic.chargePoint) {
    const reason = `The payload says it is ${named.slice(0, 100)}, the topic ${topic.chargePoint.slice(0, 100)}: publish beneath the post's own id.`;
    return { ok: false, refusal: refused('identity-mismatch', reason, 'ocpp.chargeBoxIdentity') };
  }
  const type = topic.head === undefined ? undefined : headTypes.get(topic.head.type);
  if (topic.head === undefined || type === undefined || Array.isArray(json.value)) return readFrame(json.value);
  const { id, action } = topic.head;
  if (type === 'call') return { ok: true, value: { type, id, action, payload: json.value } };
  return {
    ok: true,
    value: type === 'error' ? { type, id, code: codeOf(json.value) } : { type, id, payload: json.value },
  };
};
