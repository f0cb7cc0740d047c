import { createFairTurns, TooManyWaiting } from './fair-turns.ts';

const limits = { atOnceMax: 1, waitingMax: 4, waitingPerOneMax: 2 };

test('one at a time, and those who ask in turn', async () => {
  const inTurn = createFairTurns(limits);
  const heard: string[] = [];
  let atOnce = 0;
  const ask = (asker: string, what: string): Promise<void> =>
    inTurn(asker, async () => {
      atOnce += 1;
      expect(atOnce).toBe(1);
      await Promise.resolve();
      heard.push(what);
      atOnce -= 1;
    });
  await Promise.all([ask('flood', 'flood 1'), ask('flood', 'flood 2'), ask('flood', 'flood 3'), ask('other', 'other')]);
  expect(heard).toEqual(['flood 1', 'flood 2', 'other', 'flood 3']);
});

test('who has too many waiting is refused, and nobody else; work that fails gives its turn back', async () => {
  const inTurn = createFairTurns(limits);
  let end = (): void => undefined;
  const first = inTurn('flood', () => new Promise<void>((resolve) => (end = resolve)));
  const waiting = [1, 2].map(() => inTurn('flood', () => Promise.reject(new Error('failed'))));
  const settled = Promise.allSettled(waiting);
  await expect(inTurn('flood', async () => undefined)).rejects.toBeInstanceOf(TooManyWaiting);
  const other = inTurn('other', async () => 'done');
  end();
  await first;
  expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await other).toBe('done');
});
