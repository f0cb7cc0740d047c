import { z } from 'zod';
import { bilingual } from '../../runtime/schema.ts';
import { clockSteps, priorities } from '../commands.ts';
import { DataFileWrong, parseDataFile, readDataFile } from '../data-file.ts';
import { loadServiceLevels, type ServiceLevels } from '../service-levels.ts';

/** Where a number comes from, from an official page (A) to this project's default (D); whoever shows it shows this too. */
const basis = z.enum(['A', 'B', 'C', 'D', 'K', 'N']);
const count = z.strictObject({ count: z.int().min(1), basis });
const workingDays = z.strictObject({ workingDays: z.int().min(1).max(250), basis });
/** In working days, or in minutes by day and night. */
const duration = z.union([workingDays, z.strictObject({ minutes: z.int().min(1), basis })]);
export type Duration = z.infer<typeof duration>;

const departmentId = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'kebab-case');
const departmentIds = z.array(departmentId).min(1);
export const department = z.strictObject({ id: departmentId, title: bilingual, basis });

const whistleClocks = z.strictObject({
  reportIn: duration,
  /** Until then the wrong department may return it; `null`: it may not. */
  returned: duration.nullable(),
  closed: duration,
  /** All extensions together; `null`: it gets none. */
  extended: workingDays.nullable(),
});

export const ladderFile = z.strictObject({
  departments: z.array(department).min(1),
  climbing: z.strictObject({
    breaches: count,
    overdue: z.strictObject({ hours: z.int().min(1), workingDays: z.int().min(1), basis }),
    urgent: z.strictObject({
      priorities: z.array(z.enum(priorities)),
      steps: z.array(z.enum(clockSteps)),
      basis,
      /** By service level. */
      departments: z.record(z.string(), departmentIds),
      otherwise: departmentIds,
    }),
  }),
  jointMeeting: z.strictObject({ screened: workingDays, met: workingDays, decided: workingDays }),
  whistles: z.strictObject({ approved: workingDays, ordinary: whistleClocks, emergency: whistleClocks }),
  supervision: z.strictObject({
    reply: workingDays,
    redCard: z.strictObject({ levels: z.array(z.enum(['L1', 'L2'])), basis }),
    returns: count,
    redos: z.strictObject({ count: z.int().min(0), basis }),
  }),
  cards: z.strictObject({ yellow: z.strictObject({ workingDaysBefore: z.int().min(1), basis }) }),
  satisfied: z.strictObject({ score: z.int().min(1).max(5), basis }),
  whistleRate: z.strictObject({
    low: z.number().min(0).max(100),
    high: z.number().min(0).max(100),
    /** With fewer matters the rate is no signal. */
    matters: z.int().min(1),
    basis,
  }),
});
export type Ladder = z.infer<typeof ladderFile>;

const complaintsOf = (ladder: Ladder, levels: ServiceLevels): string[] => {
  const complaints: string[] = [];
  const known = new Set(ladder.departments.map(({ id }) => id));
  if (known.size < ladder.departments.length) complaints.push('departments: one is there twice');
  const { urgent } = ladder.climbing;
  for (const [level, called] of [...Object.entries(urgent.departments), ['otherwise', urgent.otherwise] as const]) {
    if (level !== 'otherwise' && !levels.has(level))
      complaints.push(`climbing.urgent.departments: there is no service level ${level}`);
    for (const id of called) if (!known.has(id)) complaints.push(`climbing.urgent: ${level}: no department ${id}`);
  }
  const { screened, met, decided } = ladder.jointMeeting;
  if (screened.workingDays > met.workingDays || met.workingDays > decided.workingDays)
    complaints.push('jointMeeting: a later step is due before an earlier one');
  if (ladder.whistleRate.low >= ladder.whistleRate.high) complaints.push('whistleRate: low is not below high');
  return complaints;
};

const checked = (name: string, ladder: Ladder): Ladder => {
  const complaints = complaintsOf(ladder, loadServiceLevels());
  if (complaints.length > 0) throw new DataFileWrong(name, complaints);
  return ladder;
};

export const parseLadder = (text: string, name = 'ladder.yaml'): Ladder =>
  checked(name, parseDataFile(ladderFile, name, text));

export const loadLadder = (url: URL = new URL('./ladder.yaml', import.meta.url)): Ladder =>
  checked('ladder.yaml', readDataFile(ladderFile, url));

export const departmentTitle = (
  { departments }: Pick<Ladder, 'departments'>,
  wanted: string,
): z.infer<typeof bilingual> => departments.find(({ id }) => id === wanted)?.title ?? { zh: wanted, en: wanted };
