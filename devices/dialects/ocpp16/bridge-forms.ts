import { z } from 'zod';

/** EMQX's form of a frame; other bridges write the same keys in camelCase. */
const emqx = z
  .looseObject({
    messageTypeId: z.unknown(),
    uniqueId: z.unknown(),
    action: z.unknown().optional(),
    payload: z.unknown().optional(),
  })
  .transform(({ messageTypeId, uniqueId, action, payload = {} }) =>
    messageTypeId === 2 ? [messageTypeId, uniqueId, action, payload] : [messageTypeId, uniqueId, payload],
  );

/** MaEVe's: the action stands beside an answer too, and an error has its code in place of a payload. */
const maeve = z
  .looseObject({
    type: z.literal([2, 3, 4]),
    id: z.unknown(),
    action: z.unknown().optional(),
    request: z.unknown().optional(),
    response: z.unknown().optional(),
    error_code: z.unknown().optional(),
  })
  .transform(({ type, id, action, request = {}, response = {}, error_code: code }) => {
    if (type === 2) return [type, id, action, request];
    return [type, id, type === 3 ? response : code];
  });

/** The message object of node-red-contrib-ocpp. */
const nodeRed = z
  .looseObject({
    ocpp: z.looseObject({ MessageId: z.unknown(), msgType: z.unknown(), command: z.unknown().optional() }),
    payload: z.looseObject({ data: z.unknown().optional() }),
  })
  .transform(({ ocpp: { MessageId: id, msgType, command }, payload: { data = {} } }) =>
    msgType === 2 ? [msgType, id, command, data] : [msgType, id, data],
  );

const forms = [nodeRed, maeve, emqx];

const withoutCapitals = (json: object): object =>
  Object.fromEntries(Object.entries(json).map(([key, value]) => [key.charAt(0).toLowerCase() + key.slice(1), value]));

/** The frame as OCPP-J writes it, an array, whatever object a bridge made of it; anything else is left as it is. */
export const asFrameArray = (json: unknown): unknown => {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  const object = withoutCapitals(json);
  for (const form of forms) {
    const read = form.safeParse(object);
    if (read.success) return read.data;
  }
  return json;
};

const naming = z.looseObject({ ocpp: z.looseObject({ chargeBoxIdentity: z.string() }) });

/** The post that a bridge names besides its topic; only Node-RED's object has a place for it. */
export const namedIn = (json: unknown): string | undefined => naming.safeParse(json).data?.ocpp.chargeBoxIdentity;
