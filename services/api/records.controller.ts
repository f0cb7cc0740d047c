import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { completeRecord, disclosedItems, openRecord, recordPlatformReport } from '../registry/records.ts';
import { isoTime } from '../runtime/clock.ts';
import { instant } from '../runtime/schema.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { idParams } from './input.ts';
import { type Account, Input, type InputOf, Operation, operation } from './operation.ts';

/** When it happened; left out, now. */
const at = instant.optional();
const text = z.string().trim().min(1).max(2000);
const recordParams = idParams.extend({ record: z.uuid() });
const opened = z.object({ id: z.string() });

const planMeeting = operation({
  method: 'post',
  path: '/api/compounds/{id}/meetings',
  summary: 'Record a planned joint meeting (党建联席会议)',
  role: 'operator',
  status: 201,
  params: idParams,
  body: z.strictObject({ plannedFor: instant, subject: text.optional(), at }),
  answer: opened,
});
const holdMeeting = operation({
  method: 'post',
  path: '/api/compounds/{id}/meetings/{record}/held',
  summary: 'Record that a planned meeting was held',
  role: 'operator',
  status: 204,
  params: recordParams,
  body: z.strictObject({ minutes: text.optional(), at }),
});
const blowWhistle = operation({
  method: 'post',
  path: '/api/compounds/{id}/whistles',
  summary: 'Record a whistle to a department of the street (吹哨), with the time by which it reports in',
  role: 'operator',
  status: 201,
  params: idParams,
  body: z.strictObject({ department: text, subject: text, dueAt: instant, at }),
  answer: opened,
});
const answerWhistle = operation({
  method: 'post',
  path: '/api/compounds/{id}/whistles/{record}/answered',
  summary: 'Record that the department reported in (报到)',
  role: 'operator',
  status: 204,
  params: recordParams,
  body: z.strictObject({ answer: text.optional(), at }),
});
const platformReport = operation({
  method: 'post',
  path: '/api/compounds/{id}/platform-reports',
  summary: 'Record that the city platform took a report of the compound',
  role: 'operator',
  status: 204,
  params: idParams,
  body: z.strictObject({ at }),
});
const publish = operation({
  method: 'post',
  path: '/api/compounds/{id}/disclosures',
  summary: 'Record that the property contract or the fee items were published for the residents (公开公示)',
  role: 'operator',
  status: 201,
  params: idParams,
  body: z.strictObject({ item: z.enum(disclosedItems), where: text, until: instant.optional(), at }),
  answer: opened,
});
const withdraw = operation({
  method: 'post',
  path: '/api/compounds/{id}/disclosures/{record}/withdrawn',
  summary: 'Record that a publication was taken back',
  role: 'operator',
  status: 204,
  params: recordParams,
  body: z.strictObject({ reason: text, at }),
});

@Controller()
export class RecordsController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(planMeeting)
  async planMeeting(@Input() { params, body, account }: InputOf<typeof planMeeting>) {
    const { at: when, plannedFor, ...data } = body;
    const fact = { type: 'meeting.planned' as const, data: { ...data, plannedFor: isoTime(Date.parse(plannedFor)) } };
    return { id: await openRecord(this.parts, fact, this.meta(params.id, when, account)) };
  }

  @Operation(holdMeeting)
  async holdMeeting(@Input() { params, body, account }: InputOf<typeof holdMeeting>): Promise<void> {
    const { at: when, ...data } = body;
    await completeRecord(
      this.parts,
      params.record,
      { type: 'meeting.held', data },
      this.meta(params.id, when, account),
    );
  }

  @Operation(blowWhistle)
  async blowWhistle(@Input() { params, body, account }: InputOf<typeof blowWhistle>) {
    const { at: when, dueAt, ...data } = body;
    const fact = { type: 'whistle.blown' as const, data: { ...data, dueAt: isoTime(Date.parse(dueAt)) } };
    return { id: await openRecord(this.parts, fact, this.meta(params.id, when, account)) };
  }

  @Operation(answerWhistle)
  async answerWhistle(@Input() { params, body, account }: InputOf<typeof answerWhistle>): Promise<void> {
    const { at: when, ...data } = body;
    await completeRecord(
      this.parts,
      params.record,
      { type: 'whistle.answered', data },
      this.meta(params.id, when, account),
    );
  }

  @Operation(platformReport)
  async platformReport(@Input() { params, body, account }: InputOf<typeof platformReport>): Promise<void> {
    await recordPlatformReport(this.parts, this.meta(params.id, body.at, account));
  }

  @Operation(publish)
  async publish(@Input() { params, body, account }: InputOf<typeof publish>) {
    const { at: when, until, ...data } = body;
    const fact = {
      type: 'disclosure.published' as const,
      data: { ...data, ...(until === undefined ? {} : { until: isoTime(Date.parse(until)) }) },
    };
    return { id: await openRecord(this.parts, fact, this.meta(params.id, when, account)) };
  }

  @Operation(withdraw)
  async withdraw(@Input() { params, body, account }: InputOf<typeof withdraw>): Promise<void> {
    const { at: when, ...data } = body;
    await completeRecord(
      this.parts,
      params.record,
      { type: 'disclosure.withdrawn', data },
      this.meta(params.id, when, account),
    );
  }

  private meta(compound: string, when: string | undefined, account: Account) {
    const now = isoTime(this.parts.clock.now());
    const occurredAt = when === undefined ? now : isoTime(Date.parse(when));
    return { compound, occurredAt, now, actor: `user:${account.user}` };
  }
}
