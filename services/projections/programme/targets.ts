import { z } from 'zod';
import { timeZone } from '../../registry/registry.ts';
import { DataFileWrong, parseDataFile, readDataFile } from '../../work-orders/data-file.ts';

const yearTargets = z.strictObject({
  target: z.int().min(0),
  basis: z.enum(['A', 'B', 'C', 'D', 'K', 'N']),
  districts: z.record(z.string(), z.int().min(0)).default({}),
});
const file = z.strictObject({
  /** Whose years these are. */
  timeZone,
  /** For a year that has no line of its own. */
  everyYear: yearTargets,
  years: z.record(z.string().regex(/^[0-9]{4}$/), yearTargets),
});
export type ProgrammeTargets = z.infer<typeof file>;
export type YearTargets = z.infer<typeof yearTargets>;

const checked = (name: string, targets: ProgrammeTargets): ProgrammeTargets => {
  const complaints = Object.entries({ everyYear: targets.everyYear, ...targets.years }).flatMap(([year, entry]) => {
    const sum = Object.values(entry.districts).reduce((total, next) => total + next, 0);
    return sum > entry.target
      ? [`${year}: its districts add up to ${sum}, more than its target of ${entry.target}`]
      : [];
  });
  if (complaints.length > 0) throw new DataFileWrong(name, complaints);
  return targets;
};

export const parseProgrammeTargets = (text: string, name = 'programme.yaml'): ProgrammeTargets =>
  checked(name, parseDataFile(file, name, text));

export const loadProgrammeTargets = (url: URL = new URL('./programme.yaml', import.meta.url)): ProgrammeTargets =>
  checked('programme.yaml', readDataFile(file, url));

export const targetsOf = ({ everyYear, years }: ProgrammeTargets, year: number): YearTargets =>
  years[String(year)] ?? everyYear;
