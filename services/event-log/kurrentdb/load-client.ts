import { StartRefused } from '../../runtime/start-refused.ts';
import type { LogClient } from './log-client.ts';

type Package = '@eventstore/db-client' | '@kurrent/kurrentdb-client';

const packageOf: Readonly<Record<string, Package>> = {
  esdb: '@eventstore/db-client',
  'esdb+discover': '@eventstore/db-client',
  kurrentdb: '@kurrent/kurrentdb-client',
  'kurrentdb+discover': '@kurrent/kurrentdb-client',
};

/** The one package that this process has loaded. */
let loaded: Package | undefined;

const refused = (reason: string): StartRefused => new StartRefused(`EVENT_LOG_URL: ${reason}`);

const checkSettings = (url: string): void => {
  if (/[?&]throwOnAppendFailure=false/i.test(url)) {
    throw refused('throwOnAppendFailure=false makes the client answer with wrong revisions; leave it out.');
  }
  if (url.startsWith('esdb') && /[?&]tlsVerifyCert=false/i.test(url)) {
    throw refused('tlsVerifyCert=false has no effect in the client for esdb://; name the CA with tlsCAFile=…');
  }
};

/**
 * The client that the URL's scheme names, and only that one: both packages write their messages into the same global
 * object, and once both are loaded every append of one of them fails.
 */
export const loadClient = async (url: string): Promise<LogClient> => {
  const scheme = url.slice(0, url.indexOf('://'));
  const wanted = packageOf[scheme];
  if (wanted === undefined) throw refused(`"${scheme}://" is no scheme of KurrentDB or EventStoreDB.`);
  if (loaded !== undefined && loaded !== wanted) {
    throw refused(`this process has loaded ${loaded} already, which can't stand beside ${wanted}.`);
  }
  checkSettings(url);
  loaded = wanted;
  try {
    if (wanted === '@eventstore/db-client') {
      const { connectEventStore } = await import('./eventstore-client.ts');
      return connectEventStore(url);
    }
    const { connectKurrent } = await import('./kurrent-client.ts');
    return connectKurrent(url);
  } catch (error) {
    // The clients put the whole string, with its password, into their messages.
    const [reason = ''] = (error as Error).message.split('\n');
    throw refused(`the client can't use this address: ${reason.replace(/\/\/[^@]*@/, '//***@')}`);
  }
};
