import { keepLooking } from './keep-looking.ts';

const waitFor = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test('looks on after a failure, says what stands still meanwhile, and logs the first failure of a row', async () => {
  const logged: string[] = [];
  let looks = 0;
  let isWell = false;
  const keeper = keepLooking({
    look: async () => {
      looks += 1;
      // The first two of three looks follow at once.
      if (looks < 3) return 'more';
      if (!isWell) throw new Error('no connection');
      return undefined;
    },
    everyMs: 60_000,
    failure: 'rounds are not being started',
    logger: { error: (...words: unknown[]) => void logged.push(String(words[1])) },
  });
  await waitFor(() => looks === 3);
  await waitFor(() => keeper.trouble().length > 0);
  expect(keeper.trouble()).toEqual(['rounds are not being started: no connection']);
  expect(logged).toEqual(['rounds are not being started, trying again']);
  isWell = true;
  await keeper.stop();
  expect(looks).toBe(3);
});

test('stopping waits for the look that is under way', async () => {
  let isOver = false;
  const keeper = keepLooking({
    look: async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      isOver = true;
      return undefined;
    },
    everyMs: 10,
    failure: 'nothing is done',
    logger: { error: () => undefined },
  });
  await keeper.stop();
  expect(isOver).toBe(true);
});
