import { commandOf, keysOf } from './key-commands.ts';

const press = { ctrlKey: false, metaKey: false, altKey: false, focus: 'page' } as const;

test.each([
  ['j', {}, 'next'],
  ['?', {}, 'help'],
  ['a', { focus: 'control' }, 'acknowledge'],
  ['Enter', { focus: 'page' }, 'open'],
  ['Enter', { focus: 'control' }, undefined],
  ['a', { focus: 'typing' }, undefined],
  ['a', { ctrlKey: true }, undefined],
  ['x', {}, 'mark'],
  ['ö', {}, undefined],
] as const)('%s %j', (key, change, command) => {
  expect(commandOf({ ...press, key, ...change })).toBe(command);
});

test('no key means two things', () => {
  const keys = Object.values(keysOf);
  expect(new Set(keys).size).toBe(keys.length);
});
