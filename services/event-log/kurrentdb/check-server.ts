import { setTimeout as sleep } from 'node:timers/promises';
import { StartRefused } from '../../runtime/start-refused.ts';
import { answerWithin, collectWithin } from './ask.ts';
import type { LogClient } from './log-client.ts';
import { serverErrorKind, serverErrorText } from './server-error.ts';

const oldest = { major: 23, minor: 10 };
const pauseMs = 500;
const answerSeconds = 5;

const refused = (reason: string): StartRefused => new StartRefused(`EVENT_LOG_URL: ${reason}`);

const isOldEnough = (version: string): boolean => {
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
const lastWord = (error: unknown, seconds: number): StartRefused => {
  const text = serverErrorText(error);
  if (/not ready|NotReady|leader|discover/i.test(text)) {
    return refused(
      `the servers have chosen no leader within ${seconds} s: more than half of the cluster's nodes must be up and reach each other (${text}).`,
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
  const check = async (): Promise<void> => {
    const version = await answerWithin(answerSeconds, client.serverVersion(), client.cancelEverything);
    if (!isOldEnough(version)) {
      throw refused(
        `the server is of version ${version}; the hub needs EventStoreDB 23.10 or newer, best KurrentDB 26.0: upgrade it.`,
      );
    }
    // Needs a leader, a user who may read everything, and a server that is past its start.
    await collectWithin(
      answerSeconds,
      client.readStream('hub-seals', { from: 'end', maxCount: 1, backwards: true }),
      client.cancelEverything,
    ).catch((error: unknown) => {
      if (serverErrorKind(error) !== 'no-stream') throw error;
    });
    await collectWithin(
      answerSeconds,
      client.readAll({ from: 'end', maxCount: 1, backwards: true }),
      client.cancelEverything,
    );
  };
  const until = performance.now() + seconds * 1000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      const verdict = judge(error);
      if (verdict !== undefined) throw verdict;
      if (performance.now() >= until) throw lastWord(error, seconds);
      await sleep(pauseMs);
    }
  }
};
