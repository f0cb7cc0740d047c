import type { StoredDialectMemory } from './dialect-memory.ts';
import type { Ingest } from './ingest.ts';

interface ArrivalParts {
  ingest: Ingest;
  memory: Pick<StoredDialectMemory, 'reload'>;
  /** Resolves once all that the log holds is known here. */
  caughtUp(): Promise<void>;
}

/**
 * Where several processes take messages in, a device or gateway may have spoken to another one a moment ago: its levels
 * and its memory are brought up to date before it is let in, or a state that changed there would be no change here.
 */
export const knowingArrivals = ({ ingest, memory, caughtUp }: ArrivalParts): Ingest => ({
  ...ingest,
  async connection(sender, state, reason, atMs) {
    if (state === 'online') {
      await caughtUp();
      await memory.reload(sender);
    }
    return ingest.connection(sender, state, reason, atMs);
  },
});
