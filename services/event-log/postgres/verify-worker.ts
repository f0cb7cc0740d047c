import { openVerifier, type Verifier } from './verify-client.ts';
import type { Range, RangeOutcome } from './verify-range.ts';

/** What `verifyLog` says to a process of its own: the server first, then ranges one by one. */
export type Request = { url: string } | { range: Range };
export type Answer = { outcome: RangeOutcome } | { error: string };

let verifier: Promise<Verifier> | undefined;

process.on('message', async (request: Request) => {
  if ('url' in request) {
    verifier = openVerifier(request.url);
    // Said again, and then told, by the first range.
    verifier.catch(() => {});
    return;
  }
  const answer: Answer = await verifier!
    .then((open) => open.verify(request.range))
    .then(
      (outcome) => ({ outcome }),
      (error: Error) => ({ error: error.message }),
    );
  process.send?.(answer);
});

// The parent is done, or gone.
process.once('disconnect', () => process.exit());
