import { createCaughtUp } from './caught-up.ts';

const createLog = () => {
  const asked: ((position: string | null) => void)[] = [];
  return {
    asked,
    log: {
      head: () =>
        new Promise<{ position: string | null; hash: string }>((resolve) =>
          asked.push((position) => resolve({ position, hash: '' })),
        ),
    },
  };
};
const settled = async (promise: Promise<unknown>): Promise<boolean> => {
  let done = false;
  void promise.finally(() => (done = true)).catch(() => undefined);
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  return done;
};

test('waits for the head that the log had when it was asked, and for nothing that was taken already', async () => {
  const { asked, log } = createLog();
  const { took, caughtUp } = createCaughtUp(log, 5);
  took(['1', '2']);
  const atHead = caughtUp();
  asked.shift()!('2');
  expect(await settled(atHead)).toBe(true);
  const behind = caughtUp();
  asked.shift()!('4');
  expect(await settled(behind)).toBe(false);
  took(['3', '4', '5']);
  expect(await settled(behind)).toBe(true);
  const overtaken = caughtUp();
  took(['6', '7']);
  asked.shift()!('6');
  expect(await settled(overtaken)).toBe(true);
  const empty = caughtUp();
  asked.shift()!(null);
  expect(await settled(empty)).toBe(true);
});

test('a thousand who ask during a look share the next one, for that look may be too old for them', async () => {
  const { asked, log } = createLog();
  const { took, caughtUp } = createCaughtUp(log, 5);
  const first = caughtUp();
  const others = Array.from({ length: 1000 }, () => caughtUp());
  expect(asked).toHaveLength(1);
  asked.shift()!('1');
  took(['1']);
  expect(await settled(first)).toBe(true);
  expect(asked).toHaveLength(1);
  asked.shift()!('2');
  expect(await settled(Promise.race(others))).toBe(false);
  took(['2']);
  expect(await settled(Promise.all(others))).toBe(true);
  expect(asked).toEqual([]);
});

test('whoever stays behind is told so, and the next one may ask anew', async () => {
  const { asked, log } = createLog();
  const { took, caughtUp } = createCaughtUp(log, 0.01);
  const behind = caughtUp();
  asked.shift()!('9');
  await expect(behind).rejects.toThrow('behind the event log');
  const again = caughtUp();
  asked.shift()!('9');
  took(['9']);
  expect(await settled(again)).toBe(true);
});
