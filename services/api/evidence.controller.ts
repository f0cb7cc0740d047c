import { Controller, Inject, Res } from '@nestjs/common';
import { z } from 'zod';
import type { RecordedEvent } from '../event-log/event.ts';
import {
  contributionOf,
  type Evidence,
  type EvidenceItem,
  evidenceOf,
  evidencePage,
  itemOf,
} from '../projections/star-rating/evidence.ts';
import { eventsBeneath, eventsCursor } from '../projections/star-rating/evidence-events.ts';
import type { Contribution } from '../projections/star-rating/measures/contribution.ts';
import { isoTime } from '../runtime/clock.ts';
import { bilingual, instant } from '../runtime/schema.ts';

import { type ApiParts, apiParts } from './api-parts.ts';
import { evidenceCsv } from './evidence-csv.ts';
import { idParams, paging } from './input.ts';
import { type Account, Input, type InputOf, Operation, operation } from './operation.ts';
import { ApiRefusal } from './problem.ts';
import { factsAsked, ratingQuery } from './rating-question.ts';
import { shownEvent } from './shown-event.ts';

const criterionParams = idParams.extend({ criterion: z.string().max(20) });
/** `<kind>:<id>` of an item's subject. */
const subject = z
  .string()
  .max(200)
  .regex(/^[a-z-]+:./, 'the kind and the id of an item’s subject, e.g. device:gate-1');

const read = operation({
  method: 'get',
  path: '/api/compounds/{id}/rating/criteria/{criterion}/evidence',
  summary:
    'What made a criterion’s number: devices, positions, orders, meetings … and their times, the worst first; `format=csv` gives all of them as a table',
  role: 'viewer',
  params: criterionParams,
  query: ratingQuery.extend({
    subject: subject.optional(),
    limit: paging.limit,
    cursor: z
      .string()
      .regex(/^\d{1,9}\.\d{1,16}$/, 'the `next` of the page before')
      .optional(),
    format: z.enum(['json', 'csv']).default('json'),
  }),
  answer: evidencePage,
  alsoAnswers: 'text/csv',
});

const beneathEvent = z.object({
  position: z.string(),
  stream: z.string(),
  revision: z.int(),
  id: z.string(),
  type: z.string(),
  occurredAt: instant,
  receivedAt: instant,
  /** The hub had it more than a minute after it happened: it corrected the past. */
  late: z.boolean(),
  /** How far the device's own clock is believed. */
  clock: z.string(),
  data: z.unknown(),
  /** The sender's own id of the message, where it has one. */
  sourceId: z.string().optional(),
  /** Where the bytes of a refused message are kept: its dead letter. */
  deadLetter: z.string().optional(),
  /** Where the message stands word for word, for operators, as long as it is kept. */
  message: z.string().optional(),
});

const events = operation({
  method: 'get',
  path: '/api/compounds/{id}/rating/criteria/{criterion}/evidence/events',
  summary:
    'The events beneath one item of the evidence, as the log holds them; a page may be empty and still have a next one',
  role: 'viewer',
  params: criterionParams,
  query: ratingQuery.extend({
    subject,
    limit: paging.limit,
    cursor: z.string().regex(eventsCursor, 'the `next` of the page before').optional(),
  }),
  answer: z.object({
    items: z.array(beneathEvent),
    next: z.string().nullable(),
    /** What a recorded event holds of its message, and what is left out on purpose. */
    record: bilingual,
  }),
});

const record = {
  zh: '事件按事件日志原样给出。日志保存的是从报文中解析出的事实；人脸、车牌、卡号、姓名只以假名保存，契约之外的字段不保存。报文原文另存：方言报文 35 天（见 message，仅限操作员），被拒收的报文 30 天（见 deadLetter）。超过保存期限的遥测已不在日志中。',
  en: 'Events as the log holds them. The log holds what was read from a message: faces, plates, card numbers and names stand as pseudonyms only, and fields that no contract names are left out. The message itself is kept apart: one in a dialect for 35 days (see message, for operators), a refused one for 30 days (see deadLetter). Telemetry past its retention is no longer there.',
};

const lateAfterMs = 60_000;
const intervalsShown = 200;

const itemOfEvent = (event: RecordedEvent): z.infer<typeof beneathEvent> => {
  const { position, stream, revision, id, type, data, meta } = shownEvent(event);
  const { occurredAt, receivedAt, clock, sourceId, dialect } = meta;
  const isDialects = dialect !== undefined && dialect !== 'canonical' && type !== 'ingest.payload-refused';
  return {
    ...{ position, stream, revision, id, type, occurredAt, receivedAt, clock, data },
    late: Date.parse(receivedAt) - Date.parse(occurredAt) > lateAfterMs,
    ...(sourceId === undefined ? {} : { sourceId }),
    ...(type === 'ingest.payload-refused' ? { deadLetter: id } : {}),
    ...(isDialects ? { message: `/api/events/${id}/message?receivedAt=${receivedAt}` } : {}),
  };
};

interface Response {
  type(mediaType: string): Response;
  setHeader(name: string, value: string): void;
}

@Controller()
export class EvidenceController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(read)
  async read(
    @Input() { params, query, account }: InputOf<typeof read>,
    @Res({ passthrough: true }) response: Response,
  ) {
    const [offset, pinnedMs] = query.cursor?.split('.').map(Number) ?? [0];
    // A page that follows speaks of the same instant as the first.
    const at = query.at ?? (pinnedMs === undefined ? undefined : isoTime(pinnedMs));
    const { evidence, knownAt } = await this.evidence(params, { ...query, at }, account);
    const chosen =
      query.subject === undefined ? evidence.contributions : [this.one(evidence, query.subject, params.criterion)];
    if (query.format === 'csv') {
      response.type('text/csv; charset=utf-8');
      const name = `${params.id}-${params.criterion}-${isoTime(evidence.atMs).slice(0, 10)}.csv`;
      response.setHeader('content-disposition', `attachment; filename="${name}"`);
      return evidenceCsv(evidence, chosen);
    }
    const end = offset! + query.limit;
    const intervalsMax = query.subject === undefined ? intervalsShown : Number.POSITIVE_INFINITY;
    const items = chosen.slice(offset, end).map((contribution): EvidenceItem => itemOf(contribution, intervalsMax));
    const { criterion, standard, atMs, window, value, numerator, denominator, explanation } = evidence;
    return {
      criterion: criterion.id,
      at: isoTime(atMs),
      knownAt: knownAt ?? null,
      window: { from: isoTime(window.fromMs), to: isoTime(window.toMs) },
      ...{ standard, value, numerator, denominator, explanation, items },
      next: end < chosen.length ? `${end}.${atMs}` : null,
    };
  }

  @Operation(events)
  async events(@Input() { params, query, account }: InputOf<typeof events>) {
    const { evidence, knownAt } = await this.evidence(params, query, account);
    const { beneath } = this.one(evidence, query.subject, params.criterion);
    const { events: found, next } = await eventsBeneath(this.parts, beneath, {
      limit: query.limit,
      cursor: query.cursor,
      ...(knownAt === undefined ? {} : { knownAtMs: Date.parse(knownAt) }),
    });
    return { items: found.map(itemOfEvent), next, record };
  }

  private async evidence(
    params: { id: string; criterion: string },
    query: z.infer<typeof ratingQuery>,
    account: Pick<Account, 'user'>,
  ) {
    const { standard, facts, knownAt } = await factsAsked(this.parts, params.id, query, account);
    const evidence = evidenceOf(standard, facts, params.criterion);
    if (evidence === undefined) {
      const known = standard.criteria.map(({ id }) => id).join(', ');
      throw new ApiRefusal(404, 'rating.unknown-criterion', `there is no ${params.criterion}; known are ${known}`);
    }
    return { evidence, knownAt };
  }

  private one(evidence: Evidence, asked: string, criterion: string): Contribution {
    const contribution = contributionOf(evidence, asked);
    if (contribution === undefined) {
      throw new ApiRefusal(404, 'rating.unknown-subject', `${criterion} was not made from ${asked}`);
    }
    return contribution;
  }
}
