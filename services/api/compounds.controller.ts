import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { kinds } from '../../devices/kinds/registry.ts';
import { healthAt, unheard } from '../projections/device-health/health.ts';
import { healthOf, lastHeardByCompound } from '../projections/device-health/queries.ts';
import { latestStars } from '../projections/star-rating/queries.ts';
import { openWorkOrderCounts } from '../projections/work-order-board/queries.ts';
import { changeCompound, compoundOrRefuse, registerCompound } from '../registry/commands.ts';
import { type Compound, compound, compoundChange, position } from '../registry/registry.ts';
import { page } from '../runtime/schema.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { readCsv } from './csv.ts';
import { commandMeta, idParams } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { type CompoundItem, compoundItem, importReport } from './schemas.ts';

const list = operation({
  method: 'get',
  path: '/api/compounds',
  summary: 'Compounds, with how they stand now',
  role: 'viewer',
  answer: page(compoundItem),
});
const read = operation({
  method: 'get',
  path: '/api/compounds/{id}',
  summary: 'One compound, with how it stands now',
  role: 'viewer',
  params: idParams,
  answer: compoundItem,
});
const register = operation({
  method: 'post',
  path: '/api/compounds',
  summary: 'Register a compound under an id of your choice',
  role: 'operator',
  status: 201,
  body: compound,
  answer: compound,
});
const change = operation({
  method: 'patch',
  path: '/api/compounds/{id}',
  summary: 'Change what is registered of a compound; lists are replaced as a whole',
  role: 'operator',
  params: idParams,
  body: compoundChange,
  answer: compound,
});
const importPositions = operation({
  method: 'post',
  path: '/api/compounds/{id}/positions/import',
  summary: 'Add or replace positions from CSV (columns id, kind, name, building)',
  role: 'operator',
  params: idParams,
  query: z.strictObject({ dryRun: z.stringbool().default(false) }),
  body: z.string(),
  bodyType: 'text/csv',
  answer: importReport,
});

/** Seconds without a word after which a kind counts as silent. */
export const silentAfterSeconds = (kind: string): number =>
  kinds.find((candidate) => candidate.kind === kind)?.silentAfterSeconds ?? 15 * 60;

@Controller()
export class CompoundsController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(list)
  async list(): Promise<z.infer<ReturnType<typeof page<typeof compoundItem>>>> {
    return { items: await this.items(this.parts.index.compounds()), next: null };
  }

  @Operation(read)
  async read(@Input() { params }: InputOf<typeof read>): Promise<CompoundItem> {
    const [item] = await this.items([compoundOrRefuse(this.parts.index, params.id)]);
    return item!;
  }

  @Operation(register)
  register(@Input() { body, account }: InputOf<typeof register>): Promise<Compound> {
    return registerCompound(this.parts, body, commandMeta(this.parts, account));
  }

  @Operation(change)
  change(@Input() { params, body, account }: InputOf<typeof change>): Promise<Compound> {
    return changeCompound(this.parts, params.id, body, commandMeta(this.parts, account));
  }

  @Operation(importPositions)
  async importPositions(@Input() { params, query, body, account }: InputOf<typeof importPositions>) {
    const before = compoundOrRefuse(this.parts.index, params.id);
    const { rows, problems } = readCsv(body, position);
    const buildings = new Set(before.buildings.map((building) => building.id));
    const seen = new Set<string>();
    for (const { line, row } of rows) {
      if (seen.has(row.id)) problems.push({ line, field: 'id', message: `${row.id} is named twice in the file` });
      seen.add(row.id);
      if (row.building !== undefined && !buildings.has(row.building)) {
        problems.push({ line, field: 'building', message: `the compound has no building ${row.building}` });
      }
    }
    problems.sort((left, right) => left.line - right.line);
    const apply = !query.dryRun && problems.length === 0 && rows.length > 0;
    if (apply) {
      const byId = new Map([...before.positions, ...rows.map(({ row }) => row)].map((item) => [item.id, item]));
      await changeCompound(this.parts, params.id, { positions: [...byId.values()] }, commandMeta(this.parts, account));
    }
    return { applied: apply, rows: rows.length, problems, credentials: [] };
  }

  private async items(compounds: Compound[]): Promise<CompoundItem[]> {
    const { sql, index, clock } = this.parts;
    const devices = index.devices().filter((device) => device.retiredAt === null);
    const health = await healthOf(
      sql,
      devices.map((device) => device.id),
    );
    const [lastHeard, openOrders, stars] = await Promise.all([
      lastHeardByCompound(sql),
      openWorkOrderCounts(sql),
      latestStars(sql),
    ]);
    return compounds.map((compound) => {
      const own = devices.filter((device) => device.compound === compound.id);
      const down = own.filter((device) => {
        const state = healthAt(health.get(device.id) ?? unheard, silentAfterSeconds(device.kind), clock.now()).state;
        return state === 'offline' || state === 'silent';
      });
      return {
        ...compound,
        devices: own.length,
        devicesDown: down.length,
        openWorkOrders: openOrders.get(compound.id) ?? 0,
        stars: stars.get(compound.id) ?? null,
        lastHeardAt: lastHeard.get(compound.id) ?? null,
      };
    });
  }
}
