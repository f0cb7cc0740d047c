import { z } from 'zod';

const node = z.looseObject({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Index Cond': z.string().optional(),
  'Recheck Cond': z.string().optional(),
  Filter: z.string().optional(),
  get Plans(): z.ZodOptional<z.ZodArray<typeof node>> {
    return z.array(node).optional();
  },
});
type PlanNode = z.infer<typeof node>;
const explained = z.array(z.object({ Plan: node })).length(1);

const flat = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(flat)];

/** The readings, whichever way they are cut, and the log itself. */
const isLarge = (relation: string): boolean => /^(reading(_\d.*)?|_hyper_.*|event)$/.test(relation);
const boundsTime = /\bat (>|>=|<|<=) /;

/** Scans of a large table that no instant bounds; `EXPLAIN (FORMAT JSON)` gives the plan. */
export const boundlessScans = (plan: unknown): string[] =>
  explained
    .parse(plan)
    .flatMap(({ Plan }) => flat(Plan))
    .filter((scan) => scan['Relation Name'] !== undefined && isLarge(scan['Relation Name']))
    .filter(
      (scan) => ![scan['Index Cond'], scan['Recheck Cond'], scan.Filter].some((text) => boundsTime.test(text ?? '')),
    )
    .map((scan) => `${scan['Node Type']} on ${scan['Relation Name']}`);
