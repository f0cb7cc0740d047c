import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import {
  type RecordKind,
  type RecordRow,
  type RecordRowKey,
  recordOpenings,
  recordRows,
} from '../projections/star-rating/record-rows.ts';
import { compoundOrRefuse } from '../registry/commands.ts';
import { instant, page } from '../runtime/schema.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { idParams, paging } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';

const recordKinds = Object.keys(recordOpenings) as [RecordKind, ...RecordKind[]];
/** These have a stream of their own, which is completed later; the others are said once. */
const withStream: readonly RecordKind[] = ['meeting', 'whistle', 'disclosure'];

const recordItem = z.object({
  /** Completes the record; `null` for one that is said once. */
  id: z.string().nullable(),
  at: instant,
  data: z.record(z.string(), z.unknown()),
  /** Held, answered, withdrawn; `null` while it is open. */
  completed: z.object({ at: instant, data: z.record(z.string(), z.unknown()) }).nullable(),
});
export type RecordItem = z.infer<typeof recordItem>;

const keyText = ({ at, stream, revision }: RecordRowKey): string =>
  Buffer.from(JSON.stringify([at, stream, revision])).toString('base64url');
const rowKey = z.tuple([z.iso.datetime(), z.string().max(200), z.int().min(0)]);
const cursor = z
  .string()
  .max(400)
  .transform((text, context): RecordRowKey => {
    try {
      const [at, stream, revision] = rowKey.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
      return { at, stream: stream.replaceAll('\0', ''), revision };
    } catch {
      context.addIssue({ code: 'custom', message: 'the `next` of an earlier answer' });
      return z.NEVER;
    }
  });

const list = operation({
  method: 'get',
  path: '/api/compounds/{id}/records',
  summary: 'What people put on record of a compound, newest first, with what completed it',
  role: 'viewer',
  params: idParams,
  query: z.strictObject({ kind: z.enum(recordKinds), limit: paging.limit, cursor: cursor.optional() }),
  answer: page(recordItem),
});

@Controller()
export class RecordListsController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(list)
  async list(@Input() { params, query }: InputOf<typeof list>) {
    compoundOrRefuse(this.parts.index, params.id);
    const { kind, limit, cursor: after } = query;
    const rows = await recordRows(this.parts.sql, params.id, kind, { limit: limit + 1, after });
    const shown = rows.slice(0, limit);
    const items = await Promise.all(shown.map((row) => this.itemOf(kind, row)));
    return { items, next: rows.length > limit ? keyText(shown.at(-1)!) : null };
  }

  /** Words that people wrote are in the log alone: the read model keeps no more than the measures need. */
  private async itemOf(kind: RecordKind, { stream, at, data }: RecordRow): Promise<RecordItem> {
    if (!withStream.includes(kind)) return { id: null, at, data, completed: null };
    const [opened, ...later] = await this.parts.log.readStream(stream);
    const end = later.at(-1);
    // What a matter entered is completed there.
    const isOfMatter = (opened?.data as { matter?: string } | undefined)?.matter !== undefined;
    return {
      id: isOfMatter ? null : stream.slice(kind.length + 1),
      at,
      data: (opened?.data ?? data) as Record<string, unknown>,
      completed: end === undefined ? null : { at: end.meta.occurredAt, data: end.data as Record<string, unknown> },
    };
  }
}
