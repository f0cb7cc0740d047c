import { randomUUID } from 'node:crypto';
import { Controller, Inject, Req, Res } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import { workOrderStream } from '../event-log/event.ts';
import { handleCommand } from '../event-log/handle-command.ts';
import { createPseudonymizer, pseudonym } from '../ingest/pseudonym.ts';
import { compoundOrRefuse } from '../registry/commands.ts';
import { type Compound, registryId } from '../registry/registry.ts';
import { contractHoursOf } from '../registry/registry-index.ts';
import { isoTime } from '../runtime/clock.ts';
import { instant } from '../runtime/schema.ts';
import { carryOut, type OrderWish } from '../work-orders/carry-out.ts';
import { startClocks } from '../work-orders/clocks.ts';
import { workOrderCommands } from '../work-orders/commands.ts';
import {
  hashOf,
  type IntakeIds,
  type IntakeReport,
  intakeCodes,
  intakeDecider,
  intakeIds,
  intakeKinds,
  intakeLevels,
  intakeReport,
  intakeStream,
  intakeTitles,
  knownPlace,
  newIntakeToken,
  receiptAsTold,
  withoutNumbers,
} from '../work-orders/intake.ts';
import { residentPhoto } from '../work-orders/intake-photo.ts';
import { eraseReport, putReport, reportOfOrder, reportOfReceipt } from '../work-orders/intake-reports.ts';
import { type IntakeStatus, intakeStatus, intakeStatusOf } from '../work-orders/intake-status.ts';
import { compoundOfToken } from '../work-orders/intake-tokens.ts';
import type { Photo } from '../work-orders/photos.ts';
import { loadServiceLevels } from '../work-orders/service-levels.ts';
import { workOrder } from '../work-orders/work-order.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { commandMeta, idParams } from './input.ts';
import { createLimit } from './intake-limits.ts';
import { intakePage } from './intake-page.ts';
import { networkOf } from './login-attempts.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';

const serviceLevels = loadServiceLevels();
const tokenParams = z.strictObject({ token: z.string().max(100) });
const receiptParams = z.strictObject({ receipt: z.string().max(100) });
const orderParams = z.strictObject({ id: z.string().max(100) });

const issue = operation({
  method: 'post',
  path: '/api/compounds/{id}/intake-token',
  summary: 'Make the token by which residents report to a compound, told this once; the one before ends at once',
  role: 'operator',
  status: 201,
  params: idParams,
  answer: z.object({ token: z.string(), /** Of the residents' page, for a QR code on the door. */ path: z.string() }),
});
const state = operation({
  method: 'get',
  path: '/api/compounds/{id}/intake-token',
  summary: 'Whether residents can report to a compound, and since when by the token that holds; not the token itself',
  role: 'operator',
  params: idParams,
  answer: z.object({ open: z.boolean(), since: instant.nullable() }),
});
const close = operation({
  method: 'delete',
  path: '/api/compounds/{id}/intake-token',
  summary: 'End residents’ reporting to a compound, until a new token is made',
  role: 'operator',
  params: idParams,
  answer: z.object({ open: z.literal(false) }),
});
const page = operation({
  method: 'get',
  path: '/intake/{token}',
  summary: 'The residents’ page: report a fault, complain, look the state up, rate',
  role: 'nobody',
  params: tokenParams,
  answerType: 'text/html',
});
const places = operation({
  method: 'get',
  path: '/api/intake/{token}',
  summary: 'The compound that a token belongs to, with the places that a report can name',
  role: 'nobody',
  params: tokenParams,
  answer: z.object({
    compoundName: z.string(),
    buildings: z.array(z.object({ id: registryId, name: z.string() })),
    positions: z.array(z.object({ id: registryId, name: z.string() })),
  }),
});
const report = operation({
  method: 'post',
  path: '/api/intake/{token}',
  summary: 'A resident reports a fault (一键报修) or complains (智慧投诉); the receipt looks the state up',
  role: 'nobody',
  status: 201,
  params: tokenParams,
  body: intakeReport,
  answer: intakeStatus,
});
const status = operation({
  method: 'get',
  path: '/api/intake/receipts/{receipt}',
  summary: 'How far a resident’s report is',
  role: 'nobody',
  params: receiptParams,
  answer: intakeStatus,
});
const confirm = operation({
  method: 'post',
  path: '/api/intake/receipts/{receipt}/confirm',
  summary: 'The resident says that it is done',
  role: 'nobody',
  params: receiptParams,
  answer: intakeStatus,
});
const rate = operation({
  method: 'post',
  path: '/api/intake/receipts/{receipt}/rating',
  summary: 'The resident rates the closed order, from one to five',
  role: 'nobody',
  params: receiptParams,
  body: workOrderCommands.rate,
  answer: intakeStatus,
});
const reporter = operation({
  method: 'get',
  path: '/api/work-orders/{id}/reporter',
  summary: 'Where a resident’s report came from, for whoever goes there; apart from the log, and erasable',
  role: 'operator',
  params: orderParams,
  answer: z.object({
    order: z.string(),
    kind: z.enum(intakeKinds),
    contact: z.string().nullable(),
    place: z.string().nullable(),
    words: z.string().nullable(),
    reportedAt: instant,
    erasedAt: instant.nullable(),
  }),
});
const erase = operation({
  method: 'delete',
  path: '/api/work-orders/{id}/reporter',
  summary: 'Erase what a resident told of themselves',
  role: 'admin',
  params: orderParams,
  answer: z.object({ erased: z.literal(true) }),
});

interface Request {
  ip?: string;
}
interface Response {
  setHeader(name: string, value: string): void;
  end(text: string): void;
}

const resident = { actor: 'resident', person: 'resident' };

@Controller()
export class IntakeController {
  private readonly limitReports: (key: string) => void;
  private readonly limitCompound: (key: string) => void;
  private readonly limitLooks: (key: string) => void;

  constructor(@Inject(apiParts) private readonly parts: ApiParts) {
    // A household behind one address; a whole compound behind its operator's one.
    this.limitReports = createLimit(parts.clock, { messagesPerSecond: 1 / 60, burst: 10 });
    this.limitCompound = createLimit(parts.clock, { messagesPerSecond: 1 / 5, burst: 200 });
    this.limitLooks = createLimit(parts.clock, { messagesPerSecond: 1, burst: 60 });
  }

  @Operation(issue)
  async issue(@Input() { params, account }: InputOf<typeof issue>): Promise<{ token: string; path: string }> {
    const token = newIntakeToken();
    const meta = { ...commandMeta(this.parts, account), compound: compoundOrRefuse(this.parts.index, params.id).id };
    const command = { type: 'issue', sha256: hashOf(token) } as const;
    const stream = intakeStream(params.id);
    await handleCommand(this.parts.log, { stream, decider: intakeDecider, command, meta, newId: randomUUID });
    return { token, path: `/intake/${token}` };
  }

  @Operation(state)
  async state(@Input() { params }: InputOf<typeof state>): Promise<{ open: boolean; since: string | null }> {
    const stream = intakeStream(compoundOrRefuse(this.parts.index, params.id).id);
    const [newest] = await this.parts.log.readStream(stream, { backwards: true, maxCount: 1 });
    const open = newest?.type === 'intake.token-issued';
    return { open, since: open ? newest.meta.occurredAt : null };
  }

  @Operation(close)
  async close(@Input() { params, account }: InputOf<typeof close>): Promise<{ open: false }> {
    const meta = { ...commandMeta(this.parts, account), compound: compoundOrRefuse(this.parts.index, params.id).id };
    const stream = intakeStream(params.id);
    const command = { type: 'close' } as const;
    await handleCommand(this.parts.log, { stream, decider: intakeDecider, command, meta, newId: randomUUID });
    return { open: false };
  }

  @Operation(page)
  page(@Input() _: InputOf<typeof page>, @Res() response: Response): void {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-security-policy', intakePage.contentSecurityPolicy);
    // The address is the token: it must not go anywhere else.
    response.setHeader('referrer-policy', 'no-referrer');
    response.end(intakePage.html);
  }

  @Operation(places)
  async places(@Input() { params }: InputOf<typeof places>, @Req() request: Request) {
    const { name, buildings, positions } = await this.compoundOf(params.token, request);
    const named = (list: readonly { id: string; name: string }[]) => list.map(({ id, name }) => ({ id, name }));
    return { compoundName: name, buildings: named(buildings), positions: named(positions) };
  }

  @Operation(report)
  async report(
    @Input() { params, body }: InputOf<typeof report>,
    @Req() request: Request,
  ): Promise<z.infer<typeof intakeStatus>> {
    const compound = await this.compoundOf(params.token, request);
    this.limitReports(`${compound.id}|${networkOf(request.ip ?? '')}`);
    this.limitCompound(compound.id);
    const photo = body.photo === undefined ? undefined : residentPhoto(Buffer.from(body.photo, 'base64'));
    const place = knownPlace(compound, body);
    const ids = intakeIds(compound.id, body.requestId ?? randomUUID());
    const reportedAt = isoTime(this.parts.clock.now());
    await putReport(this.parts.sql, hashOf(ids.receipt), {
      ...{ order: ids.order, compound: compound.id, kind: body.kind, reportedAt },
      ...{ contact: body.contact ?? null, place: body.place ?? null, words: body.text ?? null },
    });
    await this.raise({ compound, body, ids, place, reportedAt });
    if (photo !== undefined) await this.addPhoto(ids.order, photo);
    return this.statusOf(ids.receipt);
  }

  @Operation(status)
  status(@Input() { params }: InputOf<typeof status>, @Req() request: Request): Promise<IntakeStatus> {
    this.limitLooks(networkOf(request.ip ?? ''));
    return this.statusOf(params.receipt);
  }

  @Operation(confirm)
  confirm(@Input() { params }: InputOf<typeof confirm>, @Req() request: Request): Promise<IntakeStatus> {
    return this.carryOut(params.receipt, { type: 'confirm', data: {} }, request);
  }

  @Operation(rate)
  rate(@Input() { params, body }: InputOf<typeof rate>, @Req() request: Request): Promise<IntakeStatus> {
    const { score, comment } = body;
    const data = { score, ...(comment === undefined ? {} : { comment: withoutNumbers(comment) }) };
    return this.carryOut(params.receipt, { type: 'rate', data }, request);
  }

  @Operation(reporter)
  async reporter(@Input() { params }: InputOf<typeof reporter>) {
    const found = await reportOfOrder(this.parts.sql, params.id);
    if (found === undefined) throw new Refusal('intake.unknown-report', `no resident reported work order ${params.id}`);
    const { compound: _compound, ...answer } = found;
    return answer;
  }

  @Operation(erase)
  async erase(@Input() { params }: InputOf<typeof erase>): Promise<{ erased: true }> {
    await eraseReport(this.parts.sql, params.id, isoTime(this.parts.clock.now()));
    return { erased: true };
  }

  private async compoundOf(token: string, { ip = '' }: Request): Promise<Compound> {
    this.limitLooks(networkOf(ip));
    const id = await compoundOfToken(this.parts.sql, hashOf(token));
    const compound = id === undefined ? undefined : this.parts.index.compound(id);
    if (compound === undefined) throw new Refusal('intake.unknown-token', 'this address is not valid any more');
    return compound;
  }

  private async raise({
    compound,
    body,
    ids,
    place,
    reportedAt,
  }: {
    compound: Compound;
    body: IntakeReport;
    ids: IntakeIds;
    place: { building?: string; position?: string };
    reportedAt: string;
  }): Promise<void> {
    const level = serviceLevels.get(intakeLevels[body.kind])!;
    const data = {
      compound: compound.id,
      ...place,
      code: intakeCodes[body.kind],
      lasting: false,
      title: intakeTitles[body.kind],
      ...(body.text === undefined ? {} : { text: withoutNumbers(body.text) }),
      serviceLevel: level.id,
      priority: level.priority,
      raisedAt: reportedAt,
      ...startClocks({ raisedAt: reportedAt, level, contractHours: contractHoursOf(compound) }),
      late: false,
      causedBy: ids.causedBy,
    };
    const actor = await this.actorOf(compound.id, body.contact, reportedAt);
    await handleCommand(this.parts.log, {
      stream: workOrderStream(ids.order),
      decider: workOrder,
      command: { type: 'raise', data },
      meta: { occurredAt: reportedAt, actor, compound: compound.id },
      newId: randomUUID,
    });
  }

  /** Tells that two reports of a month are one person's, until the month's key is destroyed. */
  private async actorOf(compound: string, contact: string | undefined, at: string): Promise<string> {
    if (contact === undefined) return resident.actor;
    const pseudonyms = createPseudonymizer(this.parts.sql);
    const month = at.slice(0, 7);
    await pseudonyms.load(compound, month);
    return `resident:${pseudonym(pseudonyms.key(compound, month)!, contact.normalize('NFKC').replace(/\s/g, ''))}`;
  }

  private async addPhoto(order: string, photo: Photo): Promise<void> {
    const { sha256, mediaType, bytes } = photo;
    // The bytes first: an event must not name what was never stored.
    await this.parts.photos.put(order, photo);
    const data = { sha256, mediaType, sizeBytes: bytes.length, shows: 'before' } as const;
    await carryOut(this.parts, order, { type: 'add-photo', data }, resident);
  }

  private async carryOut(receipt: string, wish: OrderWish, { ip = '' }: Request): Promise<IntakeStatus> {
    this.limitLooks(networkOf(ip));
    const { order } = await this.reportOf(receipt);
    await carryOut(this.parts, order, wish, resident);
    return this.statusOf(receipt);
  }

  private async reportOf(typed: string) {
    const receipt = receiptAsTold(typed);
    const found = await reportOfReceipt(this.parts.sql, hashOf(receipt));
    if (found === undefined) throw new Refusal('intake.unknown-receipt', 'there is no report with this receipt');
    return { receipt, ...found };
  }

  private async statusOf(typed: string): Promise<IntakeStatus> {
    const found = await this.reportOf(typed);
    return intakeStatusOf(found, await this.parts.log.readStream(workOrderStream(found.order)));
  }
}
