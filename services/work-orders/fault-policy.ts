import { z } from 'zod';
import { faultClasses } from '../../devices/model.ts';
import { bilingual } from '../runtime/schema.ts';
import { priorities } from './commands.ts';
import { DataFileWrong, parseDataFile, readDataFile } from './data-file.ts';
import { loadServiceLevels, type ServiceLevels } from './service-levels.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
/** One value, any of several, or anything else than these; a field that is left out is "anything else". */
const condition = z.union([scalar, z.array(scalar).min(1), z.strictObject({ not: z.array(scalar).min(1) })]);
const conditions = z.record(z.string(), condition);
const eventType = z.string().regex(/^[a-z-]+\.[a-z-]+$/, 'an event type, e.g. gate.forced-open');
const kebab = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'kebab-case');

export const trades = [
  'access',
  'video',
  'electrical',
  'fire',
  'gas',
  'plumbing',
  'lift',
  'network',
  'general',
] as const;

const seconds = z
  .int()
  .min(1)
  .max(31 * 86_400);
/** How one device hangs on another. */
export const hangings = ['gateway', 'uplink', 'power'] as const;
export type Hanging = (typeof hangings)[number];

const rule = z
  .strictObject({
    id: kebab,
    on: z.strictObject({
      type: eventType,
      kinds: z.array(z.string()).min(1).optional(),
      /** What the data file of the device's model says of the fault's code; a device without a model has none. */
      class: z.enum(faultClasses).optional(),
      where: conditions.optional(),
    }),
    /** The fault's code, or the field of the event's data that names it. */
    code: kebab.optional(),
    codeFrom: z.string().optional(),
    /** The field that names the part: faults of two parts are two faults. */
    componentFrom: z.string().optional(),
    /** `{code}` stands for the fault's word in `fault-words.yaml`. */
    title: bilingual,
    serviceLevel: kebab,
    trade: z.enum(trades),
    lasting: z.boolean(),
    clearedBy: z
      .array(
        z.strictObject({
          type: eventType,
          where: conditions.optional(),
          /** Where this event names the part in another field than the one that raises. */
          componentFrom: z.string().optional(),
        }),
      )
      .default([]),
    /**
     * A person closed or cancelled the order while the fault stood, and the device reports it again without having
     * cleared it. `null`: nothing until it was cleared, for the person has judged that very fault. A number: a report
     * later than this is a new happening, for faults that tell of danger or of an act and may never be cleared.
     */
    raiseAgainAfterSeconds: z.int().min(1).nullable().default(null),
    /** It counts once it has stood so long; left out, at once. */
    countsAfterSeconds: seconds.optional(),
    /** Or once it was reported so often, whichever comes first. */
    countsAfterTimes: z.strictObject({ times: z.int().min(2).max(50), withinSeconds: seconds }).optional(),
    /** It is over once it was quiet so long: each report in between begins the time anew. */
    clearsAfterSeconds: seconds.optional(),
    /** It began so often within that time: one order, which stands until nothing was heard for `quietSeconds`. */
    flapping: z
      .strictObject({ times: z.int().min(2).max(50), withinSeconds: seconds, quietSeconds: seconds })
      .optional(),
    /** The device isn't heard: where a device that it hangs on has a fault that `covers` it, that one's order stands for it. */
    silence: z.boolean().default(false),
    /** Which devices' silence this fault explains: those heard beneath it, connected through it, fed by it. */
    covers: z.array(z.enum(hangings)).default([]),
    /** Still silent so long after what explained it is over, it gets an order of its own. */
    comesOutAfterSeconds: seconds.default(600),
  })
  .refine(({ code, codeFrom }) => (code === undefined) !== (codeFrom === undefined), 'name one of code and codeFrom')
  .refine(({ lasting, clearedBy }) => lasting === clearedBy.length > 0, {
    path: ['clearedBy'],
    message: 'a lasting fault names what clears it, a momentary one nothing',
  })
  .superRefine((given, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const { lasting, countsAfterSeconds, countsAfterTimes } = given;
    for (const field of ['countsAfterSeconds', 'clearsAfterSeconds', 'flapping'] as const) {
      if (!lasting && given[field] !== undefined) wrong(field, 'only a lasting fault stands for a time');
    }
    if (!lasting && (given.silence || given.covers.length > 0)) wrong('silence', 'silence lasts');
    if (lasting && countsAfterTimes !== undefined && countsAfterSeconds === undefined) {
      wrong('countsAfterTimes', 'a lasting fault also names countsAfterSeconds: it may stand without a second report');
    }
  });
export type FaultRule = z.infer<typeof rule>;

export const faultPolicy = z.strictObject({
  /** Heard longer than this after it happened, a report is late: it corrects the past and sounds no alarm. */
  lateAfterSeconds: z.int().min(1),
  /** Orders of devices that were raised so long before the loss of what they hang on was known are folded into its order. */
  foldBackSeconds: z.int().min(0).max(86_400).default(600),
  /**
   * So many orders of a compound within that time are a storm: further faults are gathered into one order for each
   * parent or building, kind and code, and what is beyond `ordersMax` of these into one for the compound. It is over
   * when no fault was heard for `quietSeconds`.
   */
  storm: z
    .strictObject({
      faults: z.int().min(2).max(1000),
      withinSeconds: seconds,
      quietSeconds: seconds,
      ordersMax: z.int().min(1).max(100),
      /** Classes that always have an order for each fault. */
      except: z.array(z.enum(priorities)),
    })
    .optional(),
  /** The first rule that fits an event decides. */
  rules: z.array(rule).min(1),
});
export type FaultPolicy = z.infer<typeof faultPolicy>;

type Scalar = z.infer<typeof scalar>;
type Condition = z.infer<typeof condition>;

/** `in`: one of these; else none of these. */
const asSet = (wanted: Condition): { in: boolean; values: Scalar[] } =>
  typeof wanted !== 'object'
    ? { in: true, values: [wanted] }
    : Array.isArray(wanted)
      ? { in: true, values: wanted }
      : { in: false, values: wanted.not };

const holds = (wanted: Condition, value: unknown): boolean => {
  const set = asSet(wanted);
  return set.values.some((candidate) => candidate === value) === set.in;
};

export const fits = (where: FaultRule['on']['where'], data: Record<string, unknown>): boolean =>
  Object.entries(where ?? {}).every(([field, wanted]) => holds(wanted, data[field]));

/** Whatever fulfils `narrow` fulfils `wide` as well. */
const implies = (narrow: Condition | undefined, wide: Condition): boolean => {
  if (narrow === undefined) return false;
  const [a, b] = [asSet(narrow), asSet(wide)];
  if (a.in) return a.values.every((value) => b.values.includes(value) === b.in);
  return !b.in && b.values.every((value) => a.values.includes(value));
};

const takesAllOf = (earlier: FaultRule, later: FaultRule): boolean =>
  earlier.on.type === later.on.type &&
  (earlier.on.kinds === undefined || (later.on.kinds?.every((kind) => earlier.on.kinds?.includes(kind)) ?? false)) &&
  (earlier.on.class === undefined || earlier.on.class === later.on.class) &&
  Object.entries(earlier.on.where ?? {}).every(([field, wanted]) => implies(later.on.where?.[field], wanted));

/** Everything that makes the policy say something else than it seems to say. */
export const policyComplaints = ({ rules }: FaultPolicy, levels: ServiceLevels): string[] =>
  rules.flatMap((rule, index) => {
    const shadow = rules.slice(0, index).find((earlier) => takesAllOf(earlier, rule));
    return [
      ...(rules.findIndex(({ id }) => id === rule.id) < index ? [`rule ${rule.id} is there twice`] : []),
      ...(levels.has(rule.serviceLevel) ? [] : [`rule ${rule.id}: no service level ${rule.serviceLevel}`]),
      ...(shadow === undefined
        ? []
        : [`rule ${rule.id} never applies: ${shadow.id} before it takes all of its events`]),
    ];
  });

const checked = (policy: FaultPolicy, levels: ServiceLevels, file: string): FaultPolicy => {
  const complaints = policyComplaints(policy, levels);
  if (complaints.length > 0) throw new DataFileWrong(file, complaints);
  return policy;
};

export const parseFaultPolicy = (text: string, levels: ServiceLevels, file = 'fault-policy.yaml'): FaultPolicy =>
  checked(parseDataFile<FaultPolicy>(faultPolicy, file, text), levels, file);

export const loadFaultPolicy = (
  levels: ServiceLevels = loadServiceLevels(),
  url: URL = new URL('./fault-policy.yaml', import.meta.url),
): FaultPolicy => checked(readDataFile<FaultPolicy>(faultPolicy, url), levels, 'fault-policy.yaml');
