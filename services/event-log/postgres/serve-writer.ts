import { WrongExpectedRevision } from '../event-log.ts';
import type { GroupPlan } from '../plan-group.ts';
import { draftsOf } from './draft-bytes.ts';
import { createGroupWriter, type GroupWriterParts } from './group-writer.ts';
import type { Commit } from './recent-events.ts';
import { type FromWriter, failureOf, type Port, type Refused, type ToWriter } from './writer-words.ts';

const settledWord = (outcomes: GroupPlan['outcomes'], commit: Commit | undefined): FromWriter => {
  const results = new Float64Array(2 * outcomes.length);
  const refused: Refused[] = [];
  for (const [nth, outcome] of outcomes.entries()) {
    if (outcome instanceof WrongExpectedRevision) {
      const { stream, expected, actual } = outcome;
      refused.push({ nth, stream, expected, actual });
    } else {
      results[2 * nth] = Number(outcome.position);
      results[2 * nth + 1] = outcome.stored;
    }
  }
  return { results, refused, commit };
};

/** The log's writer, for whoever is at the other end: usually it has a thread of its own. Ends when it is told to. */
export const serveWriter = async (
  port: Port<FromWriter, ToWriter>,
  parts: Pick<GroupWriterParts, 'openSession' | 'clock'>,
  ended: () => void,
): Promise<void> => {
  let failures = 0;
  try {
    const writer = await createGroupWriter({
      ...parts,
      settled(outcomes, commit) {
        const buffers = commit === undefined ? [] : [commit.rows.buffer];
        port.postMessage(settledWord(outcomes, commit), buffers);
      },
      failed(error) {
        failures += 1;
        port.postMessage({ failed: failureOf(error) });
      },
    });
    port.on('message', (word) => {
      if (word === 'close') {
        void writer.close().then(() => {
          port.postMessage('closed');
          ended();
        });
      } else if (word.failures === failures) {
        // What was sent before its sender knew of a failure would overtake what it has to say again.
        writer.add(draftsOf(word.drafts));
      }
    });
    port.postMessage('open');
  } catch (error) {
    port.postMessage({ unopened: failureOf(error) });
    ended();
  }
};
