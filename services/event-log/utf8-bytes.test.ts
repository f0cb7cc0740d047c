import { createUtf8Bytes } from './utf8-bytes.ts';

test('what was added comes out in one piece, however much it is, and then it begins anew', () => {
  const bytes = createUtf8Bytes();
  const texts = ['a', '门'.repeat(30_000), '', '🚀'.repeat(100_000), 'z'];
  for (const text of texts) bytes.add(text);
  expect(bytes.take().toString('utf8')).toBe(texts.join(''));
  bytes.add('门');
  expect(bytes.take()).toEqual(Buffer.from('门'));
  expect(bytes.take()).toHaveLength(0);
});
