import { splitProblems } from './form-problems.ts';

const shown = ['department', 'figures.parkingSpaces', 'positions', 'positions.2.name'];
const hasField = (path: (string | number)[]) => shown.includes(path.join('.'));
const problem = (field: string) => ({ field, message: `about ${field}` });

test('what a field can carry stands beside it, the rest beneath the form', () => {
  expect(
    splitProblems(
      [problem('department'), problem('figures.parkingSpaces'), problem('body'), problem('compound')],
      hasField,
    ),
  ).toEqual({
    ofFields: [
      { name: ['department'], errors: ['about department'] },
      { name: ['figures', 'parkingSpaces'], errors: ['about figures.parkingSpaces'] },
    ],
    ofForm: [problem('body'), problem('compound')],
  });
});

test('a problem within a list goes to its line, or else to the list', () => {
  expect(splitProblems([problem('positions.2.name'), problem('positions.3.kind')], hasField).ofFields).toEqual([
    { name: ['positions', 2, 'name'], errors: ['about positions.2.name'] },
    { name: ['positions'], errors: ['about positions.3.kind'] },
  ]);
});

test('two problems of one field are both said', () => {
  const both = [
    { field: 'department', message: 'too short' },
    { field: 'department', message: 'not a word' },
  ];
  expect(splitProblems(both, hasField).ofFields).toEqual([
    { name: ['department'], errors: ['too short', 'not a word'] },
  ]);
});
