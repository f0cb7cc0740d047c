import pg from 'pg';
import { type Range, type RangeOutcome, verifyRange } from './verify-range.ts';

/** Whoever recomputes ranges: this process, or one of its own. */
export interface Verifier {
  verify(range: Range): Promise<RangeOutcome>;
  close(): Promise<void>;
}

/** One that works in this process, on a connection of its own. */
export const openVerifier = async (url: string): Promise<Verifier> => {
  const client = new pg.Client({ connectionString: url, application_name: 'xingyuan log verify', keepAlive: true });
  // The query under way rejects by itself; the event must not end the process.
  client.on('error', () => {});
  await client.connect();
  return { verify: (range) => verifyRange(client, range), close: () => client.end() };
};
