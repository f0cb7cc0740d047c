import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { downByCompound, lastHeardByCompound } from '../projections/device-health/queries.ts';
import { ratedStars } from '../projections/reporting/rating-record.ts';
import { openWorkOrderCounts } from '../projections/work-order-board/queries.ts';
import { changeCompound, compoundOrRefuse, registerCompound } from '../registry/commands.ts';
import { type Compound, compound, compoundChange, position } from '../registry/registry.ts';
import { page } from '../runtime/schema.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { readCsv } from './csv.ts';
import { commandMeta, effective, idParams, paging } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { ApiRefusal } from './problem.ts';
import { type CompoundItem, compoundItem, importReport, overviewItem } from './schemas.ts';

const list = operation({
  method: 'get',
  path: '/api/compounds',
  summary: 'Compounds, with how they stand now; all of them without a limit',
  role: 'viewer',
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(5000).optional(), cursor: paging.cursor }),
  answer: page(compoundItem),
});
const overview = operation({
  method: 'get',
  path: '/api/overview',
  summary: 'Every compound in one line, with how it stands now, for a whole city at a glance',
  role: 'viewer',
  answer: page(overviewItem),
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
  summary: 'Change what is registered of a compound, on request from a past instant on; lists are replaced as a whole',
  role: 'operator',
  params: idParams,
  query: effective,
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

@Controller()
export class CompoundsController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(list)
  async list(@Input() { query }: InputOf<typeof list>): Promise<z.infer<ReturnType<typeof page<typeof compoundItem>>>> {
    const all = this.parts.index.compounds();
    const last = all.findIndex(({ id }) => id === query.cursor);
    if (query.cursor !== undefined && last === -1) {
      throw new ApiRefusal(400, 'input.invalid', 'cursor: no compound; take the `next` of an earlier answer');
    }
    const start = last + 1;
    const end = start + (query.limit ?? all.length);
    const items = await this.items(all.slice(start, end));
    return { items, next: end < all.length ? items.at(-1)!.id : null };
  }

  @Operation(overview)
  async overview(): Promise<z.infer<ReturnType<typeof page<typeof overviewItem>>>> {
    const all = await this.items(this.parts.index.compounds());
    const items = all.map(({ timeZone, code, coordinates, figures, buildings, positions, ...line }) => line);
    return { items, next: null };
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
  change(@Input() { params, query, body, account }: InputOf<typeof change>): Promise<Compound> {
    return changeCompound(this.parts, params.id, body, { ...commandMeta(this.parts, account), ...query });
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
    const all = compounds.length === index.compounds().length;
    const asked = all ? null : compounds.map(({ id }) => id);
    const [down, lastHeard, openOrders, stars] = await Promise.all([
      downByCompound(sql, clock.now(), asked),
      lastHeardByCompound(sql, asked),
      openWorkOrderCounts(sql),
      ratedStars(sql, asked),
    ]);
    return compounds.map((compound) => ({
      ...compound,
      devices: index.standingDevices(compound.id),
      devicesDown: down.get(compound.id) ?? 0,
      openWorkOrders: openOrders.get(compound.id) ?? 0,
      stars: stars.get(compound.id) ?? null,
      lastHeardAt: lastHeard.get(compound.id) ?? null,
    }));
  }
}
