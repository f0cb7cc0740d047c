import { z } from 'zod';
import type { Metric } from './payload.ts';
import type { Known, Named } from './readings.ts';

export type Recall = (key: string) => string | undefined;

const metricsMax = 5_000;
const knownMetrics = z.array(
  z.tuple([z.string(), z.string().nullable(), z.number().nullable(), z.string().nullable()]),
);
const deviceNames = z.array(z.string());

const parsed = <T>(text: string | undefined, schema: z.ZodType<T>): T | undefined => {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

/** Memory of a node: the number of its birth, the number of its last message, its devices that were born. */
export const bornKey = (node: string): string => `born:${node}`;
export const seqKey = (node: string): string => `seq:${node}`;
const devicesKey = (node: string): string => `devices:${node}`;
const metricsKey = (speaker: string): string => `metrics:${speaker}`;

export const devicesOf = (recall: Recall, node: string): string[] =>
  parsed(recall(devicesKey(node)), deviceNames) ?? [];

export const rememberDevices = (node: string, devices: readonly string[]): Record<string, string | null> => ({
  [devicesKey(node)]: devices.length === 0 ? null : JSON.stringify(devices),
});

/** Numbers hold within one birth, so a birth replaces all that was known. */
export const rememberMetrics = (speaker: string, metrics: readonly Metric[]): Record<string, string> => ({
  [metricsKey(speaker)]: JSON.stringify(
    metrics
      .filter(({ name }) => name !== undefined)
      .slice(0, metricsMax)
      .map(({ name, alias, type, unit }) => [name, alias ?? null, type ?? null, unit ?? null]),
  ),
});

export const forgetMetrics = (speaker: string): Record<string, null> => ({ [metricsKey(speaker)]: null });

/** What a node or device said in its birth that it has. */
export const bornMetrics = (recall: Recall, speaker: string): z.infer<typeof knownMetrics> =>
  parsed(recall(metricsKey(speaker)), knownMetrics) ?? [];

/** Metrics with their names; `unnamed` counts those that only a birth could name. */
export const nameMetrics = (
  recall: Recall,
  speaker: string,
  metrics: readonly Metric[],
): { named: Named[]; unnamed: number } => {
  const byAlias = new Map<string, Known>();
  const byName = new Map<string, Known>();
  for (const [name, alias, type, unit] of bornMetrics(recall, speaker)) {
    const known = { name, type: type ?? undefined, unit: unit ?? undefined };
    byName.set(name, known);
    if (alias !== null) byAlias.set(alias, known);
  }
  const named = metrics.flatMap((metric): Named[] => {
    const { name, alias } = metric;
    const known = name === undefined ? byAlias.get(alias ?? '') : (byName.get(name) ?? { name, type: metric.type });
    return known === undefined ? [] : [{ ...metric, known }];
  });
  return { named, unnamed: metrics.length - named.length };
};
