import { lookup as lookUp } from 'node:dns';
import http, { type IncomingMessage, type OutgoingHttpHeaders, type RequestOptions } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { AddressPolicy } from './address-policy.ts';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PATCH';
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** The answer's text matters: more of it is read, and one that is cut off or too long fails. */
  wholeAnswer?: boolean;
  /** Saying it twice would do it twice: never said again by itself over a connection that was just closed. */
  onceOnly?: boolean;
}

export interface HttpAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  /** Its beginning, unless `wholeAnswer`. */
  text: string;
}

/** No answer came, in a sentence; the code is the system's or TLS' own (`ECONNREFUSED`, `CERT_HAS_EXPIRED`). */
export class SendFailed extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export type SendHttp = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

const timeoutSecondsDefault = 10;
const excerptBytes = 2_048;
const wholeBytesMax = 4 * 1024 * 1024;
/** What comes after the status line of a success is read only so that the connection can be used again. */
const politenessSeconds = 1;

/** Resolves with the body's text, or with what has come of it when `stopMs` is over. */
const readText = async (
  response: IncomingMessage,
  { bytesMax, stopMs }: { bytesMax: number; stopMs: number | undefined },
): Promise<{ text: string; isWhole: boolean }> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isStopped = false;
  const timer = stopMs === undefined ? undefined : setTimeout(() => response.destroy(), stopMs);
  const done = (isWhole: boolean) => ({ text: Buffer.concat(chunks).subarray(0, bytesMax).toString(), isWhole });
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > bytesMax) {
        isStopped = true;
        break;
      }
    }
    return done(!isStopped && response.complete);
  } catch {
    return done(false);
  } finally {
    clearTimeout(timer);
    if (!response.complete) response.destroy();
  }
};

/** Looks a name up and lets through only addresses that the policy allows: what is checked is what is connected to. */
const lookingUp =
  (policy: AddressPolicy, protocol: string): LookupFunction =>
  (host, options, callback) => {
    lookUp(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const refused = addresses.map(({ address }) => policy.refuses(address, protocol));
      const allowed = addresses.filter((_, index) => refused[index] === undefined);
      const [first] = allowed;
      if (first === undefined) return callback(new SendFailed('address-refused', `${host}: ${refused[0]}`), '', 0);
      return options.all === true ? callback(null, allowed) : callback(null, first.address, first.family);
    });
  };

/**
 * Node's own client and not `fetch`, which can't be told to look at the address that a name leads to. Redirects are
 * answers like any other: the next address was never checked, and a signed message isn't sent on by others.
 */
export const createHttpSender = (policy: AddressPolicy, timeoutSeconds = timeoutSecondsDefault) => {
  const agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: 32, timeout: 30_000 }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: 32, timeout: 30_000 }),
  };

  const open = (url: URL, options: RequestOptions, body: string | undefined): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const request = (url.protocol === 'https:' ? https : http).request(url, options, resolve);
      request.once('error', (error: NodeJS.ErrnoException) => {
        const isStale = request.reusedSocket && error.code === 'ECONNRESET';
        reject(isStale ? new SendFailed('stale-connection', error.message) : error);
      });
      request.end(body);
    });

  const once = async (request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> => {
    const url = new URL(request.url);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const refused = isIP(host) === 0 ? undefined : policy.refuses(host, url.protocol);
    if (refused !== undefined) throw new SendFailed('address-refused', refused);
    const { body } = request;
    const headers: OutgoingHttpHeaders = {
      ...request.headers,
      'user-agent': 'xingyuan-hub',
      ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
    };
    const deadline = AbortSignal.timeout(timeoutSeconds * 1000);
    const options: RequestOptions = {
      method: request.method,
      headers,
      // A connection of its own can't have been closed before.
      agent: request.onceOnly === true ? false : agents[url.protocol as keyof typeof agents],
      lookup: lookingUp(policy, url.protocol),
      signal: AbortSignal.any([signal, deadline]),
    };
    try {
      const response = await open(url, options, body);
      const status = response.statusCode!;
      const isTaken = status >= 200 && status < 300 && request.wholeAnswer !== true;
      const bytesMax = request.wholeAnswer === true ? wholeBytesMax : excerptBytes;
      const { text, isWhole } = await readText(response, {
        bytesMax,
        stopMs: isTaken ? politenessSeconds * 1000 : undefined,
      });
      if (request.wholeAnswer === true && !isWhole)
        throw new SendFailed('answer-cut-off', `its answer (${status}) was cut off, too slow or too long`);
      return { status, headers: response.headers, text };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (deadline.aborted) throw new SendFailed('timed-out', `no answer within ${timeoutSeconds} s`);
      if (error instanceof SendFailed) throw error;
      const { code = 'failed', message } = error as NodeJS.ErrnoException;
      throw new SendFailed(code, message === '' ? code : message);
    }
  };

  const send: SendHttp = async (request, signal) => {
    try {
      return await once(request, signal);
    } catch (error) {
      // The other side had closed an idle connection just as it was used again: that says nothing about it.
      if (error instanceof SendFailed && error.code === 'stale-connection') return once(request, signal);
      throw error;
    }
  };
  return {
    send,
    close(): void {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
};
