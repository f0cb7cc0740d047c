import { createHash, randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import { handleCommand } from '../event-log/handle-command.ts';
import { forgetSecrets, keepSecret } from '../outbound/delivery-store.ts';
import { type TargetCommand, target, targetChange, targetInput, targetStream } from '../outbound/target.ts';
import {
  connectorItemOf,
  standings,
  type TargetItem,
  targetDeadLetter,
  targetDeadLetters,
  targetItem,
  targetItemOf,
  wishDeadLetters,
} from '../outbound/target-queries.ts';
import { readTargets, type TargetRow, targetFrom } from '../outbound/targets-projection.ts';
import { newWebhookSecret } from '../outbound/webhook-signature.ts';
import { isoTime } from '../runtime/clock.ts';
import { page } from '../runtime/schema.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { commandMeta, paging } from './input.ts';
import { type Account, Input, type InputOf, Operation, operation } from './operation.ts';

/** As many as are told at once; each reads the log by itself. */
const targetsMax = 100;
const bothSecretsHours = 24;

const targetParams = z.strictObject({ id: z.string().max(64) });
const secretAnswer = z.object({ /** Shown this once. */ secret: z.string() });

const list = operation({
  method: 'get',
  path: '/api/work-order-targets',
  summary: 'Systems that work orders are told to, with what each has taken and hasn’t',
  role: 'operator',
  answer: page(targetItem),
});
const read = operation({
  method: 'get',
  path: '/api/work-order-targets/{id}',
  summary: 'One system that work orders are told to',
  role: 'operator',
  params: targetParams,
  answer: targetItem,
});
const register = operation({
  method: 'post',
  path: '/api/work-order-targets',
  summary:
    'Tell a system work orders from now on: CloudEvents, signed by Standard Webhooks with a secret that is shown once',
  role: 'admin',
  status: 201,
  body: targetInput,
  answer: targetItem.extend(secretAnswer.shape),
});
const change = operation({
  method: 'patch',
  path: '/api/work-order-targets/{id}',
  summary: 'Change a target’s name, address, compounds or types',
  role: 'admin',
  params: targetParams,
  body: targetChange,
  answer: targetItem,
});
const pause = operation({
  method: 'post',
  path: '/api/work-order-targets/{id}/pause',
  summary: 'Tell a target nothing until it is resumed; it is told afterwards',
  role: 'operator',
  params: targetParams,
  body: z.strictObject({ reason: z.string().trim().max(2000).optional() }),
  answer: targetItem,
});
const resume = operation({
  method: 'post',
  path: '/api/work-order-targets/{id}/resume',
  summary: 'Tell a paused target what it missed, and go on',
  role: 'operator',
  params: targetParams,
  answer: targetItem,
});
const rotate = operation({
  method: 'post',
  path: '/api/work-order-targets/{id}/rotate-secret',
  summary: 'A new secret; for a day the one before signs too',
  role: 'admin',
  params: targetParams,
  answer: secretAnswer,
});
const remove = operation({
  method: 'delete',
  path: '/api/work-order-targets/{id}',
  summary: 'Tell a system nothing any more',
  role: 'admin',
  status: 204,
  params: targetParams,
});
const deadLetters = operation({
  method: 'get',
  path: '/api/work-order-targets/{id}/dead-letters',
  summary: 'Events that a target did not take, with the reason, newest first',
  role: 'operator',
  params: targetParams,
  query: z.strictObject({ ...paging, state: z.enum(['dead', 'wished', 'delivered']).optional() }),
  answer: page(targetDeadLetter),
});
const replay = operation({
  method: 'post',
  path: '/api/work-order-targets/{id}/dead-letters/replay',
  summary: 'Send dead letters again, under the same ids: those of these events, or all of them',
  role: 'operator',
  status: 202,
  params: targetParams,
  body: z.strictObject({ events: z.array(z.string().max(64)).min(1).max(1000).optional() }),
  answer: z.object({ wished: z.int() }),
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

@Controller()
export class OutboundTargetsController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(list)
  async list(): Promise<{ items: TargetItem[]; next: null }> {
    const { sql, clock } = this.parts;
    const [targets, known] = await Promise.all([readTargets(sql), standings(sql)]);
    const items = targets.map((row) => targetItemOf(row, known.get(row.id), clock.now()));
    const connectors = this.parts.connectors.map((of) => connectorItemOf(of, known.get(of.id), clock.now()));
    return { items: [...connectors, ...items], next: null };
  }

  @Operation(register)
  async register(@Input() { body, account }: InputOf<typeof register>): Promise<TargetItem & { secret: string }> {
    const { sql, clock } = this.parts;
    this.checkUrl(body.url);
    if ((await readTargets(sql)).length >= targetsMax) {
      throw new Refusal('target.too-many', `at most ${targetsMax} targets are told work orders`);
    }
    const id = randomUUID();
    const secret = newWebhookSecret();
    // Before the event: from then on messages go out that are signed with it.
    await keepSecret(sql, id, secret, isoTime(clock.now()));
    const data = { ...body, sha256: sha256(secret) };
    return { ...(await this.command(id, { type: 'register', data }, account)), secret };
  }

  @Operation(read)
  async read(@Input() { params }: InputOf<typeof read>): Promise<TargetItem> {
    const connector = this.parts.connectors.find(({ id }) => id === params.id);
    if (connector === undefined) return this.item(await this.rowOf(params.id));
    return connectorItemOf(connector, (await standings(this.parts.sql)).get(params.id), this.parts.clock.now());
  }

  @Operation(change)
  async change(@Input() { params, body, account }: InputOf<typeof change>): Promise<TargetItem> {
    if (body.url !== undefined) this.checkUrl(body.url);
    return this.command(params.id, { type: 'change', data: body }, account);
  }

  @Operation(pause)
  async pause(@Input() { params, body, account }: InputOf<typeof pause>): Promise<TargetItem> {
    return this.command(params.id, { type: 'pause', data: body }, account);
  }

  @Operation(resume)
  async resume(@Input() { params, account }: InputOf<typeof resume>): Promise<TargetItem> {
    return this.command(params.id, { type: 'resume' }, account);
  }

  @Operation(rotate)
  async rotate(@Input() { params, account }: InputOf<typeof rotate>): Promise<{ secret: string }> {
    const { sql, clock } = this.parts;
    await this.rowOf(params.id);
    const secret = newWebhookSecret();
    const previousUntil = isoTime(clock.now() + bothSecretsHours * 3_600_000);
    await keepSecret(sql, params.id, secret, previousUntil);
    await this.command(params.id, { type: 'issue-secret', data: { sha256: sha256(secret), previousUntil } }, account);
    return { secret };
  }

  @Operation(remove)
  async remove(@Input() { params, account }: InputOf<typeof remove>): Promise<void> {
    await this.command(params.id, { type: 'remove' }, account);
    await forgetSecrets(this.parts.sql, params.id);
  }

  @Operation(deadLetters)
  async deadLetters(@Input() { params, query }: InputOf<typeof deadLetters>) {
    await this.check(params.id);
    return targetDeadLetters(this.parts.sql, params.id, query);
  }

  @Operation(replay)
  async replay(@Input() { params, body, account }: InputOf<typeof replay>): Promise<{ wished: number }> {
    await this.check(params.id);
    const { occurredAt: now, actor: by } = commandMeta(this.parts, account);
    return { wished: await wishDeadLetters(this.parts.sql, params.id, { events: body.events, by, now }) };
  }

  private checkUrl(url: string): void {
    const complaint = this.parts.addresses.refusesUrl(url);
    if (complaint !== undefined) throw new Refusal('target.url', complaint, { field: 'url' });
  }

  /** Refuses what is neither a target nor a connector. */
  private async check(id: string): Promise<void> {
    if (!this.parts.connectors.some((connector) => connector.id === id)) await this.rowOf(id);
  }

  private async rowOf(id: string): Promise<TargetRow> {
    const row = targetFrom(await this.parts.log.readStream(targetStream(id)));
    if (row === undefined || row.status === 'removed') throw new Refusal('target.unknown', `there is no target ${id}`);
    return row;
  }

  private async item(row: TargetRow): Promise<TargetItem> {
    return targetItemOf(row, (await standings(this.parts.sql)).get(row.id), this.parts.clock.now());
  }

  /** Told from the stream itself: the read model follows a moment later. */
  private async command(id: string, command: TargetCommand, account: Account): Promise<TargetItem> {
    const { log } = this.parts;
    const meta = commandMeta(this.parts, account);
    const stream = targetStream(id);
    await handleCommand(log, { stream, decider: target, command, meta, newId: randomUUID });
    return this.item(targetFrom(await log.readStream(stream))!);
  }
}
