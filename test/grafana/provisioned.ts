import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const source = z.object({ type: z.string(), uid: z.string() });
const target = z.object({
  refId: z.string(),
  datasource: source,
  rawSql: z.string().optional(),
  expr: z.string().optional(),
  format: z.string().optional(),
});
const gridPos = z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() });
const panel = z.looseObject({
  id: z.number(),
  type: z.string(),
  title: z.string(),
  description: z.string(),
  gridPos,
  datasource: source,
  targets: z.array(target).min(1),
  fieldConfig: z.looseObject({
    overrides: z.array(
      z.object({
        matcher: z.object({ id: z.string(), options: z.string() }),
        properties: z.array(z.object({ id: z.string(), value: z.unknown() })),
      }),
    ),
  }),
});
const variable = z.looseObject({
  name: z.string(),
  type: z.enum(['query', 'textbox']),
  label: z.string(),
  query: z.string(),
  multi: z.boolean().optional(),
});
const dashboard = z.looseObject({
  uid: z.string(),
  title: z.string(),
  description: z.string(),
  schemaVersion: z.number(),
  templating: z.object({ list: z.array(variable) }),
  panels: z.array(panel).min(1),
});
export type Panel = z.infer<typeof panel>;
export type Variable = z.infer<typeof variable>;
export type Dashboard = z.infer<typeof dashboard>;

const grafanaFolder = 'dashboards/grafana';

/** Every dashboard as it is committed, by its path. */
export const dashboards = (): [path: string, dashboard: Dashboard][] =>
  readdirSync(join(root, grafanaFolder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => `${grafanaFolder}/${name}`)
    .map((path) => [path, dashboard.parse(JSON.parse(read(path)))]);

const alertRule = z.strictObject({
  uid: z.string().regex(/^[a-z0-9-]{1,40}$/),
  title: z.string(),
  condition: z.literal('B'),
  for: z.string().regex(/^\d+[smh]$/),
  noDataState: z.enum(['NoData', 'Alerting', 'OK', 'KeepLast']),
  execErrState: z.enum(['Error', 'Alerting', 'OK', 'KeepLast']),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  data: z.tuple([
    z.object({
      refId: z.literal('A'),
      datasourceUid: z.string(),
      model: z.object({ rawSql: z.string(), format: z.literal('table') }),
    }),
    z.object({
      refId: z.literal('B'),
      datasourceUid: z.literal('__expr__'),
      model: z.object({ expression: z.literal('A') }),
    }),
  ]),
});
const alertFile = z.object({
  apiVersion: z.literal(1),
  groups: z.array(
    z.strictObject({
      orgId: z.number(),
      name: z.string(),
      folder: z.string(),
      interval: z.string(),
      rules: z.array(alertRule),
    }),
  ),
});
export type AlertRule = z.infer<typeof alertRule>;

export const alertRules = (): AlertRule[] =>
  alertFile
    .parse(JSON.parse(read('infra/grafana/provisioning/alerting/rules.json')))
    .groups.flatMap(({ rules }) => rules);

export const generated = (path: string): unknown => JSON.parse(read(path));
export const yamlOf = <Schema extends z.ZodType>(path: string, schema: Schema): z.infer<Schema> =>
  schema.parse(parse(read(path)));
