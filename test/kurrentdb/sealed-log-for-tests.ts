import { type KurrentEventLog, openKurrentEventLog } from '../../services/event-log/kurrentdb/kurrentdb-event-log.ts';
import type { SealedLogUnderTest } from '../contract/proofs.suite.ts';
import { type Double, startDouble } from './double.ts';
import type { Scheme } from './stubs.ts';

/** A log on a server of its own, sealed when it is asked to be. */
export const sealedLogOn = async (
  scheme: Scheme,
  retentionDays = 0,
): Promise<SealedLogUnderTest & Pick<KurrentEventLog, 'gather'> & { double: Double }> => {
  const double = await startDouble({ scheme });
  const log = await openKurrentEventLog({ url: double.url, clock: { now: double.store.nowMs }, retentionDays });
  const seal = async (): Promise<void> => {
    const notary = log.startNotary({ everySeconds: 86_400 });
    await notary.sealNow();
    await notary.stop();
  };
  const destroy = async (): Promise<void> => {
    await log.close();
    double.stop();
  };
  return { log, sealed: log.sealed, verify: log.verify, gather: log.gather, seal, destroy, double };
};
