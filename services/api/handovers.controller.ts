import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import { handleCommand } from '../event-log/handle-command.ts';
import { compoundsOfOrders, countShift } from '../projections/work-order-board/queries.ts';
import { compoundOrRefuse } from '../registry/commands.ts';
import { page } from '../runtime/schema.ts';
import {
  type HandoverCommand,
  type HandoverItem,
  handover,
  handoverInput,
  handoverItem,
  handoverStream,
  handoversOf,
  takeoverInput,
} from '../work-orders/handover.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { commandMeta, idParams } from './input.ts';
import { type Account, Input, type InputOf, Operation, operation } from './operation.ts';

/** Handovers of some weeks; the log keeps them all. */
const eventsShown = 200;

const list = operation({
  method: 'get',
  path: '/api/compounds/{id}/handovers',
  summary: 'Shift handovers (交接班) of the last weeks, newest first',
  role: 'viewer',
  params: idParams,
  answer: page(handoverItem),
});
const give = operation({
  method: 'post',
  path: '/api/compounds/{id}/handovers',
  summary: 'Hand the shift over: what to watch, with how things stand; it waits until somebody else takes over',
  role: 'operator',
  status: 201,
  params: idParams,
  body: handoverInput,
  answer: handoverItem,
});
const take = operation({
  method: 'post',
  path: '/api/compounds/{id}/handovers/{handover}/take',
  summary: 'Take the shift over: the second signature, by another person than the first',
  role: 'operator',
  params: idParams.extend({ handover: z.uuid() }),
  body: takeoverInput,
  answer: handoverItem,
});

@Controller()
export class HandoversController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(list)
  async list(@Input() { params }: InputOf<typeof list>): Promise<{ items: HandoverItem[]; next: null }> {
    compoundOrRefuse(this.parts.index, params.id);
    return { items: await this.newest(params.id), next: null };
  }

  @Operation(give)
  async give(@Input() { params, body, account }: InputOf<typeof give>): Promise<HandoverItem> {
    const compounds = await compoundsOfOrders(this.parts.sql, body.watch);
    const stranger = body.watch.find((order) => compounds.get(order) !== params.id);
    if (stranger !== undefined) {
      throw new Refusal('handover.unknown-order', `${params.id} has no work order ${stranger}`, { field: 'watch' });
    }
    const [before] = await this.newest(params.id);
    const figures = await countShift(this.parts.sql, params.id, before?.at ?? null);
    const data = { ...body, id: randomUUID(), by: account.user, figures };
    return this.command(params.id, { type: 'give', data }, account);
  }

  @Operation(take)
  take(@Input() { params, body, account }: InputOf<typeof take>): Promise<HandoverItem> {
    const data = { ...body, id: params.handover, by: account.user };
    return this.command(params.id, { type: 'take', data }, account);
  }

  private async newest(compound: string): Promise<HandoverItem[]> {
    const stream = handoverStream(compound);
    return handoversOf(await this.parts.log.readStream(stream, { backwards: true, maxCount: eventsShown }));
  }

  private async command(compound: string, command: HandoverCommand, account: Account): Promise<HandoverItem> {
    compoundOrRefuse(this.parts.index, compound);
    const meta = { ...commandMeta(this.parts, account), compound };
    const stream = handoverStream(compound);
    await handleCommand(this.parts.log, { stream, decider: handover, command, meta, newId: randomUUID });
    return (await this.newest(compound)).find(({ id }) => id === command.data.id)!;
  }
}
