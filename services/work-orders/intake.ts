import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Decider, Refusal } from '../event-log/decider.ts';
import { base32Of, newOrderId } from './order-id.ts';

/** 一键报修 and 智慧投诉. */
export const intakeKinds = ['repair', 'complaint'] as const;
export type IntakeKind = (typeof intakeKinds)[number];

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Whether and by which token residents report, on stream `intake-<compound>`; a new token ends the one before. */
export const intakeEvents = {
  'intake.token-issued': z.strictObject({ sha256 }),
  'intake.closed': z.strictObject({}),
} as const satisfies Record<string, z.ZodType>;
type Events = typeof intakeEvents;
export type IntakeEvent = { [Type in keyof Events]: { type: Type; data: z.infer<Events[Type]> } }[keyof Events];

export const intakeStream = (compound: string): string => `intake-${compound}`;

export const intakeDecider: Decider<
  { sha256: string | null },
  { type: 'issue'; sha256: string } | { type: 'close' },
  IntakeEvent
> = {
  initial: { sha256: null },
  evolve: (_, event) => ({ sha256: event.type === 'intake.token-issued' ? event.data.sha256 : null }),
  decide(command, state) {
    if (command.type === 'issue') return [{ type: 'intake.token-issued', data: { sha256: command.sha256 } }];
    return state.sha256 === null ? [] : [{ type: 'intake.closed', data: {} }];
  },
};

export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** 100 bits in letters and digits that nobody confuses: it stands on a door, and may have to be typed. */
export const newIntakeToken = (): string => base32Of(randomBytes(20));

const words = z.string().trim().max(2000);
/** Body of a resident's report. */
export const intakeReport = z
  .strictObject({
    kind: z.enum(intakeKinds),
    text: words.min(1).optional(),
    building: z.string().max(64).optional(),
    position: z.string().max(64).optional(),
    /** Where exactly, in the resident's words: a flat names a household, so it stays out of the log. */
    place: z.string().trim().min(1).max(200).optional(),
    contact: z.string().trim().min(1).max(100).optional(),
    /** JPEG, PNG or WebP in base64. */
    photo: z.base64().optional(),
    /** The phone's own, so that a report sent twice over a bad line is one. */
    requestId: z.uuid().optional(),
  })
  .refine(({ kind, text }) => kind === 'repair' || text !== undefined, {
    message: 'a complaint says what it is about',
    path: ['text'],
  });
export type IntakeReport = z.infer<typeof intakeReport>;

export interface IntakeIds {
  order: string;
  receipt: string;
  /** Tells a repeat of the same report from another one, without giving the receipt away. */
  causedBy: string;
}

/** All three follow from the request, so that a repeat is the same report and gets the same receipt. */
export const intakeIds = (compound: string, requestId: string): IntakeIds => {
  const source = JSON.stringify([compound, requestId]);
  const receipt = base32Of(createHash('sha256').update(`receipt:${source}`).digest().subarray(0, 16));
  return {
    order: newOrderId(`intake:${source}`),
    receipt: receipt.replace(/(.{4})(?=.)/g, '$1-'),
    causedBy: hashOf(`report:${source}`),
  };
};

/** As a person types it. */
export const receiptAsTold = (typed: string): string =>
  typed
    .toLowerCase()
    .replace(/[^0-9a-z]/g, '')
    .replace(/(.{4})(?=.)/g, '$1-');

const emailAddress = /[^\s@<>,;，；]+@[^\s@<>,;，；]+\.[^\s@<>,;，；]+/gu;
/** Seven digits or more are a telephone, an identity card or an account; a date is not. */
const longNumber = /(?<!\d)(?!\d{4}-\d{1,2}-\d{1,2}(?!\d))\+?\d(?:[ -]?\d){6,}[xX]?/g;
const plate = /[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][ ·]?[A-Z0-9]{5,6}/g;

/** Full-width digits and letters are digits and letters too. */
const fullWidth = /[０-９Ａ-Ｚａ-ｚ＠．＋－]/g;
const halfWidth = (letter: string): string => String.fromCharCode(letter.charCodeAt(0) - 0xfee0);

/** A resident's words for the log, which keeps them for ever: without what names somebody by a number or an address. */
export const withoutNumbers = (text: string): string =>
  text.replace(fullWidth, halfWidth).replace(emailAddress, '***').replace(plate, '***').replace(longNumber, '***');

export const intakeTitles = {
  repair: { zh: '居民报修', en: 'A resident asks for a repair' },
  complaint: { zh: '居民投诉', en: 'A resident complains' },
} as const;
export const intakeLevels = { repair: 'general-repair', complaint: 'complaint' } as const;
export const intakeCodes = { repair: 'resident-repair', complaint: 'resident-complaint' } as const;

/** What the compound has of such a name, or a refusal. */
export const knownPlace = (
  compound: {
    buildings: readonly { id: string }[];
    positions: readonly { id: string; building?: string | undefined }[];
  },
  { building, position }: Pick<IntakeReport, 'building' | 'position'>,
): { building?: string; position?: string } => {
  const found = compound.positions.find(({ id }) => id === position);
  const unknown = (field: string): never => {
    throw new Refusal('intake.unknown-place', `${field}: the compound has none of this name`, { field });
  };
  if (position !== undefined && found === undefined) unknown('position');
  if (building !== undefined && !compound.buildings.some(({ id }) => id === building)) unknown('building');
  const within = found?.building ?? building;
  return { ...(within === undefined ? {} : { building: within }), ...(position === undefined ? {} : { position }) };
};
