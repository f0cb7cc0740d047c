import { type HttpAnswer, SendFailed } from './send-http.ts';

/**
 * What became of one try. `target`: the target is down or wrongly set up, so the next event would fare no better.
 * `event`: it is there and doesn't want this one.
 */
export type Verdict =
  | { taken: true; said: string }
  | { taken: false; fault: 'target' | 'event'; reason: string; notBeforeMs?: number };

const retryAfterSecondsMax = 3_600;
const wordsMax = 300;

/** `Retry-After` is seconds or an HTTP date (RFC 9110, 10.2.3). */
const retryAfterMs = (header: string | undefined, nowMs: number): number | undefined => {
  if (header === undefined) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - nowMs) / 1000;
  if (Number.isNaN(seconds)) return undefined;
  return nowMs + Math.min(Math.max(0, seconds), retryAfterSecondsMax) * 1000;
};

/** Of the client errors those that a message alone can earn; the others (401, 403, 404, 410 …) are about the address. */
const aboutTheEvent = new Set([400, 409, 411, 413, 414, 415, 422, 431]);

export const verdictOf = ({ status, headers, text }: HttpAnswer, nowMs: number): Verdict => {
  const words = text.trim().replaceAll(/\s+/g, ' ').slice(0, wordsMax);
  const said = words === '' ? `answers ${status}` : `answers ${status}: ${words}`;
  if (status >= 200 && status < 300) return { taken: true, said };
  if (status >= 300 && status < 400) {
    const reason = `answers ${status} and points to ${headers.location ?? 'nowhere'}; redirects are not followed`;
    return { taken: false, fault: 'target', reason };
  }
  if (aboutTheEvent.has(status)) return { taken: false, fault: 'event', reason: said };
  const notBeforeMs = retryAfterMs(headers['retry-after'], nowMs);
  return { taken: false, fault: 'target', reason: said, ...(notBeforeMs === undefined ? {} : { notBeforeMs }) };
};

export const verdictOfFailure = (error: unknown): Verdict => {
  if (!(error instanceof SendFailed)) throw error;
  return { taken: false, fault: 'target', reason: `${error.code}: ${error.message}` };
};
