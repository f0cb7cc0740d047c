import { z } from 'zod';
import type { Answer } from '../../dialect.ts';
import { type Parsed, parseJson } from '../../payload.ts';

type Attributes = Record<string, unknown>;
type Recall = (key: string) => string | undefined;

/** What a device may have kept for it; beyond, its new attributes are not kept. */
const lengthMax = 8_192;

/** The key under which a device's own attributes are remembered; the credential's own device has no name here. */
const attributesKey = (device: string | undefined): string =>
  device === undefined ? 'attributes' : `attributes:${device}`;

const recallAttributes = (recall: Recall, device: string | undefined): Attributes => {
  try {
    const known: unknown = JSON.parse(recall(attributesKey(device)) ?? '{}');
    return typeof known === 'object' && known !== null ? { ...known } : {};
  } catch {
    return {};
  }
};

export const rememberAttributes = (
  recall: Recall,
  device: string | undefined,
  attributes: Attributes,
): Record<string, string> => {
  const all = JSON.stringify({ ...recallAttributes(recall, device), ...attributes });
  return all.length > lengthMax ? {} : { [attributesKey(device)]: all };
};

const keyList = z
  .string()
  .optional()
  .transform((keys) => keys?.split(',').map((key) => key.trim()));
const ownRequest = z.looseObject({ clientKeys: keyList, sharedKeys: keyList });

const picked = (attributes: Attributes, keys: readonly string[]): Attributes =>
  Object.fromEntries(keys.flatMap((key) => (Object.hasOwn(attributes, key) ? [[key, attributes[key]]] : [])));

/** `{"clientKeys":"a,b","sharedKeys":"c"}`; without either, all. The hub itself sets no attributes on a device. */
export const answerOwnRequest = (payload: Uint8Array, topic: string, recall: Recall): Parsed<Answer> => {
  const request = parseJson(payload.length === 0 ? Buffer.from('{}') : payload, ownRequest);
  if (!request.ok) return request;
  const { clientKeys, sharedKeys } = request.value;
  const own = recallAttributes(recall, undefined);
  const wantsAll = clientKeys === undefined && sharedKeys === undefined;
  const client = clientKeys === undefined ? (wantsAll ? own : undefined) : picked(own, clientKeys);
  const said = { ...(client === undefined ? {} : { client }), ...(sharedKeys || wantsAll ? { shared: {} } : {}) };
  return { ok: true, value: { topic, payload: JSON.stringify(said) } };
};

const gatewayRequest = z.looseObject({
  id: z.union([z.number(), z.string()]),
  device: z.string().min(1),
  client: z.boolean().default(false),
  key: z.string().optional(),
  keys: z.array(z.string()).max(100).optional(),
});

/** `{"id":1,"device":"A","client":true,"key":"a"}`, or several `keys`: one value is answered bare. */
export const answerGatewayRequest = (payload: Uint8Array, topic: string, recall: Recall): Parsed<Answer> => {
  const request = parseJson(payload, gatewayRequest);
  if (!request.ok) return request;
  const { id, device, client, key, keys } = request.value;
  const known = client ? recallAttributes(recall, device) : {};
  const said = keys === undefined ? { value: picked(known, [key ?? ''])[key ?? ''] } : { values: picked(known, keys) };
  return { ok: true, value: { topic, payload: JSON.stringify({ id, device, ...said }) } };
};
