import { type Clock, isoTime } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql } from '../runtime/sql.ts';
import { contactOf } from './contacts.ts';
import { backOffMs } from './delivery-state.ts';
import { MailFailed, type SendMail } from './mailer.ts';
import { type DueDelivery, dueDeliveries, type Settled, settleDelivery } from './notice-deliveries.ts';
import type { Notice } from './notice-events.ts';
import type { NoticeRules } from './notice-rules.ts';
import { type NoticePlace, noticeText } from './notice-text.ts';
import type { SendHttp } from './send-http.ts';
import { verdictOf, verdictOfFailure } from './verdict.ts';
import { persistently } from './wait-until.ts';
import { signatureHeaders } from './webhook-signature.ts';

const lookEveryMs = 500;
const dueMax = 50;
const atOnceMax = 5;
/** A notice that comes later than this helps nobody any more. */
const uselessAfterHours = 6;
/** People's mail servers and robots are given more time than a property system. */
const backOffTimes = 10;

export interface SendNoticesParts {
  sql: Sql;
  send: SendHttp;
  /** `undefined` where no mail server is configured. */
  mail: SendMail | undefined;
  rules: NoticeRules;
  placeOf(notice: Notice): NoticePlace;
  clock: Clock;
  random(): number;
  logger: Logger;
}

/** What came of one try. */
type Tried = { sent: string } | { failed: string; isFinal: boolean; notBeforeMs?: number };

const byMail = async (
  { mail, rules, placeOf }: SendNoticesParts,
  { notice, person, data }: DueDelivery,
  to: string | null | undefined,
): Promise<Tried> => {
  if (mail === undefined) return { failed: 'no mail server is set (HUB_SMTP_URL)', isFinal: true };
  if (to == null) return { failed: `${person} has no mail address`, isFinal: true };
  const { subject, text } = noticeText(data, placeOf(data), rules);
  try {
    return { sent: await mail({ to, subject, text, messageId: `${notice}.${encodeURIComponent(person)}` }) };
  } catch (error) {
    if (!(error instanceof MailFailed)) throw error;
    return { failed: error.message, isFinal: error.isFinal };
  }
};

const byWebhook = async (
  { send, clock, rules, placeOf }: SendNoticesParts,
  { notice, person, data }: DueDelivery,
  { contact, signal }: { contact: Awaited<ReturnType<typeof contactOf>>; signal: AbortSignal },
): Promise<Tried> => {
  if (contact?.webhook == null) return { failed: `${person} has no webhook`, isFinal: true };
  const { subject, text } = noticeText(data, placeOf(data), rules);
  const { timers: _timers, ...told } = data;
  const body = JSON.stringify({ id: notice, person, subject, text, ...told });
  const timestampSeconds = Math.floor(clock.now() / 1000);
  const signed = { id: `${notice}.${person}`, timestampSeconds, body };
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    ...(contact.secret === null ? {} : signatureHeaders(signed, [contact.secret])),
  };
  const request = { method: 'POST' as const, url: contact.webhook, headers, body };
  const verdict = await send(request, signal).then(
    (answer) => verdictOf(answer, clock.now()),
    (error: unknown) => {
      if (signal.aborted) throw error;
      return verdictOfFailure(error);
    },
  );
  if (verdict.taken) return { sent: verdict.said };
  const { reason: failed, notBeforeMs } = verdict;
  return { failed, isFinal: verdict.fault === 'event', ...(notBeforeMs === undefined ? {} : { notBeforeMs }) };
};

const settled = (tried: Tried, { attempts, issuedAt }: DueDelivery, nowMs: number, random: () => number): Settled => {
  if ('sent' in tried) return { state: 'sent', outcome: tried.sent, nextTryAt: null };
  const waitMs = backOffMs(attempts + 1, random) * backOffTimes;
  const nextTryMs = Math.max(nowMs + waitMs, tried.notBeforeMs ?? 0);
  const isTooLate = nextTryMs > issuedAt.getTime() + uselessAfterHours * 3_600_000;
  if (tried.isFinal || isTooLate) return { state: 'failed', outcome: tried.failed, nextTryAt: null };
  return { state: 'waiting', outcome: tried.failed, nextTryAt: isoTime(nextTryMs) };
};

const sendOne = async (parts: SendNoticesParts, delivery: DueDelivery, signal: AbortSignal): Promise<void> => {
  const { sql, clock, random } = parts;
  const contact = await contactOf(sql, delivery.person);
  const tried =
    delivery.channel === 'email'
      ? await byMail(parts, delivery, contact?.email)
      : await byWebhook(parts, delivery, { contact, signal });
  const nowMs = clock.now();
  await settleDelivery(sql, delivery, settled(tried, delivery, nowMs, random), isoTime(nowMs));
};

/**
 * Sends what the notices in the log ask for, each until it is taken, refused for good or useless. A process that is
 * killed between sending and noting it down sends once more, under the same id.
 */
export const sendNotices = (parts: SendNoticesParts, signal: AbortSignal): Promise<void> => {
  const round = async (): Promise<void> => {
    const due = (await dueDeliveries(parts.sql, isoTime(parts.clock.now()), dueMax)).values();
    const worker = async (): Promise<void> => {
      for (const delivery of due) {
        if (signal.aborted) return;
        await sendOne(parts, delivery, signal);
      }
    };
    await Promise.all(Array.from({ length: atOnceMax }, worker));
  };
  const failed = (error: unknown): void => parts.logger.error({ err: error }, 'notices are not sent, trying again');
  return persistently(round, { everyMs: lookEveryMs, signal, failed });
};
