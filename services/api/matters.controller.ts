import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import { workOrderStream } from '../event-log/event.ts';
import { ladderFiguresOf } from '../projections/matters/figures.ts';
import { matters, openMatterOf, toMatterDetail, toMatterItem } from '../projections/matters/queries.ts';
import { ladderFigures, type MatterDetail, matterDetail, matterItem } from '../projections/matters/shapes.ts';
import { compoundOrRefuse } from '../registry/commands.ts';
import { registryId } from '../registry/registry.ts';
import { isoTime } from '../runtime/clock.ts';
import { bilingual, instant, page } from '../runtime/schema.ts';
import { carryOutMatter, ladder, readMatter } from '../work-orders/ladder/carry-out-matter.ts';
import { createDocumentStore } from '../work-orders/ladder/documents.ts';
import { ladderFile } from '../work-orders/ladder/ladder.ts';
import {
  levels,
  type MatterCommandName,
  matterCommands,
  matterStates,
  partiesOf,
} from '../work-orders/ladder/matter-commands.ts';
import { matterStream } from '../work-orders/ladder/matter-events.ts';
import type { MatterCommand, MatterWish } from '../work-orders/ladder/matter-wish.ts';
import { newOrderId } from '../work-orders/order-id.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { paging } from './input.ts';
import { checkConcerns, checkPart } from './matter-parts.ts';
import { type Account, Input, type InputOf, Operation, operation } from './operation.ts';
import { InvalidInput } from './problem.ts';

const text = z.string().trim().min(1).max(2000);
const matterParams = z.strictObject({ id: z.string().max(100) });
const commandNames = Object.keys(matterCommands) as [MatterCommandName, ...MatterCommandName[]];
const figuresDaysDefault = 30;

const list = operation({
  method: 'get',
  path: '/api/matters',
  summary:
    'Matters on the escalation ladder (吹哨报到): open ones first, the highest level on top, then the ended ones',
  role: 'viewer',
  query: z.strictObject({
    ...paging,
    compound: registryId.optional(),
    street: z.string().max(100).optional(),
    state: z.enum(['all', 'open', 'ended', ...matterStates]).default('all'),
    level: z.enum(levels).optional(),
    /** Whistled for. */
    department: z.string().max(64).optional(),
  }),
  answer: page(matterItem),
});
const rungs = operation({
  method: 'get',
  path: '/api/ladder',
  summary: 'The ladder as data: departments, clocks and what leads upwards, each with the basis of its number',
  role: 'viewer',
  answer: ladderFile,
});
const figures = operation({
  method: 'get',
  path: '/api/ladder/figures',
  summary: 'Response, resolution, satisfaction and whistle rate by street, compound or department; the last 30 days',
  role: 'viewer',
  query: z.strictObject({
    by: z.enum(['street', 'compound', 'department']),
    from: instant.optional(),
    to: instant.optional(),
  }),
  answer: page(ladderFigures),
});
const refer = operation({
  method: 'post',
  path: '/api/matters',
  summary: 'Refer a matter that needs several parties to the joint meeting (party: property or community)',
  role: 'viewer',
  status: 201,
  body: z.strictObject({
    compound: registryId,
    title: bilingual,
    text: text.optional(),
    /** Work orders of the compound that it grew out of. */
    orders: z.array(z.string().min(1).max(100)).max(100).default([]),
  }),
  answer: matterDetail,
});
const read = operation({
  method: 'get',
  path: '/api/matters/{id}',
  summary: 'One matter with its timeline and the commands that its state allows',
  role: 'viewer',
  params: matterParams,
  answer: matterDetail,
});
const command = operation({
  method: 'post',
  path: '/api/matters/{id}/{command}',
  summary:
    'By the community: screen {accepted, reason?} · call-meeting {plannedFor, parties} · hold-meeting {minutes, attended} · decide {decision, carriedOutBy, responsible} · propose-whistle {departments, reason, document?} · approve {principal} · reject {principal, reason} · whistle {department, reason} · extend {department, workingDays, reason} · rate {department, score, comment?} · close {result} · withdraw {reason}; by a department too: report-in {department, person, note?} · return-whistle {department, reason} · finish {department, result} · reply {document}; by the property company too: blow-emergency {departments, reason}; by all: note {document}. A document is {text} or {sha256, name}',
  role: 'viewer',
  params: matterParams.extend({ command: z.enum(commandNames) }),
  body: z.looseObject({}),
  answer: matterDetail,
});

/** Hashes of the files that a command names. */
const filesIn = (data: object): string[] =>
  Object.values(data).flatMap((value: unknown) =>
    typeof value === 'object' && value !== null && 'sha256' in value ? [String(value.sha256)] : [],
  );

@Controller()
export class MattersController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(list)
  async list(@Input() { query, account }: InputOf<typeof list>) {
    const { state, ...asked } = query;
    const filter = { ...asked, department: account.department ?? asked.department };
    const { rows, next } = await matters(this.parts.sql, { ...filter, ...(state === 'all' ? {} : { state }) });
    return { items: rows.map((row) => toMatterItem(row, ladder, this.nameOf(row.referred.compound))), next };
  }

  @Operation(rungs)
  rungs() {
    return ladder;
  }

  @Operation(figures)
  async figures(@Input() { query }: InputOf<typeof figures>) {
    const nowMs = this.parts.clock.now();
    const to = query.to === undefined ? isoTime(nowMs) : isoTime(Date.parse(query.to));
    const fromMs = query.from === undefined ? Date.parse(to) - figuresDaysDefault * 86_400_000 : Date.parse(query.from);
    const question = { by: query.by, from: isoTime(fromMs), to, now: isoTime(nowMs) };
    const names = { ladder, nameOf: (compound: string) => this.nameOf(compound) };
    return { items: await ladderFiguresOf(this.parts.sql, question, names), next: null };
  }

  @Operation(refer)
  async refer(@Input() { body, account }: InputOf<typeof refer>): Promise<MatterDetail> {
    checkPart(account, 'refer', ['property', 'community']);
    const { district, timeZone } = compoundOrRefuse(this.parts.index, body.compound);
    for (const order of body.orders) await this.checkOrder(order, body.compound);
    const data = {
      ...{ ...body, timeZone, cause: 'asked' as const },
      text: body.text ?? body.title.zh,
      ...(district === undefined ? {} : { street: district }),
    };
    const id = newOrderId(randomUUID());
    return this.carryOut(id, body.compound, { ...this.moment(account), type: 'refer', data });
  }

  @Operation(read)
  async read(@Input() { params, account }: InputOf<typeof read>): Promise<MatterDetail> {
    checkConcerns(account, params.id, await readMatter(this.parts.log, params.id));
    return this.detailOf(await this.parts.log.readStream(matterStream(params.id)));
  }

  @Operation(command)
  async command(@Input() { params, body, account }: InputOf<typeof command>): Promise<MatterDetail> {
    checkPart(account, params.command, partiesOf[params.command], body);
    const result = matterCommands[params.command].safeParse(body);
    if (!result.success) throw new InvalidInput('body', result.error);
    const matter = await readMatter(this.parts.log, params.id);
    checkConcerns(account, params.id, matter);
    const store = createDocumentStore(this.parts.sql);
    for (const sha256 of filesIn(result.data)) {
      if (await store.has(params.id, sha256)) continue;
      throw new Refusal('matter.document-unknown', `matter ${params.id} has no document ${sha256}`);
    }
    const wish = { type: params.command, data: result.data } as MatterWish;
    return this.carryOut(params.id, matter.referred!.compound, { ...wish, ...this.moment(account) });
  }

  private moment({ user }: Account) {
    return { at: isoTime(this.parts.clock.now()), by: `user:${user}` };
  }

  private async carryOut(id: string, compound: string, wish: MatterCommand): Promise<MatterDetail> {
    const parts = { newId: randomUUID, compound, actor: wish.by };
    return this.detailOf(await carryOutMatter(this.parts.log, id, wish, parts));
  }

  private detailOf(stream: Awaited<ReturnType<typeof carryOutMatter>>): MatterDetail {
    return toMatterDetail(stream, ladder, (compound) => this.nameOf(compound))!;
  }

  private async checkOrder(order: string, compound: string): Promise<void> {
    const [raised] = await this.parts.log.readStream(workOrderStream(order), { maxCount: 1 });
    if (raised?.meta.compound !== compound) {
      throw new Refusal('matter.not-fitting', `orders: the compound has no work order ${order}`, { field: 'orders' });
    }
    const standing = await openMatterOf(this.parts.sql, order);
    if (standing === null) return;
    throw new Refusal('matter.exists', `work order ${order} stands on the ladder in matter ${standing}`);
  }

  private nameOf(compound: string): string {
    return this.parts.index.compound(compound)?.name ?? compound;
  }
}
