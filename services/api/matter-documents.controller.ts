import { randomUUID } from 'node:crypto';
import { Controller, Inject, Res } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import { isoTime } from '../runtime/clock.ts';
import { carryOutMatter, readMatter } from '../work-orders/ladder/carry-out-matter.ts';
import { createDocumentStore, documentOf } from '../work-orders/ladder/documents.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { checkConcerns } from './matter-parts.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { ApiRefusal } from './problem.ts';

const matterParams = z.strictObject({ id: z.string().max(100) });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const add = operation({
  method: 'post',
  path: '/api/matters/{id}/documents',
  summary: 'Stores a paper of a matter (PDF, JPEG, PNG or WebP, at most 3 MiB), for a command to name by its hash',
  role: 'viewer',
  status: 201,
  params: matterParams,
  body: z.strictObject({ /** The bytes in base64. */ data: z.base64() }),
  answer: z.object({ sha256, mediaType: z.string(), sizeBytes: z.int() }),
});
const documentParams = matterParams.extend({ document: sha256 });
const read = operation({
  method: 'get',
  path: '/api/matters/{id}/documents/{document}',
  summary: 'A paper of a matter, by its hash',
  role: 'viewer',
  params: documentParams,
  answerType: '*/*',
});
const erase = operation({
  method: 'delete',
  path: '/api/matters/{id}/documents/{document}',
  summary:
    'Erases a paper, e.g. because somebody named in it asks; that it was there and who erased it stays on record',
  role: 'admin',
  params: documentParams,
  answer: z.object({ erased: z.literal(true) }),
});

const unknownDocument = ({ id, document }: { id: string; document: string }): Refusal =>
  new Refusal('matter.document-unknown', `matter ${id} has no document ${document}`);

interface Response {
  setHeader(name: string, value: string): void;
  end(bytes: Buffer): void;
}

@Controller()
export class MatterDocumentsController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(add)
  async add(@Input() { params, body, account }: InputOf<typeof add>): Promise<z.infer<typeof add.answer>> {
    if (account.role === 'viewer') {
      throw new ApiRefusal(403, 'login.role-too-low', `${account.user} may look and not act.`);
    }
    checkConcerns(account, params.id, await readMatter(this.parts.log, params.id));
    const stored = documentOf(Buffer.from(body.data, 'base64'));
    await createDocumentStore(this.parts.sql).put(params.id, stored);
    return { sha256: stored.sha256, mediaType: stored.mediaType, sizeBytes: stored.bytes.length };
  }

  @Operation(read)
  async read(@Input() { params, account }: InputOf<typeof read>, @Res() response: Response): Promise<void> {
    checkConcerns(account, params.id, await readMatter(this.parts.log, params.id));
    const stored = await createDocumentStore(this.parts.sql).get(params.id, params.document);
    if (stored === undefined) throw unknownDocument(params);
    response.setHeader('content-type', stored.mediaType);
    response.setHeader('content-disposition', 'attachment');
    response.setHeader('cache-control', 'private, no-store');
    response.end(stored.bytes);
  }

  @Operation(erase)
  async erase(@Input() { params, account }: InputOf<typeof erase>): Promise<{ erased: true }> {
    const { id, document } = params;
    const { referred } = await readMatter(this.parts.log, id);
    const store = createDocumentStore(this.parts.sql);
    if (!(await store.has(id, document))) throw unknownDocument(params);
    const by = `user:${account.user}`;
    const wish = {
      type: 'erase-document',
      data: { sha256: document },
      at: isoTime(this.parts.clock.now()),
      by,
    } as const;
    const meta = { newId: randomUUID, compound: referred!.compound, actor: by };
    await carryOutMatter(this.parts.log, id, wish, meta);
    await store.erase(id, document);
    return { erased: true };
  }
}
