import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { refusalCodes } from '../../devices/dialect.ts';
import { Refusal } from '../event-log/decider.ts';
import { previewDeadLetter, replayDeadLetter } from '../ingest/replay-dead-letter.ts';
import { letterReasons, openLetters } from '../projections/dead-letters/open-letters.ts';
import { type DeadLetterRow, deadLetters, deadLetter as readDeadLetter } from '../projections/dead-letters/queries.ts';
import { registryId } from '../registry/registry.ts';
import { page } from '../runtime/schema.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { commandMeta, paging } from './input.ts';
import { letterReason, type replayedLetter, replayReport } from './integrator-schemas.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { ApiRefusal } from './problem.ts';
import { type DeadLetter, deadLetter, deadLetterDetail, replayAnswer } from './schemas.ts';

const letterParams = z.strictObject({ id: z.uuid() });
type ReplayedLetter = z.infer<typeof replayedLetter>;
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
const whichLetters = {
  compound: registryId.optional(),
  device: registryId.optional(),
  code: z.enum(refusalCodes).optional(),
};
const reasons = operation({
  method: 'get',
  path: '/api/dead-letter-reasons',
  summary: 'Refused payloads that wait to be taken up again, by what is wrong with them',
  role: 'operator',
  query: z.strictObject(whichLetters),
  answer: z.object({ items: z.array(letterReason) }),
});
const replayMany = operation({
  method: 'post',
  path: '/api/dead-letters/replay',
  summary:
    'Take refused payloads up again, the oldest first, after what was wrong is mended; with `preview`, only tell what they would become',
  role: 'operator',
  body: z.strictObject({
    ...whichLetters,
    ids: z.array(z.uuid()).max(500).optional(),
    /** Where the call before ended. */
    after: z.uuid().optional(),
    limit: z.int().min(1).max(500).default(100),
    preview: z.boolean().default(false),
  }),
  answer: replayReport,
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

/** Its beginning is enough of the payload. */
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
    const hashes = items.map(({ sha256 }) => sha256);
    const beginnings = await this.parts.payloads.beginnings(hashes, previewBytesMax);
    return { items: items.map((row) => toItem(row, beginnings.get(row.sha256))), next };
  }

  @Operation(read)
  async read(@Input() { params }: InputOf<typeof read>): Promise<z.infer<typeof deadLetterDetail>> {
    const row = await this.known(params.id);
    const payload = await this.parts.payloads.get(row.sha256);
    return { ...toItem(row, payload), payloadBase64: payload?.toString('base64') ?? null };
  }

  @Operation(reasons)
  async reasons(@Input() { query }: InputOf<typeof reasons>) {
    return { items: await letterReasons(this.parts.sql, query) };
  }

  @Operation(replayMany)
  async replayMany(@Input() { body, account }: InputOf<typeof replayMany>): Promise<z.infer<typeof replayReport>> {
    const { preview, ...wanted } = body;
    const { items: letters, next } = await openLetters(this.parts.sql, wanted);
    const meta = commandMeta(this.parts, account);
    const items: ReplayedLetter[] = [];
    // One after another, as they came.
    for (const letter of letters) items.push(await this.takenUp(letter, preview ? undefined : meta));
    return { preview, items, next };
  }

  /** Without `meta` a preview. What can't be taken up at all is told beside the others, not instead of them. */
  private async takenUp(
    letter: DeadLetterRow,
    meta: ReturnType<typeof commandMeta> | undefined,
  ): Promise<ReplayedLetter> {
    const nothing = { id: letter.id, code: null, field: null, reason: null };
    try {
      if (meta === undefined) {
        const { outcome, code, field, reason, events } = await previewDeadLetter(this.parts, letter);
        return { id: letter.id, outcome, code, field, reason, events };
      }
      const outcome = await replayDeadLetter(this.parts, letter, meta);
      if (outcome.outcome === 'recorded') return { ...nothing, outcome: 'recorded' };
      if (outcome.outcome === 'no-op') return { ...nothing, outcome: 'no-op', reason: outcome.reason };
      const { code, field = null, reason } = outcome;
      return { id: letter.id, outcome: 'refused', code, field, reason };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { ...nothing, outcome: 'refused', code: error.code, reason: error.message };
    }
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
