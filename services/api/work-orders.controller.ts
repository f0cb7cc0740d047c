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
import { compoundOrRefuse } from '../registry/commands.ts';
import { type Compound, registryId } from '../registry/registry.ts';
import { contractHoursOf, placeOf } from '../registry/registry-index.ts';
import { isoTime } from '../runtime/clock.ts';
import { bilingual, page } from '../runtime/schema.ts';
import { carryOut, type OrderWish } from '../work-orders/carry-out.ts';
import { startClocks } from '../work-orders/clocks.ts';
import { clockSteps, priorities, workOrderCommands, workOrderStates } from '../work-orders/commands.ts';
import { newOrderId } from '../work-orders/order-id.ts';
import { pauseReasons, pauseRules } from '../work-orders/pause-reasons.ts';
import { loadServiceLevels, serviceLevel } from '../work-orders/service-levels.ts';
import { workOrder as workOrderDecider } from '../work-orders/work-order.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { commandMeta, paging } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { InvalidInput } from './problem.ts';

const serviceLevels = loadServiceLevels();
const word = z.string().min(1).max(64);
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
    building: registryId.optional(),
    trade: word.optional(),
    assignee: z.string().min(1).max(100).optional(),
    /** A service level. */
    class: word.optional(),
    /** `true`: past the deadline of its next step. */
    overdue: z.enum(['true']).optional(),
    /** Words that all occur in what was reported, in the device's name or in an id. */
    text: z.string().max(200).optional(),
  }),
  answer: page(workOrderItem),
});
const levels = operation({
  method: 'get',
  path: '/api/service-levels',
  summary: 'The service levels that a work order can be raised under',
  role: 'viewer',
  answer: page(serviceLevel),
});
const reasons = operation({
  method: 'get',
  path: '/api/pause-reasons',
  summary: 'Why a work order may wait, and which of its clocks stand still meanwhile',
  role: 'viewer',
  answer: page(z.object({ id: z.enum(pauseReasons), title: bilingual, stops: z.array(z.enum(clockSteps)) })),
});
const raise = operation({
  method: 'post',
  path: '/api/work-orders',
  summary: 'Raise a work order by hand: a resident called, or a star needs something done',
  role: 'operator',
  status: 201,
  body: z.strictObject({
    compound: registryId,
    device: registryId.optional(),
    title: bilingual,
    text: z.string().trim().min(1).max(2000).optional(),
    serviceLevel: z.string().max(64).default('general-repair'),
    building: registryId.optional(),
    trade: word.optional(),
  }),
  answer: workOrderDetail,
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
    'acknowledge {} · dispatch {assignee?, by?} · offer {trade?} · grab {} · accept {} · return {reason} · transfer {assignee?, trade?, reason} · arrive {} · pause {reason, note?, until?} · resume {} · resolve {note?} · confirm {note?} · close {outcome?, note?} · note {text} · add-part {name, quantity, unit?} · add-cost {kind, amountFen, paidBy, note?} · cancel {kind?, reason, duplicateOf?} · reopen {reason} · rate {score, comment?}',
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
    const { state, overdue, ...filter } = query;
    const wanted = {
      ...filter,
      ...(state === 'all' ? {} : { state }),
      ...(overdue === undefined ? {} : { overdueAt: isoTime(this.parts.clock.now()) }),
    };
    const { rows, next } = await workOrders(this.parts.sql, wanted);
    return { items: rows.map((row) => toItem(row, this.names(row))), next };
  }

  @Operation(levels)
  levels() {
    return { items: [...serviceLevels.values()], next: null };
  }

  @Operation(reasons)
  reasons() {
    return { items: pauseReasons.map((id) => ({ id, ...pauseRules[id] })), next: null };
  }

  @Operation(raise)
  async raise(@Input() { body, account }: InputOf<typeof raise>): Promise<WorkOrderDetail> {
    const { index, log } = this.parts;
    const compound = compoundOrRefuse(index, body.compound);
    const level = serviceLevels.get(body.serviceLevel);
    if (level === undefined) {
      const known = [...serviceLevels.keys()].join(', ');
      throw new Refusal('work-order.not-fitting', `serviceLevel: one of ${known}`, { field: 'serviceLevel' });
    }
    const place =
      body.device === undefined ? this.buildingWithin(compound, body) : this.placeWithin(compound.id, body.device);
    const meta = { ...commandMeta(this.parts, account), compound: compound.id };
    const { device, title, text } = body;
    const stream = workOrderStream(newOrderId(randomUUID()));
    await handleCommand(log, {
      stream,
      decider: workOrderDecider,
      command: {
        type: 'raise',
        data: {
          compound: compound.id,
          ...place,
          code: 'by-hand',
          lasting: false,
          ...(text === undefined ? {} : { text }),
          title,
          serviceLevel: level.id,
          priority: level.priority,
          raisedAt: meta.occurredAt,
          ...(body.trade === undefined ? {} : { trade: body.trade }),
          ...startClocks({ raisedAt: meta.occurredAt, level, contractHours: contractHoursOf(compound) }),
          late: false,
        },
      },
      meta: { ...meta, ...(device === undefined ? {} : { device }) },
      newId: randomUUID,
    });
    const now = withTimeline(await log.readStream(stream))!;
    return toDetail(now, this.names(now.row));
  }

  @Operation(read)
  async read(@Input() { params }: InputOf<typeof read>): Promise<WorkOrderDetail> {
    const found = await workOrder(this.parts.sql, params.id);
    if (found === null) throw new Refusal('work-order.unknown', `there is no work order ${params.id}`);
    return toDetail(found, this.names(found.row));
  }

  @Operation(command)
  async command(@Input() { params, body, account }: InputOf<typeof command>): Promise<WorkOrderDetail> {
    const result = workOrderCommands[params.command].safeParse(body);
    if (!result.success) throw new InvalidInput('body', result.error);
    const wish = { type: params.command, data: result.data } as OrderWish;
    const wisher = { actor: `user:${account.user}`, person: account.user };
    const now = withTimeline(await carryOut(this.parts, params.id, wish, wisher))!;
    return toDetail(now, this.names(now.row));
  }

  private buildingWithin(compound: Compound, { building }: { building?: string | undefined }) {
    if (building === undefined) return undefined;
    if (compound.buildings.some(({ id }) => id === building)) return { building };
    throw new Refusal('work-order.not-fitting', `building: compound ${compound.id} has no building ${building}`, {
      field: 'building',
    });
  }

  private placeWithin(compound: string, id: string) {
    const device = this.parts.index.device(id);
    if (device === undefined || device.compound !== compound) {
      throw new Refusal('work-order.not-fitting', `device: compound ${compound} has no device ${id}`, {
        field: 'device',
      });
    }
    const { position } = placeOf(this.parts.index, id);
    return {
      device: id,
      kind: device.kind,
      deviceName: device.name,
      ...(position === undefined ? {} : { position: position.id }),
      ...(position?.building === undefined ? {} : { building: position.building }),
    };
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
