import { z } from 'zod';
import { type Decoded, type DeviceFact, facts } from '../../dialect.ts';
import { contractRefusal, looseNumber } from '../../payload.ts';
import { aboutOf, looseCode, type Push, sourceOf } from './envelope.ts';

const personReference = z.union([z.string(), z.number().transform(String)]).optional();

/** Only these fields are read: names, identity card and telephone numbers and pictures never leave this file. */
const record = z.looseObject({
  VerifyStatus: looseNumber,
  PersonType: looseCode,
  customId: personReference,
  personId: personReference,
  similarity1: looseCode,
  direction: z.unknown().optional(),
});

const directions = new Map<unknown, 'in' | 'out'>([
  ['entr', 'in'],
  ['in', 'in'],
  ['exit', 'out'],
  ['out', 'out'],
]);

type Verdict = { type: string; data?: Record<string, unknown> };

/** `VerifyStatus` 0 none, 1 allowed, 2 refused, 3 not registered; `PersonType` 1 is the block list and wins. */
const verdictOf = ({ VerifyStatus, PersonType }: z.infer<typeof record>): Verdict => {
  if (PersonType === 1) return { type: 'gate.denied', data: { reason: 'blocked' } };
  switch (VerifyStatus) {
    case 1:
      return { type: 'gate.passed' };
    case 2:
      return { type: 'gate.denied', data: { reason: 'refused' } };
    case 3:
      return { type: 'gate.denied', data: { reason: 'unknown-credential' } };
    case 0:
      return { type: 'gate.credential-seen' };
    default:
      return { type: 'gate.credential-seen', data: { text: `VerifyStatus ${VerifyStatus}` } };
  }
};

/** RecPush: somebody stood before the terminal, and it decided. */
export const decodeRecord = (push: Push): Decoded => {
  const parsed = record.safeParse(push.info);
  if (!parsed.success) return contractRefusal(parsed.error, 'info');
  const about = aboutOf(push);
  if (!about.ok) return about.refusal;
  const { customId, personId, similarity1, direction } = parsed.data;
  const reference = (customId?.trim() || personId?.trim() || '').slice(0, 200);
  const side = directions.get(direction);
  const verdict = verdictOf(parsed.data);
  return facts({
    ...gateFact(push, about.value, 'rec'),
    type: verdict.type,
    data: {
      credential: { method: 'face', ...(reference === '' ? {} : { reference }) },
      ...(similarity1 === undefined || similarity1 < 0 || similarity1 > 100 ? {} : { confidence: similarity1 / 100 }),
      ...(side === undefined ? {} : { direction: side }),
      ...verdict.data,
    },
  });
};

/** StrSnapPush: a face that nobody enrolled. */
export const decodeStranger = (push: Push): Decoded => {
  const about = aboutOf(push);
  if (!about.ok) return about.refusal;
  return facts({
    ...gateFact(push, about.value, 'snap'),
    type: 'gate.denied',
    data: { credential: { method: 'face' }, reason: 'unknown-credential' },
  });
};

const gateFact = (
  push: Push,
  about: Parameters<typeof sourceOf>[2],
  word: string,
): Omit<DeviceFact, 'type' | 'data'> => {
  const { timeText: _text, ...shared } = about;
  return { ...shared, kind: 'access-gate', ...sourceOf(word, push, about) };
};
