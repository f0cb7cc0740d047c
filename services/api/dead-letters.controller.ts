import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { refusalCodes } from '../../devices/dialect.ts';
import { replayDeadLetter } from '../ingest/replay-dead-letter.ts';
import { type DeadLetterRow, deadLetters, deadLetter as readDeadLetter } from '../projections/dead-letters/queries.ts';
import { registryId } from '../registry/registry.ts';
import { page } from '../runtime/schema.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { commandMeta, paging } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { ApiRefusal } from './problem.ts';
import { type DeadLetter, deadLetter, deadLetterDetail, replayAnswer } from './schemas.ts';

const letterParams = z.strictObject({ id: z.uuid() });
const previewBytesMax = 400;

const list = operation({
  method: 'get',
  path: '/api/dead-letters',
  summary: 'Refused payloads, newest first, each with its reason',
  role: 'operator',
  query: z.strictObject({
    ...paging,
    cursor: z.uuid().optional(),
    compound: registryId.optional(),
    device: registryId.optional(),
    code: z.enum(refusalCodes).optional(),
  }),
  answer: page(deadLetter),
});
const read = operation({
  method: 'get',
  path: '/api/dead-letters/{id}',
  summary: 'One refused payload, with its bytes',
  role: 'operator',
  params: letterParams,
  answer: deadLetterDetail,
});
const replay = operation({
  method: 'post',
  path: '/api/dead-letters/{id}/replay',
  summary: 'Take a refused payload up again, after what was wrong is mended',
  role: 'operator',
  params: letterParams,
  answer: replayAnswer,
});

/** The beginning as text; bytes that are no text show as the replacement character. */
const preview = (payload: Buffer | undefined): string =>
  payload === undefined ? '' : payload.subarray(0, previewBytesMax).toString('utf8');

const toItem = (row: DeadLetterRow, payload: Buffer | undefined): DeadLetter => {
  const { sha256: _hash, retain: _retain, contentType: _type, userProperties: _properties, ...item } = row;
  return { ...item, preview: preview(payload) };
};

@Controller()
export class DeadLettersController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(list)
  async list(@Input() { query }: InputOf<typeof list>): Promise<{ items: DeadLetter[]; next: string | null }> {
    const { items, next } = await deadLetters(this.parts.sql, query);
    return {
      items: await Promise.all(items.map(async (row) => toItem(row, await this.parts.payloads.get(row.sha256)))),
      next,
    };
  }

  @Operation(read)
  async read(@Input() { params }: InputOf<typeof read>): Promise<z.infer<typeof deadLetterDetail>> {
    const row = await this.known(params.id);
    const payload = await this.parts.payloads.get(row.sha256);
    return { ...toItem(row, payload), payloadBase64: payload?.toString('base64') ?? null };
  }

  @Operation(replay)
  async replay(@Input() { params, account }: InputOf<typeof replay>): Promise<z.infer<typeof replayAnswer>> {
    const letter = await this.known(params.id);
    const outcome = await replayDeadLetter(this.parts, letter, commandMeta(this.parts, account));
    const reason = outcome.outcome === 'recorded' ? null : outcome.reason;
    return { outcome: outcome.outcome, code: outcome.outcome === 'refused' ? outcome.code : null, reason };
  }

  private async known(id: string): Promise<DeadLetterRow> {
    const row = await readDeadLetter(this.parts.sql, id);
    if (row === undefined) throw new ApiRefusal(404, 'dead-letter.unknown', `there is no dead letter ${id}`);
    return row;
  }
}
