import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import { type Contact, contact, contactInput, eraseContact, putContact, readContacts } from '../outbound/contacts.ts';
import { type NoticeItem, noticeItem, notices } from '../outbound/notice-queries.ts';
import { loadNoticeRules, noticeRules } from '../outbound/notice-rules.ts';
import { newWebhookSecret } from '../outbound/webhook-signature.ts';
import { registryId } from '../registry/registry.ts';
import { page } from '../runtime/schema.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { paging } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';

const personParams = z.strictObject({ person: z.string().trim().min(1).max(100) });

const list = operation({
  method: 'get',
  path: '/api/notices',
  summary: 'What people were told of work orders, by which way, and what became of it; newest first',
  role: 'viewer',
  query: z.strictObject({
    ...paging,
    compound: registryId.optional(),
    order: z.string().max(100).optional(),
    state: z.enum(['waiting', 'sent', 'failed']).optional(),
  }),
  answer: page(noticeItem),
});
const rules = operation({
  method: 'get',
  path: '/api/notice-rules',
  summary: 'Who is told what of a work order, when and by which way, with the hours in which nobody is disturbed',
  role: 'viewer',
  answer: noticeRules,
});
const contacts = operation({
  method: 'get',
  path: '/api/contacts',
  summary: 'Where people are reached',
  role: 'operator',
  answer: page(contact),
});
const put = operation({
  method: 'post',
  path: '/api/contacts/{person}',
  summary: 'Say where a person is reached; what goes to the webhook is signed with a secret that is shown once',
  role: 'operator',
  params: personParams,
  body: contactInput,
  answer: contact.extend({ secret: z.string().nullable() }),
});
const erase = operation({
  method: 'delete',
  path: '/api/contacts/{person}',
  summary: 'Erase where a person is reached',
  role: 'operator',
  status: 204,
  params: personParams,
});

const rulesInForce = loadNoticeRules();

@Controller()
export class OutboundNoticesController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(list)
  list(@Input() { query }: InputOf<typeof list>): Promise<{ items: NoticeItem[]; next: string | null }> {
    return notices(this.parts.sql, query);
  }

  @Operation(rules)
  rules() {
    return rulesInForce;
  }

  @Operation(contacts)
  async contacts(): Promise<{ items: Contact[]; next: null }> {
    return { items: await readContacts(this.parts.sql), next: null };
  }

  @Operation(put)
  async put(@Input() { params, body }: InputOf<typeof put>): Promise<Contact & { secret: string | null }> {
    const complaint = body.webhook === null ? undefined : this.parts.addresses.refusesUrl(body.webhook);
    if (complaint !== undefined) throw new Refusal('target.url', complaint, { field: 'webhook' });
    const secret = body.webhook === null ? null : newWebhookSecret();
    const changed = { ...params, ...body };
    await putContact(this.parts.sql, changed, secret);
    return { ...changed, secret };
  }

  @Operation(erase)
  async erase(@Input() { params }: InputOf<typeof erase>): Promise<void> {
    if (!(await eraseContact(this.parts.sql, params.person))) {
      throw new Refusal('contact.unknown', `nothing is known of where ${params.person} is reached`);
    }
  }
}
