import { newCredential, secretHash, secretMatches } from './credential.ts';

describe('credentials', () => {
  test('the user is the device, the password is long and another one each time', () => {
    const one = newCredential('gate-1');
    expect(one.username).toBe('gate-1');
    expect(one.password).toMatch(/^[0-9a-f]{32}$/);
    expect(newCredential('gate-1').password).not.toBe(one.password);
  });

  test('the password fits its hash, nothing else does', () => {
    const { password } = newCredential('gate-1');
    const hash = secretHash(password);
    expect(hash).not.toContain(password);
    expect(secretMatches(Buffer.from(password), hash)).toBe(true);
    for (const wrong of ['', password.slice(1), `${password} `, hash]) {
      expect(secretMatches(Buffer.from(wrong), hash)).toBe(false);
    }
  });
});
