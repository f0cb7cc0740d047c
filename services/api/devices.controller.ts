import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { modelOf } from '../../devices/model.ts';
import { type QuantityName, quantities } from '../../devices/quantities.ts';
import { type Health, healthAt, healthStates, unheard } from '../projections/device-health/health.ts';
import { healthOf } from '../projections/device-health/queries.ts';
import { silentAfterMs } from '../projections/star-rating/kind-silence.ts';
import { latestReadings, readings } from '../projections/time-series/queries.ts';
import { openWorkOrdersByDevice } from '../projections/work-order-board/queries.ts';
import { changeDevice, registerDevice, retireDevice } from '../registry/commands.ts';
import { issueCredential, revokeCredential } from '../registry/credential-commands.ts';
import { credentialUseOf } from '../registry/credential-use.ts';
import { moveDevice } from '../registry/move-device.ts';
import { device, deviceChange, deviceKinds, deviceMove, registryId } from '../registry/registry.ts';
import { placeOf, type RegisteredDevice } from '../registry/registry-index.ts';
import { instant, page } from '../runtime/schema.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { deviceEventsCursor, deviceEventsPage } from './device-events.ts';
import { firstById } from './first-by-id.ts';
import { commandMeta, effective, idParams, paging } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { ApiRefusal } from './problem.ts';
import {
  credentialAnswer,
  type DeviceItem,
  deviceDetail,
  deviceItem,
  eventItem,
  readingBucket,
  registeredDevice,
} from './schemas.ts';
import { shownEvent } from './shown-event.ts';

const newDevice = device.omit({ adopted: true });

const list = operation({
  method: 'get',
  path: '/api/devices',
  summary: 'Devices, with where they stand and how they are',
  role: 'viewer',
  query: z.strictObject({
    ...paging,
    compound: registryId.optional(),
    kind: z.enum(deviceKinds).optional(),
    state: z.enum(healthStates).optional(),
    q: z.string().max(100).optional(),
  }),
  answer: page(deviceItem),
});
const read = operation({
  method: 'get',
  path: '/api/devices/{id}',
  summary: 'One device, with its latest readings and what became of its messages',
  role: 'viewer',
  params: idParams,
  answer: deviceDetail,
});
const events = operation({
  method: 'get',
  path: '/api/devices/{id}/events',
  summary: 'What a device said, newest first',
  role: 'viewer',
  params: idParams,
  query: z.strictObject({ ...paging, cursor: deviceEventsCursor.optional() }),
  answer: page(eventItem),
});
const readingsOf = operation({
  method: 'get',
  path: '/api/devices/{id}/readings',
  summary: 'Readings of one quantity in buckets of a fixed length; days begin at 0:00 in UTC+8',
  role: 'viewer',
  params: idParams,
  query: z.strictObject({
    quantity: z.enum(Object.keys(quantities) as [QuantityName, ...QuantityName[]]),
    from: instant,
    to: instant,
    bucketSeconds: z.coerce.number().int().min(1).default(3600),
    channel: z.string().max(100).optional(),
  }),
  answer: page(readingBucket),
});
const register = operation({
  method: 'post',
  path: '/api/devices',
  summary: 'Register a device; answers its MQTT credential this once',
  role: 'operator',
  status: 201,
  body: newDevice,
  answer: registeredDevice,
});
const change = operation({
  method: 'patch',
  path: '/api/devices/{id}',
  summary: 'Change what is registered of a device, on request from a past instant on',
  role: 'operator',
  params: idParams,
  query: effective,
  body: deviceChange,
  answer: device,
});
const move = operation({
  method: 'post',
  path: '/api/devices/{id}/move',
  summary:
    'Move a device, and what hangs on it, to another compound, on request from a past instant on; on canonical topics it names the new compound from now on',
  role: 'operator',
  params: idParams,
  query: effective,
  body: deviceMove,
  answer: z.object({ device, movedAlong: z.array(registryId) }),
});
const retire = operation({
  method: 'delete',
  path: '/api/devices/{id}',
  summary: 'Retire a device; its history stays, its credential is refused from now on',
  role: 'operator',
  params: idParams,
  query: effective.extend({ reason: z.string().max(500).optional() }),
  status: 204,
});
const credential = operation({
  method: 'post',
  path: '/api/devices/{id}/credential',
  summary:
    'Issue a new MQTT password, told this once; the old one is refused from now on, or with `formerHours` once the new one is used or the hours are over',
  role: 'operator',
  params: idParams,
  query: z.strictObject({ formerHours: z.coerce.number().min(0).max(720).default(0) }),
  status: 201,
  answer: credentialAnswer.extend({ formerUntil: instant.nullable() }),
});
const revoke = operation({
  method: 'delete',
  path: '/api/devices/{id}/credential',
  summary: 'Revoke the MQTT password at once; whoever is connected with it is sent away',
  role: 'operator',
  params: idParams,
  status: 204,
});

@Controller()
export class DevicesController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(list)
  async list(@Input() { query }: InputOf<typeof list>): Promise<{ items: DeviceItem[]; next: string | null }> {
    const { index, sql } = this.parts;
    const asked = query.compound === undefined ? index.devices() : index.devicesOf(query.compound);
    const wanted = asked.filter(
      (item) =>
        item.retiredAt === null &&
        (query.kind === undefined || item.kind === query.kind) &&
        (query.q === undefined || `${item.id} ${item.name} ${item.externalId ?? ''}`.includes(query.q)) &&
        (query.cursor === undefined || item.id > query.cursor),
    );
    // Only a filter by state has to know how all of them are; else the page's own devices, and whether one follows.
    const looked =
      query.state === undefined
        ? firstById(wanted, query.limit + 1)
        : wanted.sort((left, right) => (left.id < right.id ? -1 : 1));
    const health = await healthOf(
      sql,
      looked.map((item) => item.id),
    );
    const matching = looked.filter(
      (item) => query.state === undefined || this.healthOf(item, health).state === query.state,
    );
    const shown = matching.slice(0, query.limit);
    const orders = await openWorkOrdersByDevice(
      sql,
      shown.map((item) => item.id),
    );
    return {
      items: shown.map((item) => this.item(item, health, orders)),
      next: matching.length > shown.length ? shown.at(-1)!.id : null,
    };
  }

  @Operation(read)
  async read(@Input() { params }: InputOf<typeof read>): Promise<z.infer<typeof deviceDetail>> {
    const { index, sql, ingest } = this.parts;
    const found = this.known(params.id);
    const [health, orders, readings, use] = await Promise.all([
      healthOf(sql, [found.id]),
      openWorkOrdersByDevice(sql, [found.id]),
      latestReadings(sql, found.id),
      credentialUseOf(sql, found.id),
    ]);
    const credential = index.credential(found.id);
    return {
      ...this.item(found, health, orders),
      readings: readings.map((reading) => ({
        ...reading,
        unit: (quantities as Record<string, { unit: string }>)[reading.quantity]?.unit ?? '',
      })),
      username: credential === undefined ? null : found.id,
      silentAfterSeconds: silentAfterMs(found.kind, modelOf(found.model)) / 1000,
      credentialUsedAt: use?.usedAt ?? null,
      formerCredentialUntil: credential?.former?.until ?? null,
      messages: ingest.counts(found.id),
    };
  }

  @Operation(events)
  async events(
    @Input() { params, query }: InputOf<typeof events>,
  ): Promise<z.infer<ReturnType<typeof page<typeof eventItem>>>> {
    const { events: found, next } = await deviceEventsPage(this.parts.log, this.known(params.id).id, query);
    return { items: found.map(shownEvent).map((event) => ({ ...event, meta: { ...event.meta } })), next };
  }

  @Operation(readingsOf)
  async readings(@Input() { params, query }: InputOf<typeof readingsOf>) {
    const { channel, ...wanted } = query;
    const device = this.known(params.id).id;
    const only = channel === undefined ? {} : { channel };
    return { items: await readings(this.parts.sql, { ...wanted, ...only, device }), next: null };
  }

  @Operation(register)
  async register(@Input() { body, account }: InputOf<typeof register>): Promise<z.infer<typeof registeredDevice>> {
    const done = await registerDevice(this.parts, { ...body, adopted: false }, commandMeta(this.parts, account));
    return { ...done.device, ...(done.credential === undefined ? {} : { credential: done.credential }) };
  }

  @Operation(change)
  change(@Input() { params, query, body, account }: InputOf<typeof change>) {
    return changeDevice(this.parts, params.id, body, { ...commandMeta(this.parts, account), ...query });
  }

  @Operation(move)
  move(@Input() { params, query, body, account }: InputOf<typeof move>) {
    return moveDevice(this.parts, params.id, body, { ...commandMeta(this.parts, account), ...query });
  }

  @Operation(retire)
  async retire(@Input() { params, query, account }: InputOf<typeof retire>): Promise<void> {
    const { reason, effectiveFrom } = query;
    await retireDevice(this.parts, params.id, reason, { ...commandMeta(this.parts, account), effectiveFrom });
  }

  @Operation(credential)
  credential(@Input() { params, query, account }: InputOf<typeof credential>) {
    return issueCredential(this.parts, params.id, commandMeta(this.parts, account), query);
  }

  @Operation(revoke)
  async revoke(@Input() { params, account }: InputOf<typeof revoke>): Promise<void> {
    await revokeCredential(this.parts, params.id, commandMeta(this.parts, account));
  }

  private known(id: string): RegisteredDevice {
    const found = this.parts.index.device(id);
    if (found === undefined) throw new ApiRefusal(404, 'device.unknown', `no device ${id} is registered`);
    return found;
  }

  private healthOf(item: RegisteredDevice, health: Map<string, Health>) {
    return healthAt(
      health.get(item.id) ?? unheard,
      silentAfterMs(item.kind, modelOf(item.model)) / 1000,
      this.parts.clock.now(),
    );
  }

  private item(found: RegisteredDevice, health: Map<string, Health>, orders: Map<string, string[]>): DeviceItem {
    const { registeredAt: _registered, retiredAt: _retired, ...registered } = found;
    const { position, buildingName } = placeOf(this.parts.index, found.id);
    const known = health.get(found.id) ?? unheard;
    return {
      ...registered,
      positionName: position?.name ?? null,
      buildingName: buildingName ?? null,
      health: {
        ...this.healthOf(found, health),
        lastHeardAt: known.lastHeardAt,
        batteryPercent: known.batteryPercent,
        faults: known.faults,
      },
      openWorkOrders: orders.get(found.id) ?? [],
    };
  }
}
