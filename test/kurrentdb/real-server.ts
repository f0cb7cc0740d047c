import { openKurrentEventLog } from '../../services/event-log/kurrentdb/kurrentdb-event-log.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { eventLogSuite, type LogUnderTest } from '../contract/event-log.suite.ts';
import { cornerOf, newCorner, type OwnCorner } from './own-corner.ts';

const variable = 'TEST_KURRENTDB_URL';

const underTest = async (url: string, corner?: OwnCorner): Promise<LogUnderTest> => {
  const whole = await openKurrentEventLog({ url, clock: systemClock });
  const own = corner ?? (await newCorner(whole));
  const log = cornerOf(whole, own);
  const seal = async (): Promise<void> => {
    const notary = whole.startNotary({ everySeconds: 86_400 });
    await notary.sealNow();
    await notary.stop();
  };
  return {
    log,
    seal,
    async verify() {
      await seal();
      const verdict = await whole.verify();
      const events = (await log.readAll(null, Number.MAX_SAFE_INTEGER)).length;
      return { ...verdict, events, head: await log.head() };
    },
    async reopen() {
      await whole.close();
      return underTest(url, own);
    },
    destroy: () => whole.close(),
  };
};

/**
 * The contract on a server that is run for the tests: they write to it, leave what they wrote, and verify its whole log,
 * so best a new one each time.
 */
export const realServerSuite = (scheme: 'esdb' | 'kurrentdb'): void => {
  const given = process.env[variable];
  if (given === undefined) {
    const command = `${variable}=${scheme}://host:2113?tls=false npm test -- test/contract/kurrentdb-${scheme}`;
    test(`did not run against a real server: ${variable} is not set; set it and run ${command}`, () => {
      process.stderr.write(`The contract of ${scheme}:// did not run against a real server. To run it: ${command}\n`);
      expect(given).toBeUndefined();
    });
    return;
  }
  const url = given.replace(/^[a-z]+(\+discover)?:/, `${scheme}$1:`);
  eventLogSuite(`${scheme}:// on a real server`, () => underTest(url));
};
