import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import { handleCommand } from '../event-log/handle-command.ts';
import { compoundOrRefuse } from '../registry/commands.ts';
import { deviceKinds, registryId } from '../registry/registry.ts';
import { isoTime } from '../runtime/clock.ts';
import { instant } from '../runtime/schema.ts';
import { faultsCoveredBy, faultsOfDevice, maintenanceWindows } from '../work-orders/fault-queries.ts';
import { maintenance, maintenanceScope, maintenanceStream } from '../work-orders/maintenance.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { commandMeta, idParams } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';

const windowShape = maintenanceScope.extend({ id: z.string(), cancelledAt: instant.nullable() });
const faultName = { device: z.string(), code: z.string(), component: z.string() };

const plan = operation({
  method: 'post',
  path: '/api/maintenance',
  summary: 'Plan a maintenance window: faults in it raise no order, and what stands at its end is raised then',
  role: 'operator',
  status: 201,
  body: maintenanceScope.extend({
    compound: registryId,
    devices: z.array(registryId).min(1).max(500).optional(),
    gateway: registryId.optional(),
    kinds: z.array(z.enum(deviceKinds)).min(1).optional(),
  }),
  answer: z.object({ id: z.string() }),
});
const cancel = operation({
  method: 'post',
  path: '/api/maintenance/{id}/cancel',
  summary: 'End a maintenance window now; what stands is raised',
  role: 'operator',
  status: 204,
  params: z.strictObject({ id: z.uuid() }),
  body: z.strictObject({ reason: z.string().trim().min(1).max(2000).optional() }),
});
const list = operation({
  method: 'get',
  path: '/api/maintenance',
  summary: 'Maintenance windows that are on or still to come, or all, the newest 500',
  role: 'viewer',
  query: z.strictObject({ compound: registryId.optional(), state: z.enum(['open', 'all']).default('open') }),
  answer: z.object({ items: z.array(windowShape) }),
});
const covered = operation({
  method: 'get',
  path: '/api/work-orders/{id}/covered',
  summary: 'The faults of other devices that an order stands for',
  role: 'viewer',
  params: z.strictObject({ id: z.string().max(100) }),
  query: z.strictObject({
    limit: z.coerce.number().int().min(1).max(1000).default(200),
    cursor: z.string().max(1000).optional(),
  }),
  answer: z.object({
    items: z.array(
      z.object({ ...faultName, because: z.string(), coveredAt: instant, uncoveredAt: instant.nullable() }),
    ),
    next: z.string().nullable(),
  }),
});
const ofDevice = operation({
  method: 'get',
  path: '/api/devices/{id}/faults',
  summary: 'Every fault of a device, and what it waits for: its order, the order that covers it, a window, a delay',
  role: 'viewer',
  params: idParams,
  answer: z.object({
    items: z.array(
      z.object({
        ...faultName,
        standing: z.boolean(),
        flapping: z.boolean(),
        raisedAt: instant.nullable(),
        clearedAt: instant.nullable(),
        workOrder: z.string().nullable(),
        /** `parent` and `storm`: `waitsOn` is the order that covers it; `window`: the maintenance window. */
        waitsFor: z.enum(['delay', 'window', 'parent', 'storm', 'quiet']).nullable(),
        waitsOn: z.string().nullable(),
        until: instant.nullable(),
        coveredBy: z.array(z.string()),
      }),
    ),
  }),
});

@Controller()
export class MaintenanceController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(plan)
  async plan(@Input() { body, account }: InputOf<typeof plan>) {
    const { index, log, clock } = this.parts;
    compoundOrRefuse(index, body.compound);
    for (const device of [...(body.devices ?? []), ...(body.gateway === undefined ? [] : [body.gateway])]) {
      if (index.device(device)?.compound === body.compound) continue;
      const field = device === body.gateway ? 'gateway' : 'devices';
      throw new Refusal('maintenance.unknown-device', `${field}: compound ${body.compound} has no device ${device}`, {
        field,
      });
    }
    const id = randomUUID();
    const data = { ...body, from: isoTime(Date.parse(body.from)), to: isoTime(Date.parse(body.to)) };
    await handleCommand(log, {
      ...{ stream: maintenanceStream(id), decider: maintenance, newId: randomUUID },
      command: { type: 'plan', data, now: isoTime(clock.now()) },
      meta: { ...commandMeta(this.parts, account), compound: body.compound },
    });
    return { id };
  }

  @Operation(cancel)
  async cancel(@Input() { params, body, account }: InputOf<typeof cancel>): Promise<void> {
    const stream = maintenanceStream(params.id);
    const [planned] = await this.parts.log.readStream(stream, { maxCount: 1 });
    const compound = planned?.meta.compound;
    const reason = body.reason === undefined ? {} : { reason: body.reason };
    await handleCommand(this.parts.log, {
      ...{ stream, decider: maintenance, newId: randomUUID },
      command: { type: 'cancel', data: { at: isoTime(this.parts.clock.now()), ...reason } },
      meta: { ...commandMeta(this.parts, account), ...(compound === undefined ? {} : { compound }) },
    });
  }

  @Operation(list)
  async list(@Input() { query }: InputOf<typeof list>) {
    const now = query.state === 'all' ? '' : isoTime(this.parts.clock.now());
    return { items: await maintenanceWindows(this.parts.sql, { compound: query.compound, endsAfter: now }) };
  }

  @Operation(covered)
  covered(@Input() { params, query }: InputOf<typeof covered>) {
    return faultsCoveredBy(this.parts.sql, params.id, query);
  }

  @Operation(ofDevice)
  async ofDevice(@Input() { params }: InputOf<typeof ofDevice>) {
    if (this.parts.index.device(params.id) === undefined) {
      throw new Refusal('device.unknown', `no device ${params.id} is registered`);
    }
    return { items: await faultsOfDevice(this.parts.sql, params.id) };
  }
}
