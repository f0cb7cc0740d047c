import { parseStandard, type StandardFile, StandardWrong } from './load-standard.ts';

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
    'thresholds: a higher star may not ask for less',
  ],
  ['an unknown category', files(head, item.replace('category: AAA', 'category: ZZZ')), 'category: ZZZ is not among'],
  [
    'a name that is not the id',
    files(head, item, 'criteria/AAA-2.yaml'),
    'criteria/AAA-2.yaml: id: AAA-1 is not its name',
  ],
  [
    'a letter that is not explained',
    files(head, item.replace('3: { letter: D', '3: { letter: A')),
    'basis.3.letter: A',
  ],
  [
    'points that do not add up',
    files(head, item.replace('points: 100', 'points: 90')),
    'AAA has 100 points, its criteria 90',
  ],
  ['categories that do not add up', files(head.replace('points: 100', 'points: 90')), 'add up to 90, not to 100'],
  ['bands out of order', files(head.replace('2: 60', '2: 40')), 'bands: a higher star may not ask for less'],
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
