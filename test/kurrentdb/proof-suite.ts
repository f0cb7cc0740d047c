import { gatherAmongOthers } from '../../services/event-log/kurrentdb/sealed-log.ts';
import { checkAll, fill, proofSuite, prove } from '../contract/proofs.suite.ts';
import { sealedLogOn } from './sealed-log-for-tests.ts';
import type { Scheme } from './stubs.ts';

const retentionDays = 400;

/** Lets nobody on before two have come. */
const meeting = (): (() => Promise<void>) => {
  let letFirstOn: (() => void) | undefined;
  return async () => {
    if (letFirstOn === undefined)
      await new Promise<void>((resolve) => {
        letFirstOn = resolve;
      });
    else letFirstOn();
  };
};

export const kurrentProofSuite = (scheme: Scheme): void => {
  proofSuite(scheme, () => sealedLogOn(scheme), 10);

  describe(`${scheme}: proofs`, () => {
    let opened: Awaited<ReturnType<typeof sealedLogOn>>;
    beforeEach(async () => {
      opened = await sealedLogOn(scheme, retentionDays);
    });
    afterEach(() => opened.destroy());

    test('where some telemetry has expired, what stays is shown, and of the rest nothing is said', async () => {
      const { log, sealed, seal, double } = opened;
      await fill(opened, [7, 5]);
      await seal!();
      const recorded = await log.readAll(null, 100);
      double.store.pass(retentionDays + 1);
      double.store.scavenge();
      const { head, numbers, lines } = await prove(
        sealed,
        recorded.map(({ position }) => position),
      );
      const kept = recorded.flatMap(({ stream }, index) => (stream.startsWith('device-') ? [index + 1] : []));
      expect([...numbers.values()]).toEqual(kept);
      expect(checkAll(head, lines)).toMatchObject({ events: kept.length, commits: 2 });
    });

    // The id of what they say is of its time: in the same millisecond it is one event, and both have appended it.
    test.each([
      ['a millisecond apart, one of them', 1, [0, 1]],
      ['in the same millisecond, both with one event', 0, [1, 1]],
    ])('of two who gather at once, %s is heard', async (_when, apartMs, heard) => {
      const { log, sealed, verify, gather, double } = opened;
      await fill(opened, [2, 1, 3, 2]);
      const sizes = { fewest: 2, most: 16 };
      const arrived = meeting();
      const append: typeof log.append = async (entries) => {
        await arrived();
        return log.append(entries);
      };
      const nowMs = double.store.nowMs();
      const gatherAt = (atMs: number) =>
        gatherAmongOthers({ ...log, append, sealed, clock: { now: () => atMs } }, sizes);
      const said = await Promise.all([gatherAt(nowMs), gatherAt(nowMs + apartMs)]);
      expect(said.toSorted()).toEqual(heard);
      expect(await gather(sizes)).toBe(0);
      expect(await sealed.gatherings()).toHaveLength(1);
      expect(await verify(await log.head())).toMatchObject({ ok: true });
    });

    test('what nobody has sealed yet is sealed for who asks, also beside a notary', async () => {
      const { log, sealed, verify } = opened;
      await fill(opened, [2, 3]);
      const [one, other] = await Promise.all([sealed.head(), sealed.head()]);
      expect([one?.position, other?.position]).toEqual([5, 5]);
      expect(await verify(await log.head())).toMatchObject({ ok: true, events: 5, unsealed: 0 });
    });
  });
};
