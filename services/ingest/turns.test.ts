import { createTurns } from './turns.ts';

const later = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('turns', () => {
  test('a message behind one that waits is started after it, other senders are not held up', async () => {
    const inTurn = createTurns();
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

  test('a failed preparation fails its own message only', async () => {
    const inTurn = createTurns();
    const failing = inTurn(
      'a',
      () => Promise.reject(new Error('no key')),
      async () => 1,
    );
    const next = inTurn('a', undefined, async () => 2);
    await expect(failing).rejects.toThrow('no key');
    await expect(next).resolves.toBe(2);
  });
});
