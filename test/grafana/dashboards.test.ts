import { z } from 'zod';
import { generatedFiles } from '../../dashboards/grafana/generated-files.ts';
import { alertRules, type Dashboard, dashboards, generated, type Panel, yamlOf } from './provisioned.ts';

const provisioning = 'infra/grafana/provisioning';
const sources = yamlOf(
  `${provisioning}/datasources/xingyuan.yaml`,
  z.looseObject({ datasources: z.array(z.looseObject({ uid: z.string(), type: z.string() })) }),
).datasources;
const providers = yamlOf(
  `${provisioning}/dashboards/xingyuan.yaml`,
  z.looseObject({
    providers: z.array(z.looseObject({ folder: z.string(), options: z.object({ path: z.string() }) })),
  }),
).providers;

const all = dashboards();
const chinese = /\p{Script=Han}/u;

test('what is committed is what the sources say: npx tsx dashboards/grafana/generate.ts', () => {
  const files = generatedFiles();
  expect(all.map(([path]) => path).sort()).toEqual(
    Object.keys(files)
      .filter((path) => path.startsWith('dashboards/'))
      .sort(),
  );
  for (const [path, content] of Object.entries(files)) {
    expect({ path, content: generated(path) }).toEqual({ path, content: JSON.parse(JSON.stringify(content)) });
  }
});

test('each folder of dashboards is provisioned, and no other', () => {
  const folders = all.map(([path]) =>
    path.replace(/^dashboards\/grafana\/(.*)\/[^/]+$/, '/etc/xingyuan/dashboards/$1'),
  );
  expect(providers.map(({ options }) => options.path).sort()).toEqual([...new Set(folders)].sort());
  expect(new Set(all.map(([, { uid }]) => uid)).size).toBe(all.length);
});

const overlap = (a: Panel['gridPos'], b: Panel['gridPos']): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

const urlsOf = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(urlsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, own]) =>
    key === 'url' && typeof own === 'string' ? [own] : urlsOf(own),
  );
};

describe.each(all)('%s', (_, dashboard: Dashboard) => {
  test('is a classic dashboard with Chinese titles and English descriptions', () => {
    // File provisioning refuses the newer format.
    expect(dashboard.schemaVersion).toBe(42);
    for (const { title, description } of [dashboard, ...dashboard.panels]) {
      expect(title).toMatch(chinese);
      expect(description).toMatch(/[A-Za-z]{3}/);
      expect(description).not.toMatch(chinese);
    }
    for (const { label } of dashboard.templating.list) expect(label).toMatch(/\p{Script=Han}.* [A-Z]/u);
  });

  test('has panels that lie side by side, each with a number of its own', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const [index, { gridPos }] of panels.entries()) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      expect(panels.slice(index + 1).some((other) => overlap(gridPos, other.gridPos))).toBe(false);
    }
  });

  test('asks provisioned sources only', () => {
    const known = sources.map(({ uid, type }) => ({ uid, type }));
    for (const panel of dashboard.panels) {
      for (const { datasource } of [panel, ...panel.targets]) expect(known).toContainEqual(datasource);
    }
  });

  test('links to the hub’s pages and to dashboards that exist', () => {
    const urls = urlsOf(dashboard);
    expect(urls.length).toBeGreaterThan(3);
    for (const url of urls) {
      const [, uid] = /^\/d\/([a-z-]+)/.exec(url) ?? [];
      if (uid !== undefined) expect(all.map(([, other]) => other.uid)).toContain(uid);
      else expect(url).toMatch(/^\$\{hub_url\}\/#\/(now|orders|devices|stars)\b/);
    }
  });
});

test('a star leads to its explanation', () => {
  const explained = all
    .filter(([, dashboard]) => urlsOf(dashboard).includes(`\${hub_url}/#/stars?compound=\${__data.fields.compound}`))
    .map(([, { uid }]) => uid);
  expect(explained).toEqual(['xingyuan-city', 'xingyuan-compound']);
});

test('alert rules have ids of their own, both languages, and no dollar that provisioning would take for a variable', () => {
  const rules = alertRules();
  expect(new Set(rules.map(({ uid }) => uid)).size).toBe(rules.length);
  for (const { title, annotations, labels, data } of rules) {
    expect(title).toMatch(/\p{Script=Han}.* [A-Z]/u);
    expect(annotations).toMatchObject({ summary: expect.stringMatching(chinese), description: expect.any(String) });
    expect(JSON.stringify([title, annotations, labels])).not.toContain('$');
    expect(sources.map(({ uid }) => uid)).toContain(data[0].datasourceUid);
  }
});
