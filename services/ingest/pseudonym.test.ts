import fc from 'fast-check';
import { namesPerson, pseudonym, withPseudonym } from './pseudonym.ts';

const key = Buffer.alloc(32, 1);
const otherKey = Buffer.alloc(32, 2);

describe('pseudonyms', () => {
  test('the same card is the same pseudonym under one key, and another under another', () => {
    expect(pseudonym(key, '粤B12345')).toBe(pseudonym(key, '粤B12345'));
    expect(pseudonym(key, '粤B12345')).not.toBe(pseudonym(key, '粤B12346'));
    expect(pseudonym(key, '粤B12345')).not.toBe(pseudonym(otherKey, '粤B12345'));
    expect(pseudonym(key, '粤B12345')).toMatch(/^p-[0-9a-f]{20}$/);
  });

  test.each([
    [{ credential: 'RFID-1' }, true],
    [{ credential: { method: 'card', reference: '4711' } }, true],
    [{ credential: { method: 'button' } }, false],
    [{ credential: {} }, false],
    [{}, false],
  ])('%j names a person: %s', (data, expected) => {
    expect(namesPerson(data)).toBe(expected);
  });

  test('replaces the reference alone', () => {
    const data = { credential: { method: 'card', reference: '4711' }, door: 'north' };
    const reference = pseudonym(key, '4711');
    expect(withPseudonym(data, key)).toEqual({ credential: { method: 'card', reference }, door: 'north' });
    expect(data.credential.reference).toBe('4711');
    expect(withPseudonym({ credential: 'RFID-1' }, key)).toEqual({ credential: pseudonym(key, 'RFID-1') });
  });

  test('data that names nobody stays as it is', () => {
    const data = { credential: { method: 'button' }, door: 'north' };
    expect(withPseudonym(data, key)).toBe(data);
  });

  test('nothing of any reference is left', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), (reference) => {
        const text = JSON.stringify(withPseudonym({ credential: { reference } }, key));
        expect(text).toMatch(/^\{"credential":\{"reference":"p-[0-9a-f]{20}"\}\}$/);
      }),
    );
  });
});
