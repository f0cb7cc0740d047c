import { z } from 'zod';
import { plateShape } from '../../codecs/plate-fact.ts';
import { looseNumber } from '../../payload.ts';

const code = looseNumber.optional().catch(undefined);
const looseText = z
  .union([z.string(), z.number().transform(String)])
  .optional()
  .catch(undefined);

/** PlateResult of an `ivs_result`. Pictures and the vehicle's looks are not read. */
export const plateResult = z.looseObject({
  license: z.string().max(400).optional(),
  confidence: code,
  isoffline: z.union([code, z.boolean().transform(Number)]),
  is_fake_plate: z.union([code, z.boolean().transform(Number)]),
  is_encrypted: z.union([code, z.boolean().transform(Number)]),
  plateid: looseText,
  unique_id: looseText,
  direction: z.unknown().optional(),
  timeStamp: z
    .looseObject({ Timeval: z.looseObject({ sec: code, usec: code }) })
    .optional()
    .catch(undefined),
});
export type PlateResult = z.infer<typeof plateResult>;

const utf8 = new TextDecoder('utf-8', { fatal: true });

const fromBase64 = (text: string): string | undefined => {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  try {
    return utf8.decode(Buffer.from(text, 'base64'));
  } catch {
    return undefined;
  }
};

/** The plate in clear text: firmware sends base64 of UTF-8, bridges sometimes the text itself. */
export const plateText = (license: string | undefined): string | undefined => {
  const raw = (license ?? '').trim();
  const candidates = [fromBase64(raw)?.trim(), raw];
  return candidates.find((candidate) => candidate !== undefined && plateShape.test(candidate));
};
