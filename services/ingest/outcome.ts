import type { Answer, RefusalCode } from '../../devices/dialect.ts';
import type { Position } from '../event-log/event.ts';

/** What became of one message. Every message ends in exactly one of these; nothing vanishes. */
export type Outcome =
  /** Durable. `stored` is 0 when the log had every event already. */
  (
    | { outcome: 'recorded'; position: Position; stored: number }
    | { outcome: 'no-op'; reason: string }
    /** Without a dead letter where the sender has more of them than are kept. */
    | { outcome: 'refused'; code: RefusalCode; reason: string; field?: string; deadLetter?: string }
  ) & {
    /** What whoever brought the message is to say to its sender. */
    answers?: readonly Answer[];
  };

export interface Counts {
  recorded: number;
  noOp: Record<string, number>;
  refused: Record<string, number>;
}

/** What became of each sender's messages since the start, for the integrator. */
export const createCounts = () => {
  const bySender = new Map<string, Counts>();
  const of = (sender: string): Counts => {
    const known = bySender.get(sender);
    if (known !== undefined) return known;
    const counts: Counts = { recorded: 0, noOp: {}, refused: {} };
    bySender.set(sender, counts);
    return counts;
  };
  return {
    of,
    add(sender: string, outcome: Outcome): void {
      const counts = of(sender);
      if (outcome.outcome === 'recorded') counts.recorded += 1;
      else if (outcome.outcome === 'no-op') counts.noOp[outcome.reason] = (counts.noOp[outcome.reason] ?? 0) + 1;
      else counts.refused[outcome.code] = (counts.refused[outcome.code] ?? 0) + 1;
    },
  };
};
