import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadStandards, parseStandard, type StandardFile, StandardWrong } from './load-standard.ts';

const head = `id: example
version: '1'
title: { zh: 示例, en: Example }
jurisdiction: { zh: 示例, en: Example }
effectiveFrom: '2026-01-01'
notice: { zh: 示例, en: Example }
bands: { 1: 50, 2: 60, 3: 70, 4: 80, 5: 90 }
floorPercent: 30
shares: { 3: 75, 4: 88, 5: 100 }
nothingBelowPercent: 50
windowDays: 30
profiles: { new: 4, retrofit: 3 }
categories:
  - { id: AAA, title: { zh: 甲, en: Alpha }, points: 100 }
basisLegend: { D: { zh: 默认, en: default } }
`;
const item = `id: AAA-1
title: { zh: 一, en: One }
category: AAA
mandatoryFrom: 3
unit: '%'
thresholds: { 3: 80, 4: 90, 5: 100 }
points: 100
measure:
  name: acknowledged-within
  priorities: [P0]
  withinSeconds: 180
  whenNone: no-evidence
basis:
  3: { letter: D, source: default }
  4: { letter: D, source: default }
  5: { letter: D, source: default }
`;

const files = (standard = head, criterion = item, name = 'criteria/AAA-1.yaml'): StandardFile[] => [
  { name: 'standard.yaml', text: standard },
  { name, text: criterion },
];
const complaints = (given: StandardFile[]): readonly string[] => {
  try {
    parseStandard(given);
  } catch (error) {
    if (error instanceof StandardWrong) return error.complaints;
    throw error;
  }
  return [];
};

test('a standard that is right', () => {
  const standard = parseStandard(files());
  expect(standard.criteria[0]).toMatchObject({
    id: 'AAA-1',
    control: false,
    points: 100,
    profiles: ['new', 'retrofit'],
  });
  expect(complaints(files())).toEqual([]);
});

test.each<[string, StandardFile[], string]>([
  ['no standard.yaml', [], 'standard.yaml: missing'],
  ['broken YAML', files(head, item.replace('[P0]', '[P0')), 'criteria/AAA-1.yaml:11: Flow sequence'],
  ['a wrong type', files(head, item.replace('points: 100', 'points: many')), 'criteria/AAA-1.yaml:7: points: '],
  [
    'a wrong type deep inside',
    files(head, item.replace('180', 'soon')),
    'criteria/AAA-1.yaml:11: measure.withinSeconds: ',
  ],
  ['an unknown measure', files(head, item.replace('acknowledged-within', 'guess')), 'measure.name: '],
  ['a parameter that the measure does not know', files(head, item.replace('whenNone', 'whenever')), 'measure'],
  ['a field that nobody knows', files(head, `${item}colour: red\n`), 'colour'],
  ['a missing field', files(head, item.replace("unit: '%'\n", '')), 'unit'],
  [
    'thresholds that cross',
    files(head, item.replace('4: 90', '4: 70')),
    'criteria/AAA-1.yaml:6: thresholds: a higher star may not ask for less',
  ],
  [
    'an unknown category',
    files(head, item.replace('category: AAA', 'category: ZZZ')),
    'criteria/AAA-1.yaml:3: category: ZZZ is not among',
  ],
  [
    'a name that is not the id',
    files(head, item, 'criteria/AAA-2.yaml'),
    'criteria/AAA-2.yaml:1: id: AAA-1 is not its name',
  ],
  [
    'a letter that is not explained',
    files(head, item.replace('3: { letter: D', '3: { letter: A')),
    'criteria/AAA-1.yaml:14: basis.3.letter: A is not in the basisLegend',
  ],
  [
    'points that do not add up',
    files(head, item.replace('points: 100', 'points: 90')),
    'standard.yaml:14: categories.0: AAA has 100 points, its criteria 90',
  ],
  [
    'categories that do not add up',
    files(head.replace('points: 100', 'points: 90')),
    'standard.yaml:14: categories: their points add up to 90, not to 100',
  ],
  [
    'bands out of order',
    files(head.replace('2: 60', '2: 40')),
    'standard.yaml:7: bands: a higher star may not ask for less',
  ],
  ['shares out of order', files(head.replace('4: 88', '4: 70')), 'standard.yaml:9: shares: a higher star may not earn'],
  [
    'a category that is there twice',
    files(head.replace('points: 100 }', 'points: 50 }\n  - { id: AAA, title: { zh: 乙, en: Beta }, points: 50 }')),
    'standard.yaml:15: categories.1: AAA is there twice',
  ],
  ['a title without Chinese', files(head, item.replace('zh: 一, ', '')), 'criteria/AAA-1.yaml:2: title.zh: '],
  [
    'a title with nothing in English',
    files(head, item.replace('en: One', "en: ' '")),
    'criteria/AAA-1.yaml:2: title.en: ',
  ],
  [
    'a title in a third language',
    files(head, item.replace('en: One', 'en: One, de: Eins')),
    'criteria/AAA-1.yaml:2: title: ',
  ],
  ['a notice that is missing', files(head.replace(/notice: .*\n/, '')), 'standard.yaml:1: notice: '],
  ['a field that is there twice', files(head, `${item}unit: d\n`), 'criteria/AAA-1.yaml:17: '],
  ['a date that is none', files(head.replace('2026-01-01', '2026-02-30')), 'standard.yaml:5: effectiveFrom: '],
  [
    'a control item with points',
    files(head, item.replace('category: AAA', 'control: true\ncategory: control')),
    'points: a control item carries none',
  ],
  ['an item without points', files(head, item.replace('points: 100\n', '')), 'points: missing'],
  [
    'an item that does not say from which star it is mandatory',
    files(head, item.replace('mandatoryFrom: 3\n', '')),
    'mandatoryFrom: missing',
  ],
])('%s', (_, given, expected) => {
  expect(complaints(given).join('\n')).toContain(expected);
});

test('everything that is wrong is told at once', () => {
  const given = files(head.replace('windowDays: 30', 'windowDays: 0'), item.replace('points: 100', 'points: -1'));
  expect(complaints(given)).toHaveLength(2);
});

describe('several standards', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'xingyuan-standards-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  /** Writes a standard into a folder of that name. */
  const place = (name: string, text: string, criterion = item): string => {
    const own = join(folder, name);
    mkdirSync(join(own, 'criteria'), { recursive: true });
    writeFileSync(join(own, 'standard.yaml'), text);
    writeFileSync(join(own, 'criteria', 'AAA-1.yaml'), criterion);
    return own;
  };
  const version = (number: string, from: string): string =>
    head.replace("version: '1'", `version: '${number}'`).replace('2026-01-01', from);
  const wrong = (folders: string[]): string => {
    try {
      loadStandards(folders);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  test('come in the order of their dates', () => {
    const folders = [place('example/2', version('2', '2026-06-01')), place('example/1', version('1', '2026-01-01'))];
    expect(loadStandards(folders).map(({ version: number }) => number)).toEqual(['1', '2']);
  });

  test('of which two begin on the same day are refused, unless one is a draft', () => {
    const first = place('example/1', version('1', '2026-01-01'));
    const second = place('example/2', version('2', '2026-01-01'));
    expect(wrong([first, second])).toBe(
      `${second}/standard.yaml: effectiveFrom: ${first} is in force from 2026-01-01 on as well`,
    );
    expect(wrong([first, place('example/2', `${version('2', '2026-01-01')}draft: true\n`)])).toBe('');
  });

  test('of which one stands in another one’s folder are refused', () => {
    const strayed = place('example/2', version('1', '2026-01-01'));
    expect(wrong([place('example/1', version('1', '2026-02-01')), strayed])).toBe(
      `${strayed}/standard.yaml: id, version: its folder is not example/1`,
    );
  });

  test('are refused with file and line of everything that is wrong', () => {
    const first = place('example/1', version('1', 'soon'));
    const second = place('example/2', version('2', '2026-02-01'), item.replace('points: 100', 'points: 90'));
    const [one, two] = wrong([first, second, join(folder, 'example/3')]).split('\n');
    expect(one).toMatch(`${first}/standard.yaml:5: effectiveFrom: `);
    expect(two).toMatch(`${second}/standard.yaml:14: categories.0: `);
    expect(wrong([join(folder, 'example/3')])).toBe(`${join(folder, 'example/3')}/standard.yaml: missing`);
  });
});
