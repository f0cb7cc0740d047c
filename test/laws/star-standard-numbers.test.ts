import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isScalar, parseDocument, visit } from 'yaml';
import {
  basisLetters,
  type Criterion,
  criterionFile,
  type Standard,
  standardFile,
} from '../../services/projections/star-rating/standard.ts';
import { standardName, standards } from '../../services/projections/star-rating/standards.ts';
import { type StandardTable, standardTables } from './star-standard-tables.ts';

const folder = join(import.meta.dirname, '../../services/projections/star-rating/standards');

/** `positions=entrance,main-road heard=false`, fields within fields with a dot. */
const parametersOf = (value: object, prefix = ''): string[] =>
  Object.entries(value).flatMap(([key, each]) => {
    if (key === 'name' && prefix === '') return [];
    if (Array.isArray(each)) return [`${prefix}${key}=${each.join(',')}`];
    return typeof each === 'object' ? parametersOf(each, `${prefix}${key}.`) : [`${prefix}${key}=${each}`];
  });
const sorted = (text: string): string => text.trim().split(' ').sort().join(' ');

const lineOf = (criterion: Criterion): string => {
  const { id, category, thresholds, unit, points, mandatoryFrom, profiles, measure } = criterion;
  return [
    id,
    category,
    `${thresholds[3]}/${thresholds[4]}/${thresholds[5]} ${unit}`,
    points,
    mandatoryFrom ?? '-',
    profiles.length === 2 ? 'all' : profiles.join(','),
    basisLetters(criterion),
    sorted([measure.name, ...parametersOf(measure)].join(' ')),
  ].join(' | ');
};
const lineAsTyped = (line: string): string => {
  const cells = line.split(' | ');
  return [...cells.slice(0, -1), sorted(cells.at(-1)!)].join(' | ');
};

const tableOf = (standard: Standard): StandardTable => {
  const { bands, shares, profiles, categories, criteria } = standard;
  const { effectiveFrom, draft, floorPercent, nothingBelowPercent, windowDays } = standard;
  return {
    ...{ effectiveFrom, draft, floorPercent, nothingBelowPercent, windowDays },
    bands: Object.values(bands).join('/'),
    shares: Object.values(shares).join('/'),
    profiles: `new ${profiles.new}, retrofit ${profiles.retrofit}`,
    categories: categories.map(({ id, points }) => `${id} ${points}`).join(', '),
    criteria: criteria.map(lineOf).join('\n'),
  };
};
const typedTable = (name: string): StandardTable => {
  const table = standardTables[name]!;
  return { ...table, criteria: table.criteria.trim().split('\n').map(lineAsTyped).join('\n') };
};
const fits = (standard: Standard): boolean =>
  JSON.stringify(tableOf(standard), Object.keys(typedTable(standardName(standard))).sort()) ===
  JSON.stringify(typedTable(standardName(standard)), Object.keys(typedTable(standardName(standard))).sort());

test('every standard has its table', () => {
  expect(Object.keys(standardTables).sort()).toEqual(standards().map(standardName).sort());
});

describe.each(standards().map((standard) => [standardName(standard), standard] as const))('%s', (name, standard) => {
  const own = join(folder, standard.id, standard.version);
  const files = ['standard.yaml', ...readdirSync(join(own, 'criteria')).map((file) => `criteria/${file}`)].map(
    (file) => ({ name: file, text: readFileSync(join(own, file), 'utf8') }),
  );

  test('says what its document says', () => {
    expect(tableOf(standard)).toEqual(typedTable(name));
    expect(fits(standard)).toBe(true);
  });

  /** The file with its n-th value that is counted or compared changed, or `undefined` beyond the last. */
  const changed = (text: string, which: number): string | undefined => {
    const document = parseDocument(text);
    let seen = -1;
    let done = false;
    visit(document, {
      Pair(_, pair, path) {
        const key = isScalar(pair.key) ? String(pair.key.value) : '';
        // Words for people are not what a number hangs on.
        if (['title', 'jurisdiction', 'notice', 'notes', 'basis', 'basisLegend'].includes(key)) return visit.SKIP;
        if (path.length === 1 && ['id', 'version', 'unit', 'category'].includes(key)) return visit.SKIP;
        return undefined;
      },
      Scalar(key, node) {
        if (key === 'key' || done) return undefined;
        const value = node.value;
        if (typeof value !== 'number' && typeof value !== 'boolean') return undefined;
        seen += 1;
        if (seen !== which) return undefined;
        node.value = typeof value === 'boolean' ? !value : value + 1;
        done = true;
        return visit.BREAK;
      },
    });
    return done ? document.toString() : undefined;
  };
  /** Whether the file, with that text, is refused or gives another standard than the table's. */
  const isSeen = (name: string, text: string): boolean => {
    const data: unknown = parseDocument(text).toJS();
    if (name === 'standard.yaml') {
      const head = standardFile.safeParse(data);
      return !head.success || !fits({ ...head.data, criteria: standard.criteria });
    }
    const parsed = criterionFile.safeParse(data);
    if (!parsed.success) return true;
    const criteria = standard.criteria.map((criterion) => (criterion.id === parsed.data.id ? parsed.data : criterion));
    return !fits({ ...standard, criteria });
  };

  test('no number and no switch in any of its files can be changed without notice', () => {
    let tried = 0;
    const unseen: string[] = [];
    for (const file of files) {
      expect({ file: file.name, seen: isSeen(file.name, file.text) }).toEqual({ file: file.name, seen: false });
      for (let which = 0; ; which += 1) {
        const text = changed(file.text, which);
        if (text === undefined) break;
        tried += 1;
        if (!isSeen(file.name, text)) unseen.push(`${file.name}: value ${which}`);
      }
    }
    expect(unseen).toEqual([]);
    // Three thresholds and points or a parameter in each, twenty and more in the standard itself.
    expect(tried).toBeGreaterThan(4 * standard.criteria.length);
  });

  test('no selection of a measure can be changed without notice', () => {
    const lists = standard.criteria.flatMap(({ id, measure }) =>
      Object.entries(measure).flatMap(([key, value]) =>
        key !== 'name' && (Array.isArray(value) || typeof value === 'string') ? [{ id, key }] : [],
      ),
    );
    expect(lists.length).toBeGreaterThan(30);
    for (const { id, key } of lists) {
      const criteria = standard.criteria.map((criterion) => {
        if (criterion.id !== id) return criterion;
        const value: unknown = Reflect.get(criterion.measure, key);
        const other = Array.isArray(value) ? [...value, 'another'] : 'another';
        return { ...criterion, measure: { ...criterion.measure, [key]: other } as Criterion['measure'] };
      });
      expect({ id, key, fits: fits({ ...standard, criteria }) }).toEqual({ id, key, fits: false });
    }
  });
});
