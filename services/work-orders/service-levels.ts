import { z } from 'zod';
import { bilingual } from '../runtime/schema.ts';
import { priorities } from './commands.ts';
import { DataFileWrong, parseDataFile, readDataFile } from './data-file.ts';

/** Where a number comes from, from an official page (A) to this project's default (D); the page shows it. */
const basis = z.enum(['A', 'B', 'C', 'D', 'K', 'N']);
const duration = z.strictObject({ seconds: z.int().min(1), basis }).nullable();

export const serviceLevel = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'kebab-case'),
  title: bilingual,
  priority: z.enum(priorities),
  acknowledge: duration,
  onSite: duration,
  resolve: duration,
  /** The clock pauses outside service hours where a compound's contract says so; else it runs day and night. */
  serviceHours: z.boolean(),
});
export type ServiceLevel = z.infer<typeof serviceLevel>;
export type ServiceLevels = ReadonlyMap<string, ServiceLevel>;

const file = z.strictObject({ levels: z.array(serviceLevel).min(1) });

const byId = (name: string, levels: ServiceLevel[]): ServiceLevels => {
  const result = new Map<string, ServiceLevel>();
  for (const level of levels) {
    if (result.has(level.id)) throw new DataFileWrong(name, [`levels: ${level.id} is there twice`]);
    const steps = [level.acknowledge, level.onSite, level.resolve].flatMap((step) => (step ? [step.seconds] : []));
    if (steps.some((seconds, index) => seconds < (steps[index - 1] ?? 0))) {
      throw new DataFileWrong(name, [`${level.id}: a later step is due before an earlier one`]);
    }
    result.set(level.id, level);
  }
  return result;
};

export const parseServiceLevels = (text: string, name = 'service-levels.yaml'): ServiceLevels =>
  byId(name, parseDataFile(file, name, text).levels);

export const loadServiceLevels = (url: URL = new URL('./service-levels.yaml', import.meta.url)): ServiceLevels =>
  byId('service-levels.yaml', readDataFile(file, url).levels);
