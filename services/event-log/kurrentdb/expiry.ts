import { expires } from '../retention.ts';
import { answerWithin } from './ask.ts';
import type { LogClient } from './log-client.ts';
import { serverErrorKind, serverErrorText } from './server-error.ts';

const callsMax = 16;
/** After a failure nothing is asked for so long, so that a user without the right doesn't double the server's work. */
const quietMs = 30_000;
const daySeconds = 86_400;

interface ExpiryParts {
  client: Pick<LogClient, 'keepFor'>;
  /** 0: for ever. */
  retentionDays: number;
  answerSeconds: number;
}

const ignore = (): void => {};

const explained = (stream: string, error: unknown): string =>
  serverErrorKind(error) === 'access-denied'
    ? `the user of EVENT_LOG_URL may not write the metadata of ${stream}, so its events do not expire: give it the right`
    : `the metadata of ${stream} could not be set, so its events do not expire yet: ${serverErrorText(error)}`;

/**
 * Has the server hide old events of the streams that may expire, by `$maxAge` in the metadata of each. Asked for beside
 * the first append of this process to the stream, which does not wait for it: a stream without it only keeps too much.
 */
export const createExpiry = ({ client, retentionDays, answerSeconds }: ExpiryParts) => {
  const maxAgeSeconds = retentionDays === 0 ? undefined : retentionDays * daySeconds;
  const seen = new Set<string>();
  const queue: string[] = [];
  const underWay = new Set<Promise<void>>();
  let quietUntilMs = 0;
  let trouble: string | null = null;

  const settle = async (stream: string): Promise<void> => {
    try {
      await answerWithin(answerSeconds, client.keepFor(stream, maxAgeSeconds), ignore);
      trouble = null;
    } catch (error) {
      trouble = explained(stream, error);
      quietUntilMs = performance.now() + quietMs;
      for (const again of [stream, ...queue.splice(0)]) seen.delete(again);
    }
  };

  const pump = (): void => {
    while (queue.length > 0 && underWay.size < callsMax) {
      const settled = settle(queue.shift()!).finally(() => {
        underWay.delete(settled);
        pump();
      });
      underWay.add(settled);
    }
  };

  return {
    /** An append goes to this stream. */
    see(stream: string): void {
      if (!expires(stream) || seen.has(stream) || performance.now() < quietUntilMs) return;
      seen.add(stream);
      queue.push(stream);
      pump();
    },
    /** Why the newest try failed, `null` while all is well. */
    get trouble(): string | null {
      return trouble;
    },
    /** What has not begun is left to the next start. */
    async close(): Promise<void> {
      queue.length = 0;
      await Promise.all(underWay);
    },
  };
};
