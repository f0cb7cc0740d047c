import { systemClock } from '../../services/runtime/clock.ts';
import { openPool } from '../../services/runtime/postgres.ts';
import { type Expansion, expand, type VariableValue } from './expand.ts';
import { alertRules, type Dashboard, dashboards, type Panel } from './provisioned.ts';
import { boundlessScans } from './query-plan.ts';

/** PostgreSQL's types by their numbers, as Grafana sorts them: what can be a time, a value, a name. */
const kindOf: Readonly<Record<number, 'time' | 'number' | 'text' | 'boolean'>> = {
  ...{ 1184: 'time', 1114: 'time', 1082: 'time' },
  ...{ 20: 'number', 21: 'number', 23: 'number', 700: 'number', 701: 'number', 1700: 'number' },
  ...{ 25: 'text', 1043: 'text', 2950: 'text', 16: 'boolean' },
};

const daysOf = (dashboard: Dashboard): number => {
  const [, count, unit] = /^now-(\d+)([dh])$/.exec((dashboard.time as { from: string }).from)!;
  return unit === 'd' ? Number(count) : Number(count) / 24;
};

const looked = dashboards().flatMap(([path, dashboard]) =>
  dashboard.panels.flatMap((panel) =>
    panel.targets
      .filter(({ rawSql }) => rawSql !== undefined)
      .map((target): [string, Dashboard, Panel, { rawSql: string; format: string }] => [
        `${path.split('/').at(-1)} ${panel.title}`,
        dashboard,
        panel,
        { rawSql: target.rawSql!, format: target.format! },
      ]),
  ),
);

const monthOf = (ms: number): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(ms).slice(0, 7);
/** So young that no made-up order may be of it. */
const isMonthYoung = (): boolean => monthOf(systemClock.now()) !== monthOf(systemClock.now() - 4 * 3_600_000);

export interface FilledDatabase {
  url: string;
  /** The instant up to which it is filled. */
  nowMs: number;
  /** The compound that has something of everything. */
  compound: string;
}

/** A reader of a database that `fill` fills, with the rights of the reporting role. */
export const createReportReader = (fill: () => Promise<FilledDatabase>) => {
  let filled: FilledDatabase;
  let reader: ReturnType<typeof openPool>;
  beforeAll(async () => {
    filled = await fill();
    const asReader = new URL(filled.url);
    asReader.searchParams.set('options', '-c role=xingyuan_report');
    reader = openPool(asReader.href, { maxConnections: 1 });
    // Before the plans are looked at, and by the owner: a reader may not.
    const owner = openPool(filled.url, { maxConnections: 1 });
    await owner.query('ANALYZE');
    await owner.end();
  }, 240_000);
  afterAll(() => reader?.end());

  const answer = async (sql: string): Promise<{ rows: Record<string, unknown>[]; kinds: Record<string, string> }> => {
    const { rows, fields } = await reader.query<Record<string, unknown>>(sql);
    const kinds = Object.fromEntries(
      fields.map(({ name, dataTypeID }) => [name, kindOf[dataTypeID] ?? `${dataTypeID}`]),
    );
    return { rows, kinds };
  };

  /** What the variables hold at first, each query run as Grafana runs it. */
  const variablesOf = async (dashboard: Dashboard): Promise<Record<string, VariableValue>> => {
    const values: Record<string, VariableValue> = {};
    for (const { name, type, query, multi } of dashboard.templating.list) {
      if (type === 'textbox') {
        values[name] = query;
        continue;
      }
      const { rows } = await answer(query);
      const options = rows.map((row) => String(row.__value ?? Object.values(row)[0]));
      expect(options.length).toBeGreaterThan(0);
      values[name] = multi === true ? options : options[0]!;
    }
    return values;
  };

  const expansionOf = (variables: Record<string, VariableValue>, days: number): Expansion => ({
    variables,
    from: new Date(filled.nowMs - days * 86_400_000),
    to: new Date(filled.nowMs + 60_000),
    intervalSeconds: 600,
  });

  /** The SQL with small tables taken for large ones: scans only where nothing else is possible. */
  const planOf = async (sql: string): Promise<unknown> => {
    await reader.query('SET enable_seqscan = off');
    const { rows } = await reader.query<{ 'QUERY PLAN': unknown }>(`EXPLAIN (FORMAT JSON) ${sql}`);
    await reader.query('RESET enable_seqscan');
    return rows[0]?.['QUERY PLAN'];
  };

  return { answer, variablesOf, expansionOf, planOf, compound: () => filled.compound };
};
export type ReportReader = ReturnType<typeof createReportReader>;

/** Every panel's and alert's SQL on a filled database; `emptyAtFirst` are panels that need more than one day. */
export const queriesSuite = (
  { answer, variablesOf, expansionOf, planOf, compound }: ReportReader,
  emptyAtFirst: readonly string[] = [],
): void => {
  test('there is something to look at', () => {
    expect(looked.length).toBeGreaterThan(25);
  });

  describe.each(looked)('%s', (name, dashboard, panel, { rawSql, format }) => {
    let sql: string;
    beforeAll(async () => {
      const variables = await variablesOf(dashboard);
      if ('compound' in variables) variables.compound = compound();
      sql = expand(rawSql, expansionOf(variables, daysOf(dashboard)));
    });

    test('answers with something that the panel can show', async () => {
      const { rows, kinds } = await answer(sql);
      const mayBeEmpty =
        emptyAtFirst.some((title) => name.includes(title)) || (name.includes('本月') && isMonthYoung());
      expect(rows.length).toBeGreaterThanOrEqual(mayBeEmpty ? 0 : 1);
      expect(Object.values(kinds)).not.toContainEqual(expect.stringMatching(/^\d+$/));
      const numbers = Object.entries(kinds).filter(([name, kind]) => kind === 'number' && name !== 'time');
      if (format === 'time_series') {
        expect(['time', 'number']).toContain(kinds.time);
        expect(numbers.length).toBeGreaterThan(0);
        expect(rows.some((row) => numbers.some(([name]) => row[name] !== null))).toBe(true);
        const times = rows.map(({ time }) => Number(time));
        expect(times).toEqual([...times].sort((a, b) => a - b));
      } else if (panel.type !== 'table') {
        expect(numbers.length).toBeGreaterThan(0);
        if (panel.type === 'stat') expect(rows).toHaveLength(1);
      }
    });

    test('names every column that the panel dresses, and dresses every one of a table', async () => {
      const { kinds } = await answer(sql);
      const dressed = panel.fieldConfig.overrides
        .filter(({ matcher }) => matcher.id === 'byName')
        .map(({ matcher }) => matcher.options);
      expect(Object.keys(kinds)).toEqual(expect.arrayContaining(dressed));
      if (panel.type === 'table') expect(dressed.sort()).toEqual(Object.keys(kinds).sort());
    });

    test('reads no large table from end to end', async () => {
      expect(boundlessScans(await planOf(sql))).toEqual([]);
    });
  });

  describe.each(alertRules().map((rule) => [rule.title, rule] as const))('%s', (_, { data, annotations }) => {
    test('answers with one number for each thing it watches, by names that its words use', async () => {
      const sql = expand(data[0].model.rawSql, expansionOf({}, 1 / 24));
      const { rows, kinds } = await answer(sql);
      expect(rows.length).toBeGreaterThan(0);
      expect(Object.values(kinds).filter((kind) => kind === 'number')).toHaveLength(1);
      // A column of times would make a series of it, which a threshold can't judge.
      expect(new Set(Object.values(kinds))).toEqual(new Set(['text', 'number']));
      const labels = rows.map((row) => JSON.stringify(Object.entries(row).filter(([name]) => kinds[name] === 'text')));
      expect(new Set(labels).size).toBe(labels.length);
      expect(rows.every((row) => Object.values(row).every((value) => value !== null))).toBe(true);
      const used = [...JSON.stringify(annotations).matchAll(/\.Labels\.(\w+)/g)].map(([, name]) => name);
      expect(Object.keys(kinds)).toEqual(expect.arrayContaining(used));
      expect(boundlessScans(await planOf(sql))).toEqual([]);
    });
  });
};
