import { openEventLog } from '../../services/event-log/open.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { withFilledServer } from './filled-log.ts';
import type { BenchOptions } from './options.ts';
import { cpuMicrosOf } from './process-cpu.ts';
import { type BenchResult, resultOf } from './result.ts';

const events = 1_000_000;

/** The chain over the whole log, as `npm run log -- verify` recomputes it. */
export const logVerify = async ({ rounds }: BenchOptions, emit: (result: BenchResult) => void): Promise<void> => {
  const { rates, microsPerEvent } = await withFilledServer(events, async ({ url }) => {
    const { log, verify } = await openEventLog(url, { clock: systemClock, readOnly: true });
    // The server is a child of this process too.
    const spent = (): Promise<number> => cpuMicrosOf(process.pid);
    const measured = { rates: [] as number[], microsPerEvent: [] as number[] };
    try {
      for (let round = 0; round < rounds; round += 1) {
        const [cpuMicros, startMs] = [await spent(), performance.now()];
        const verdict = await verify();
        const seconds = (performance.now() - startMs) / 1000;
        if (!verdict.ok || verdict.events < events) throw new Error(`not whole: ${JSON.stringify(verdict)}`);
        measured.rates.push(verdict.events / seconds);
        measured.microsPerEvent.push(((await spent()) - cpuMicros) / verdict.events);
      }
    } finally {
      await log.close();
    }
    return measured;
  });
  emit(resultOf('log verify', 'events/s', rates, { target: { atLeast: 300_000 } }));
  emit(resultOf('log verify, processor of all processes', 'µs/event', microsPerEvent));
};
