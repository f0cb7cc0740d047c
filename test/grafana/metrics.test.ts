import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { createMetrics } from '../../services/runtime/metrics.ts';
import { usedBy } from './promql.ts';
import { dashboards, yamlOf } from './provisioned.ts';

const rules = yamlOf(
  'infra/prometheus/rules/xingyuan.yaml',
  z.strictObject({
    groups: z.array(
      z.strictObject({
        name: z.string(),
        rules: z.array(
          z.strictObject({
            alert: z.string(),
            expr: z.string(),
            for: z.string().optional(),
            labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
            annotations: z.strictObject({ summary: z.string(), description: z.string() }),
          }),
        ),
      }),
    ),
  }),
).groups.flatMap((group) => group.rules);

const scrape = yamlOf(
  'infra/prometheus/prometheus.yml',
  z.looseObject({
    rule_files: z.array(z.string()),
    scrape_configs: z.array(
      z.strictObject({
        job_name: z.string(),
        metrics_path: z.string(),
        basic_auth: z.strictObject({ username: z.string(), password_file: z.string() }),
        static_configs: z.array(z.strictObject({ targets: z.array(z.string()).min(1) })),
      }),
    ),
  }),
);

const expressions: [where: string, expr: string][] = [
  ...rules.map(({ alert, expr }): [string, string] => [alert, expr]),
  ...dashboards().flatMap(([, { panels }]) =>
    panels.flatMap(({ title, targets }) =>
      targets.flatMap(({ expr }): [string, string][] => (expr === undefined ? [] : [[title, expr]])),
    ),
  ),
];

interface KnownMetric {
  name: string;
  type: string;
  labelNames?: string[];
}
const registered = createMetrics().registry.getMetricsAsArray() as unknown as (KnownMetric & { help: string })[];
/** Prometheus adds these to every series of a target. */
const ofTarget = ['job', 'instance'];

const known = new Map<string, string[]>([['up', ofTarget]]);
for (const { name, type, labelNames = [] } of registered) {
  const labels = [...labelNames, ...ofTarget];
  if (type === 'histogram') {
    for (const part of ['_sum', '_count']) known.set(`${name}${part}`, labels);
    known.set(`${name}_bucket`, [...labels, 'le']);
  } else known.set(name, labels);
}

describe('what a query reads', () => {
  test.each([
    [
      'sum by (le, type) (rate(a_total{x="1",y=~"b|c"}[5m]))',
      [{ name: 'a_total', labels: ['x', 'y'] }],
      ['le', 'type'],
    ],
    ['histogram_quantile(0.99, b_bucket) > 1 and on (job) c{} == 0', ['b_bucket', 'c'], ['job']],
    ['absent(up{job="hub"})', [{ name: 'up', labels: ['job'] }], []],
  ] as const)('%s', (expr, metrics, grouped) => {
    const expected = metrics.map((metric) => (typeof metric === 'string' ? { name: metric, labels: [] } : metric));
    expect(usedBy(expr)).toEqual({ metrics: expected, grouped });
  });
});

test.each(expressions)('%s reads metrics and labels that the hub has: %s', (_, expr) => {
  const { metrics, grouped } = usedBy(expr);
  expect(metrics.length).toBeGreaterThan(0);
  for (const { name, labels } of metrics) {
    expect([...known.keys()]).toContain(name);
    expect(known.get(name)).toEqual(expect.arrayContaining([...labels, ...grouped]));
  }
});

test('rules and scrape agree on the job, and every rule speaks both languages', () => {
  expect(scrape.scrape_configs.map(({ job_name }) => job_name)).toEqual(['hub']);
  for (const { expr } of rules) {
    for (const [, job] of expr.matchAll(/job="([^"]*)"/g)) expect(job).toBe('hub');
  }
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { annotations } of rules) expect(annotations.summary).toMatch(/\p{Script=Han}.* [A-Z]/u);
});

test.each(registered.filter(({ name }) => name.startsWith('hub_')).map((metric) => [metric.name, metric] as const))(
  '%s is named as Prometheus wants it, base unit last',
  (name, { type, help }) => {
    expect(name).toMatch(/^hub_[a-z]+(_[a-z]+)*$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(name).not.toMatch(
      /_(milliseconds|ms|minutes|hours|days|kilobytes|megabytes|percent|count|sum|bucket)(_total)?$/,
    );
    if (type === 'histogram') expect(name).toMatch(/_(seconds|bytes)$/);
    expect(help).toMatch(/^\S.{10,}[^.]$/);
  },
);

const promtool = (...words: string[]) =>
  spawnSync('promtool', words, { cwd: join(import.meta.dirname, '../../infra/prometheus'), encoding: 'utf8' });
const hasPromtool = promtool('--version').error === undefined;

test(
  hasPromtool
    ? 'Prometheus’ own tool takes the configuration, and its rules fire when they should and not before'
    : 'NOT TRIED: the rules against Prometheus’ own tool; install it with: apt-get install prometheus',
  () => {
    if (!hasPromtool) return;
    for (const words of [
      ['check', 'config', '--syntax-only', 'prometheus.yml'],
      ['check', 'rules', 'rules/xingyuan.yaml'],
      ['test', 'rules', 'rules-test.yaml'],
    ]) {
      const { status, stdout, stderr } = promtool(...words);
      expect({ words, status, said: status === 0 ? '' : stdout + stderr }).toEqual({ words, status: 0, said: '' });
    }
  },
);
