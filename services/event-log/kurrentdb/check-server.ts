import { setTimeout as sleep } from 'node:timers/promises';
import { StartRefused } from '../../runtime/start-refused.ts';
import { answerWithin, collectWithin } from './ask.ts';
import type { LogClient } from './log-client.ts';
import { sealsStream } from './record.ts';
import { serverErrorKind, serverErrorText } from './server-error.ts';

const oldest = { major: 23, minor: 10 };
const pauseMs = 500;
const answerSeconds = 5;

const refused = (reason: string): StartRefused => new StartRefused(`EVENT_LOG_URL: ${reason}`);

const isNewEnough = (version: string): boolean => {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) > oldest.major || (Number(major) === oldest.major && Number(minor) >= oldest.minor);
};

/** Troubles that no waiting mends, by what TLS and Node say of them. */
const lasting: readonly { sign: RegExp; remedy: string }[] = [
  {
    sign: /CERT_HAS_EXPIRED|certificate has expired|certificate expired|CERT_NOT_YET_VALID|\bExpired\b|NotValidYet/i,
    remedy: "the server's certificate has expired or is not valid yet: renew it, and look at both machines' clocks.",
  },
  {
    sign: /unable to (?:verify|get)|self[- ]signed|UnknownIssuer|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)/i,
    remedy:
      "the server's certificate is of a CA that is not known here: name the CA's file with tlsCAFile=/path/ca.crt.",
  },
  {
    sign: /altnames|ERR_TLS_CERT_ALTNAME_INVALID|NotValidForName/i,
    remedy: "the server's certificate was made out to another name: use that name in the URL, or have it made anew.",
  },
  {
    sign: /wrong version number|EPROTO|packet length too long|InvalidContentType|corrupt message/i,
    remedy:
      'the server speaks without TLS and the URL asks for it: add ?tls=false (development only), or secure the server.',
  },
];

/** The last word on why the server could not be used, with what to do about it. */
const lastWord = (error: unknown, hasAnswered: boolean, seconds: number): StartRefused => {
  const text = serverErrorText(error);
  if (hasAnswered || /not ready|leader|discover/i.test(text)) {
    return refused(
      `the servers were not ready to serve within ${seconds} s: in a cluster more than half of the nodes must be up and reach each other, so that they choose a leader (${text}).`,
    );
  }
  return refused(
    `no server has answered within ${seconds} s: start it, or look at host and port, and at tls=false when it has no TLS (${text}).`,
  );
};

const judge = (error: unknown): StartRefused | undefined => {
  if (error instanceof StartRefused) return error;
  if (serverErrorKind(error) === 'access-denied') {
    return refused(
      'the server refuses user or password, or the user may not read $all: mend them in the URL (special characters as %40 and the like), or give the user the right.',
    );
  }
  const text = serverErrorText(error);
  const trouble = lasting.find(({ sign }) => sign.test(text));
  return trouble && refused(`${trouble.remedy} (${text})`);
};

/** Whether the server can be the hub's log; waits for one that is still starting. Throws `StartRefused`. */
export const checkServer = async (client: LogClient, seconds: number): Promise<void> => {
  let hasAnswered = false;
  const collect = (source: AsyncIterable<unknown>) => collectWithin(answerSeconds, source, client.cancelEverything);
  const check = async (): Promise<void> => {
    const version = await answerWithin(answerSeconds, client.serverVersion(), client.cancelEverything);
    hasAnswered = true;
    if (!isNewEnough(version)) {
      throw refused(
        `the server is of version ${version}; the hub needs EventStoreDB 23.10 or newer, best KurrentDB 26.0: upgrade it.`,
      );
    }
    // Needs a leader, a user who may read everything, and a server that is past its start.
    const newest = { from: 'end', maxCount: 1, backwards: true } as const;
    await collect(client.readStream(sealsStream, newest)).catch((error: unknown) => {
      if (serverErrorKind(error) !== 'no-stream') throw error;
    });
    await collect(client.readAll(newest));
  };
  const until = performance.now() + seconds * 1000;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      const verdict = judge(error);
      if (verdict !== undefined) throw verdict;
      if (performance.now() >= until) throw lastWord(error, hasAnswered, seconds);
      await sleep(pauseMs);
    }
  }
};
