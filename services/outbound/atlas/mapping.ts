import { z } from 'zod';
import { priorities, workOrderCommands } from '../../work-orders/commands.ts';
import { readDataFile } from '../../work-orders/data-file.ts';
import { workOrderEvents } from '../../work-orders/order-events.ts';

export const atlasStatuses = ['OPEN', 'IN_PROGRESS', 'ON_HOLD', 'COMPLETE'] as const;
export type AtlasStatus = (typeof atlasStatuses)[number];
const atlasPriorities = ['NONE', 'LOW', 'MEDIUM', 'HIGH'] as const;

const ids = z.record(z.string(), z.int().positive());
const wish = z.strictObject({
  command: z.enum(Object.keys(workOrderCommands) as [keyof typeof workOrderCommands]),
  data: z.record(z.string(), z.string()).default({}),
});

const mapping = z.strictObject({
  fields: z.strictObject({ title: z.string().includes('{order}'), description: z.string() }),
  priorities: z.record(z.enum(priorities), z.enum(atlasPriorities)),
  locations: ids,
  teams: ids,
  assets: ids,
  statuses: z.partialRecord(
    z.enum(Object.keys(workOrderEvents) as [keyof typeof workOrderEvents]),
    z.enum(atlasStatuses),
  ),
  feedback: z.string(),
  commands: z.record(z.enum(atlasStatuses), z.array(wish)),
});
export type AtlasMapping = z.infer<typeof mapping>;

export const loadAtlasMapping = (url: URL = new URL('./mapping.yaml', import.meta.url)): AtlasMapping =>
  readDataFile(mapping, url);

/** Fills `{name}` and `{name|words}` in; what isn't there and has no words is empty. */
export const filledIn = (text: string, values: Record<string, string | undefined>): string =>
  text.replaceAll(
    /\{(\w+)(?:\|([^}]*))?\}/g,
    (_, name: string, words: string | undefined) => values[name] || words || '',
  );
