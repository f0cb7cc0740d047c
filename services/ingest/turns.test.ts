import { createTurns } from './turns.ts';

const later = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('turns', () => {
  test('a message behind one that waits is started after it, other senders are not held up', async () => {
    const { inTurn } = createTurns();
    const started: string[] = [];
    const start = (name: string) => async () => void started.push(name);
    await Promise.all([
      inTurn('a', () => later(20), start('a1')),
      inTurn('a', undefined, start('a2')),
      inTurn('a', () => later(1), start('a3')),
      inTurn('b', undefined, start('b1')),
    ]);
    expect(started).toEqual(['b1', 'a1', 'a2', 'a3']);
  });

  test('a failed preparation fails those who wait behind it, and nobody who comes later', async () => {
    const { inTurn } = createTurns();
    const failing = inTurn(
      'a',
      () => Promise.reject(new Error('no key')),
      async () => 1,
    );
    const behind = inTurn('a', undefined, async () => 2);
    await expect(failing).rejects.toThrow('no key');
    await expect(behind).rejects.toThrow('no key');
    await expect(inTurn('a', undefined, async () => 3)).resolves.toBe(3);
  });

  test('a message that fails without having waited fails those who wait behind it', async () => {
    const { inTurn, failWaiting } = createTurns();
    const behind = inTurn(
      'a',
      () => later(5),
      async () => 2,
    );
    failWaiting('a', new Error('no log'));
    await expect(behind).rejects.toThrow('no log');
    await expect(inTurn('a', undefined, async () => 3)).resolves.toBe(3);
  });
});
