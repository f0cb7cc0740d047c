import { createBell } from '../follow.ts';
import { createUnheard } from './unheard.ts';

const everyMs = 5;

/** A database whose newest commit is set by hand; whoever waits for the bell finds it rung within a second. */
const watched = () => {
  const bell = createBell();
  const closing = new AbortController();
  const database = { newest: 7, isBroken: false, looks: 0 };
  const unheard = createUnheard({
    newest: async () => {
      database.looks += 1;
      if (database.isBroken) throw new Error('no connection');
      return database.newest;
    },
    ...{ bell, everyMs, closed: closing.signal },
  });
  return {
    ...{ bell, database, unheard, close: () => closing.abort() },
    rungAfter: async (seen: number): Promise<boolean> => {
      await bell.after(seen, AbortSignal.timeout(1_000));
      return bell.count() > seen;
    },
    looks: async (count: number): Promise<void> => {
      for (const until = database.looks + count; database.looks < until; )
        await new Promise((resolve) => setTimeout(resolve, everyMs));
    },
  };
};
let it: ReturnType<typeof watched>;
beforeEach(() => {
  it = watched();
});
afterEach(() => it.close());

test('a commit that nobody told is found, and only then the bell rings', async () => {
  expect(it.unheard.isAtEnd(7)).toBe(false);
  it.unheard.begin();
  expect(await it.rungAfter(0)).toBe(true);
  expect([it.unheard.isAtEnd(6), it.unheard.isAtEnd(7)]).toEqual([false, true]);
  const rung = it.bell.count();
  await it.looks(3);
  expect(it.bell.count()).toBe(rung);
  it.database.newest = 9;
  expect(await it.rungAfter(rung)).toBe(true);
  expect([it.unheard.isAtEnd(8), it.unheard.isAtEnd(9)]).toEqual([false, true]);
});

test('a commit that was told is not found again', async () => {
  it.unheard.begin();
  await it.rungAfter(0);
  it.unheard.heard(8);
  it.database.newest = 8;
  const rung = it.bell.count();
  await it.looks(3);
  expect(it.bell.count()).toBe(rung);
  expect([it.unheard.isAtEnd(7), it.unheard.isAtEnd(8)]).toEqual([false, true]);
});

test('where looking fails each reader is called to find out itself', async () => {
  it.unheard.begin();
  await it.rungAfter(0);
  it.database.isBroken = true;
  expect(await it.rungAfter(it.bell.count())).toBe(true);
  expect(it.unheard.isAtEnd(7)).toBe(false);
});

test('however many begin, one looks, and none once the log is closed', async () => {
  for (let count = 0; count < 3; count += 1) it.unheard.begin();
  await it.looks(2);
  it.close();
  const { looks } = it.database;
  await new Promise((resolve) => setTimeout(resolve, everyMs * 10));
  expect(it.database.looks - looks).toBeLessThanOrEqual(1);
});
