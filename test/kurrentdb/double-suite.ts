import { openKurrentEventLog } from '../../services/event-log/kurrentdb/kurrentdb-event-log.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { eventLogSuite, type LogUnderTest } from '../contract/event-log.suite.ts';
import { type Double, startDouble } from './double.ts';
import type { Scheme } from './stubs.ts';

const underTest = async (double: Double): Promise<LogUnderTest> => {
  const log = await openKurrentEventLog({ url: double.url, clock: systemClock });
  const seal = async (): Promise<void> => {
    const notary = log.startNotary({ everySeconds: 86_400 });
    await notary.sealNow();
    await notary.stop();
  };
  return {
    log,
    seal,
    async verify() {
      await seal();
      return log.verify();
    },
    async reopen() {
      await log.close();
      return underTest(double);
    },
    async destroy() {
      await log.close();
      double.stop();
    },
  };
};

/** The contract on the double, which says that it is of the given version. */
export const doubleSuite = (scheme: Scheme, version: string): void =>
  eventLogSuite(`${scheme}:// on the double of a server ${version}`, async () =>
    underTest(await startDouble({ scheme, version })),
  );
