import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { type QuantityName, quantities } from '../../devices/quantities.ts';
import { Refusal } from '../event-log/decider.ts';
import { type Health, healthAt, healthStates, unheard } from '../projections/device-health/health.ts';
import { healthOf } from '../projections/device-health/queries.ts';
import { silentAfterMs } from '../projections/star-rating/kind-silence.ts';
import { latestReadings, readings } from '../projections/time-series/queries.ts';
import { openWorkOrdersByDevice } from '../projections/work-order-board/queries.ts';
import {
  changeDevice,
  checkDevice,
  issueCredential,
  registerDevice,
  registerDevices,
  retireDevice,
} from '../registry/commands.ts';
import { device, deviceChange, deviceKinds, registryId } from '../registry/registry.ts';
import { placeOf, type RegisteredDevice } from '../registry/registry-index.ts';
import { instant, page } from '../runtime/schema.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { readCsv } from './csv.ts';
import { deviceEventsCursor, deviceEventsPage } from './device-events.ts';
import { commandMeta, effective, idParams, paging } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { ApiRefusal, problemOfRow, rowProblem } from './problem.ts';
import {
  credentialAnswer,
  type DeviceItem,
  deviceDetail,
  deviceItem,
  eventItem,
  importReport,
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
const importCsv = operation({
  method: 'post',
  path: '/api/devices/import',
  summary:
    'Register devices from CSV with a header of the same names; lists within a cell are separated by ;. Their MQTT passwords are told in this answer only',
  role: 'operator',
  query: z.strictObject({ dryRun: z.stringbool().default(false) }),
  body: z.string(),
  bodyType: 'text/csv',
  answer: importReport,
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
  summary: 'Issue a new MQTT password, told this once; the old one is refused from now on',
  role: 'operator',
  params: idParams,
  status: 201,
  answer: credentialAnswer,
});

@Controller()
export class DevicesController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(list)
  async list(@Input() { query }: InputOf<typeof list>): Promise<{ items: DeviceItem[]; next: string | null }> {
    const { index, sql } = this.parts;
    const wanted = index
      .devices()
      .filter((item) => item.retiredAt === null)
      .filter((item) => query.compound === undefined || item.compound === query.compound)
      .filter((item) => query.kind === undefined || item.kind === query.kind)
      .filter((item) => query.q === undefined || `${item.id} ${item.name} ${item.externalId ?? ''}`.includes(query.q))
      .filter((item) => query.cursor === undefined || item.id > query.cursor)
      .sort((left, right) => (left.id < right.id ? -1 : 1));
    // Only a filter by state has to know how all of them are; else the page's own devices are enough.
    const looked = query.state === undefined ? wanted.slice(0, query.limit) : wanted;
    const health = await healthOf(
      sql,
      looked.map((item) => item.id),
    );
    const matching = wanted.filter(
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
    const [health, orders, readings] = await Promise.all([
      healthOf(sql, [found.id]),
      openWorkOrdersByDevice(sql, [found.id]),
      latestReadings(sql, found.id),
    ]);
    return {
      ...this.item(found, health, orders),
      readings: readings.map((reading) => ({
        ...reading,
        unit: (quantities as Record<string, { unit: string }>)[reading.quantity]?.unit ?? '',
      })),
      username: index.credentialOf(found.id) ?? null,
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

  @Operation(importCsv)
  async importCsv(@Input() { query, body, account }: InputOf<typeof importCsv>): Promise<z.infer<typeof importReport>> {
    const { rows, problems } = readCsv(body, newDevice);
    const seen = new Set<string>();
    const outside = new Set<string>();
    for (const { line, row } of rows) {
      if (seen.has(row.id) || this.parts.index.device(row.id)) {
        problems.push({ line, field: 'id', message: `${row.id} is registered already or named twice in the file` });
      }
      seen.add(row.id);
      const own = JSON.stringify([row.compound, row.dialect, row.gateway ?? null, row.externalId]);
      if (row.externalId !== undefined && outside.has(own)) {
        problems.push({ line, field: 'externalId', message: `${row.externalId} is named twice in the file` });
      }
      outside.add(own);
      const problem = rowProblem(line, () => checkDevice(this.parts, { ...row, adopted: false }));
      if (problem !== undefined) problems.push(problem);
    }
    problems.sort((left, right) => left.line - right.line);
    const apply = !query.dryRun && problems.length === 0;
    const credentials: z.infer<typeof importReport>['credentials'] = [];
    const wanted = apply ? rows.map(({ row }) => ({ ...row, adopted: false })) : [];
    const outcomes = await registerDevices(this.parts, wanted, commandMeta(this.parts, account));
    for (const [at, outcome] of outcomes.entries()) {
      const { line, row } = rows[at]!;
      if (outcome instanceof Refusal) problems.push(problemOfRow(line, outcome));
      else if (outcome.credential !== undefined) credentials.push({ device: row.id, ...outcome.credential });
    }
    return { applied: apply, rows: rows.length, problems, credentials };
  }

  @Operation(change)
  change(@Input() { params, query, body, account }: InputOf<typeof change>) {
    return changeDevice(this.parts, params.id, body, { ...commandMeta(this.parts, account), ...query });
  }

  @Operation(retire)
  async retire(@Input() { params, query, account }: InputOf<typeof retire>): Promise<void> {
    const { reason, effectiveFrom } = query;
    await retireDevice(this.parts, params.id, reason, { ...commandMeta(this.parts, account), effectiveFrom });
  }

  @Operation(credential)
  credential(@Input() { params, account }: InputOf<typeof credential>) {
    return issueCredential(this.parts, params.id, commandMeta(this.parts, account));
  }

  private known(id: string): RegisteredDevice {
    const found = this.parts.index.device(id);
    if (found === undefined) throw new ApiRefusal(404, 'device.unknown', `no device ${id} is registered`);
    return found;
  }

  private healthOf(item: RegisteredDevice, health: Map<string, Health>) {
    return healthAt(health.get(item.id) ?? unheard, silentAfterMs(item.kind) / 1000, this.parts.clock.now());
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
