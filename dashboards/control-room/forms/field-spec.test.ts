import { bodyOf, changeOf, type FieldSpec } from './field-spec.ts';

const field = (name: string, kind: FieldSpec['kind']): FieldSpec => ({ name, label: name, kind });
const fields = [
  field('subject', 'text'),
  field('dueAt', 'instant'),
  field('figures.eBikes', 'number'),
  field('figures.microFireStation', 'flag'),
  field('covers', 'choices'),
];
const zone = 'Asia/Shanghai';

test('instants are of the zone, flags are yes or no, words are trimmed', () => {
  const values = {
    subject: '  绿化带改车位 ',
    dueAt: '2026-11-23T09:00',
    figures: { eBikes: 0, microFireStation: 'no' },
    covers: ['gate-a'],
  };
  expect(bodyOf(fields, values, zone)).toEqual({
    subject: '绿化带改车位',
    dueAt: '2026-11-23T01:00:00.000Z',
    figures: { eBikes: 0, microFireStation: false },
    covers: ['gate-a'],
  });
});

test('what nobody entered is not said: no zero, no no', () => {
  const values = { subject: ' ', dueAt: '', figures: { eBikes: null } };
  expect(bodyOf(fields, values, zone)).toEqual({});
});

test('a change takes away what was there and is empty now', () => {
  const before = { subject: 'old', dueAt: undefined, figures: { eBikes: 3 } };
  const changed = changeOf(fields, { figures: { eBikes: 4 }, covers: [] }, before, zone);
  expect(changed).toEqual({ subject: null, figures: { eBikes: 4 }, covers: [] });
});
