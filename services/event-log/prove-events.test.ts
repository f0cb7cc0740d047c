import { checkAll, fill, prove } from '../../test/contract/proofs.suite.ts';
import { gatherSeals } from './gather-seals.ts';
import { createMemoryEventLog } from './memory/memory-event-log.ts';
import { UnprovableEvent } from './prove-events.ts';

const clock = { now: () => Date.parse('2026-07-01T00:00:00Z') };
const logOf = async (sizes: readonly number[]) => {
  const log = createMemoryEventLog();
  await fill({ log, sealed: log.sealed, verify: log.verify, destroy: log.close }, sizes);
  return log;
};

test('a proof of old events is some lines long, however many commits came after', async () => {
  const { sealed, append } = await logOf(Array.from({ length: 400 }, () => 2));
  const lengthOf = async () => JSON.stringify((await prove(sealed, ['1'])).lines).length;
  const withoutGathering = await lengthOf();
  await gatherSeals({ sealed, append, clock }, { fewest: 2, most: 128 });
  expect(await lengthOf()).toBeLessThan(withoutGathering / 5);
});

test('events that do not fit their seal are not proven', async () => {
  const { sealed } = await logOf([3]);
  const changed = {
    ...sealed,
    eventsOf: async (of: Parameters<typeof sealed.eventsOf>[0]) =>
      (await sealed.eventsOf(of)).map((event) => ({ ...event, data: '{}' })),
  };
  await expect(prove(changed, ['2'])).rejects.toThrow(UnprovableEvent);
});

test('a head that is not the last one is as good', async () => {
  const { sealed } = await logOf([3, 2]);
  const { head, lines } = await prove(
    { ...sealed, head: async () => ({ position: 3, hash: (await sealed.hashAt(3))! }) },
    ['2'],
  );
  expect(checkAll(head, lines)).toMatchObject({ events: 1 });
});
