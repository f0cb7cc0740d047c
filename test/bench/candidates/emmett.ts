import { steadyAfterSeconds } from '../options.ts';
import { withPostgres } from '../server.ts';
import { withPeer } from './peer-process.ts';

/** Emmett's own append, called directly and with nothing in front: 100 events per append. */
export const emmett = (seconds: number) =>
  withPostgres(({ url }) =>
    withPeer(
      'emmett',
      {
        args: () => ['main.js'],
        env: { DATABASE_URL: url, BENCH_WARM_UP_SECONDS: String(steadyAfterSeconds), BENCH_SECONDS: String(seconds) },
        ready: /ready/,
      },
      async (peer) => {
        await peer.ended;
        const line = peer
          .said()
          .split('\n')
          .find((candidate) => candidate.startsWith('{'));
        if (line === undefined) throw new Error(`Emmett gave no result: ${peer.said()}`);
        const details = JSON.parse(line) as { events: number; milliseconds: number };
        return { ratePerSecond: (details.events * 1000) / details.milliseconds, details };
      },
    ),
  );
