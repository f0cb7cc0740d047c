import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { createAcknowledgementQueue } from './acknowledgement-queue.ts';

const idsIn = (writes: Buffer[]): number[] => {
  const bytes = Buffer.concat(writes);
  return Array.from({ length: bytes.length / 4 }, (_, index) => {
    expect(bytes.readUInt16BE(index * 4)).toBe(0x4002);
    return bytes.readUInt16BE(index * 4 + 2);
  });
};

const queueWithWrites = () => {
  const writes: Buffer[] = [];
  return { writes, queue: createAcknowledgementQueue((bytes) => void writes.push(bytes)) };
};

test('a message that is durable before an earlier one waits for it', async () => {
  const { writes, queue } = queueWithWrites();
  const [first, second] = [queue.admit(1), queue.admit(2)];
  second!();
  await turn();
  expect(writes).toEqual([]);
  first!();
  await turn();
  expect(idsIn(writes)).toEqual([1, 2]);
});

test('what one commit settles goes out in one write', async () => {
  const { writes, queue } = queueWithWrites();
  for (const settle of [1, 2, 65_535].map((id) => queue.admit(id))) settle();
  await turn();
  expect(writes).toHaveLength(1);
  expect(idsIn(writes)).toEqual([1, 2, 65_535]);
});

test('nothing is written once the connection is over', async () => {
  const { writes, queue } = queueWithWrites();
  const settled = queue.admit(1);
  const later = queue.admit(2);
  settled();
  queue.drop();
  later();
  await turn();
  expect(writes).toEqual([]);
  await queue.drained();
});

test('drained waits for the last acknowledgement', async () => {
  const { writes, queue } = queueWithWrites();
  await queue.drained();
  const settle = queue.admit(7);
  const drained = queue.drained().then(() => writes.length);
  settle();
  expect(await drained).toBe(1);
});

test('in whatever order messages become durable, acknowledgements go out in receive order, each after its commit', async () => {
  const order = fc.integer({ min: 1, max: 40 }).chain((count) =>
    fc.shuffledSubarray(
      Array.from({ length: count }, (_, index) => index),
      { minLength: count },
    ),
  );
  await fc.assert(
    fc.asyncProperty(order, fc.integer({ min: 1, max: 5 }), async (settling, perTurn) => {
      const { writes, queue } = queueWithWrites();
      const settles = settling.map((_, index) => queue.admit(index + 1));
      const done = new Set<number>();
      for (let from = 0; from < settling.length; from += perTurn) {
        for (const index of settling.slice(from, from + perTurn)) {
          done.add(index + 1);
          settles[index]!();
        }
        await turn();
        expect(idsIn(writes).every((id) => done.has(id))).toBe(true);
      }
      expect(idsIn(writes)).toEqual(settles.map((_, index) => index + 1));
    }),
  );
});
