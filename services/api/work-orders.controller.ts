import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import { workOrderStream } from '../event-log/event.ts';
import { handleCommand } from '../event-log/handle-command.ts';
import {
  type WorkOrderDetail,
  type WorkOrderItem,
  workOrderDetail,
  workOrderItem,
} from '../projections/work-order-board/board.ts';
import {
  toDetail,
  toItem,
  type WorkOrderNames,
  withTimeline,
  workOrder,
  workOrders,
} from '../projections/work-order-board/queries.ts';
import type { WorkOrderRow } from '../projections/work-order-board/row.ts';
import { registryId } from '../registry/registry.ts';
import { placeOf } from '../registry/registry-index.ts';
import { page } from '../runtime/schema.ts';
import { priorities, workOrderCommands, workOrderStates } from '../work-orders/commands.ts';
import { type PersonCommand, workOrder as workOrderDecider } from '../work-orders/work-order.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { commandMeta, paging } from './input.ts';
import { type Account, Input, type InputOf, Operation, operation } from './operation.ts';
import { InvalidInput } from './problem.ts';

const orderParams = z.strictObject({ id: z.string().max(100) });
const commandNames = Object.keys(workOrderCommands) as [
  keyof typeof workOrderCommands,
  ...(keyof typeof workOrderCommands)[],
];

const list = operation({
  method: 'get',
  path: '/api/work-orders',
  summary: 'Work orders: open ones first, the most pressing on top, then the ended ones, newest first',
  role: 'viewer',
  query: z.strictObject({
    ...paging,
    compound: registryId.optional(),
    state: z.enum(['all', 'open', 'ended', ...workOrderStates]).default('all'),
    priority: z.enum(priorities).optional(),
    device: registryId.optional(),
  }),
  answer: page(workOrderItem),
});
const read = operation({
  method: 'get',
  path: '/api/work-orders/{id}',
  summary: 'One work order with its timeline and the commands that its state allows',
  role: 'viewer',
  params: orderParams,
  answer: workOrderDetail,
});
const command = operation({
  method: 'post',
  path: '/api/work-orders/{id}/{command}',
  summary:
    'acknowledge {} · dispatch {assignee?} · arrive {} · resolve {note?} · close {outcome?, note?} · note {text} · cancel {reason} · reopen {reason}',
  role: 'operator',
  params: orderParams.extend({ command: z.enum(commandNames) }),
  body: z.looseObject({}),
  answer: workOrderDetail,
});

@Controller()
export class WorkOrdersController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(list)
  async list(@Input() { query }: InputOf<typeof list>): Promise<{ items: WorkOrderItem[]; next: string | null }> {
    const { state, ...filter } = query;
    const wanted = { ...filter, ...(state === 'all' ? {} : { state }) };
    const { rows, next } = await workOrders(this.parts.sql, wanted);
    return { items: rows.map((row) => toItem(row, this.names(row))), next };
  }

  @Operation(read)
  async read(@Input() { params }: InputOf<typeof read>): Promise<WorkOrderDetail> {
    const found = await workOrder(this.parts.sql, params.id);
    if (found === null) throw new Refusal('work-order.unknown', `there is no work order ${params.id}`);
    return toDetail(found, this.names(found.row));
  }

  @Operation(command)
  async command(@Input() { params, body, account }: InputOf<typeof command>): Promise<WorkOrderDetail> {
    const { log } = this.parts;
    const result = workOrderCommands[params.command].safeParse(body);
    if (!result.success) throw new InvalidInput('body', result.error);
    const stream = workOrderStream(params.id);
    const events = await log.readStream(stream);
    const past = withTimeline(events);
    if (past === null) throw new Refusal('work-order.unknown', `there is no work order ${params.id}`);
    const { compound, device } = past.row;
    await handleCommand(log, {
      stream,
      decider: workOrderDecider,
      command: this.filledIn({ type: params.command, data: result.data } as PersonCommand, past.row, account),
      meta: {
        ...commandMeta(this.parts, account),
        compound,
        ...(device === null ? {} : { device }),
        ...(events[0]!.meta.correlationId === undefined ? {} : { correlationId: events[0]!.meta.correlationId }),
      },
      newId: randomUUID,
    });
    // Told from the stream itself: the board follows a moment later.
    const now = withTimeline(await log.readStream(stream))!;
    return toDetail(now, this.names(now.row));
  }

  /** A dispatch that names nobody sends the building's steward (楼宇管家), or else who dispatches. */
  private filledIn(wish: PersonCommand, row: WorkOrderRow, account: Account): PersonCommand {
    if (wish.type !== 'dispatch' || wish.data.assignee !== undefined) return wish;
    const steward = row.device === null ? undefined : placeOf(this.parts.index, row.device).steward;
    return { type: 'dispatch', data: { assignee: steward ?? account.user } };
  }

  private names({ compound, device }: Pick<WorkOrderRow, 'compound' | 'device'>): WorkOrderNames {
    const { index } = this.parts;
    const place = device === null ? undefined : placeOf(index, device);
    const words = [place?.buildingName, place?.position?.name].filter((word) => word !== undefined);
    return {
      compoundName: index.compound(compound)?.name ?? compound,
      deviceName: device === null ? null : (index.device(device)?.name ?? null),
      place: words.length === 0 ? null : words.join(' · '),
    };
  }
}
