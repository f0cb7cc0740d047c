import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Controller, Inject, Res } from '@nestjs/common';
import { z } from 'zod';
import type { Position } from '../event-log/event.ts';
import { evidenceOf } from '../projections/star-rating/evidence.ts';
import { isoTime } from '../runtime/clock.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { evidenceBundle } from './evidence-bundle.ts';
import { idParams } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { ApiRefusal } from './problem.ts';
import { factsAsked, ratingQuery } from './rating-question.ts';

const bundle = operation({
  method: 'get',
  path: '/api/compounds/{id}/rating/criteria/{criterion}/evidence/bundle',
  summary:
    'The evidence of a criterion as signed JSON lines, with the proof that its events stand in the log: `npm run verify-evidence -- <file>` checks it without a hub',
  role: 'viewer',
  params: idParams.extend({ criterion: z.string().max(20) }),
  query: ratingQuery.extend({
    /** How many events at most; those beneath the worst items come first, and an item says whether it has all of its. */
    limit: z.coerce.number().int().min(1).max(20_000).default(2_000),
    /** Position of a head of the log that somebody holds: the bundle then reaches back to it. */
    head: z
      .string()
      .regex(/^\d{1,19}(\/\d{1,19})?$/)
      .optional(),
  }),
  answerType: 'application/jsonl',
});
const key = operation({
  method: 'get',
  path: '/api/log/key',
  summary: 'The public key of this hub’s signature; keep it, and no bundle can be signed by somebody else unnoticed',
  role: 'viewer',
  answer: z.object({
    algorithm: z.literal('Ed25519'),
    /** SubjectPublicKeyInfo (RFC 8410), DER in base64. */
    publicKey: z.string(),
    /** SHA-256 of the same bytes, hex. */
    fingerprint: z.string(),
  }),
});

interface Response extends NodeJS.WritableStream {
  setHeader(name: string, value: string): void;
  headersSent: boolean;
}

@Controller()
export class EvidenceBundleController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(bundle)
  async bundle(@Input() { params, query, account }: InputOf<typeof bundle>, @Res() response: Response): Promise<void> {
    const { limit, head, ...question } = query;
    const { standard, facts, knownAt } = await factsAsked(this.parts, params.id, question, account);
    const evidence = evidenceOf(standard, facts, params.criterion);
    if (evidence === undefined) {
      const known = standard.criteria.map(({ id }) => id).join(', ');
      throw new ApiRefusal(404, 'rating.unknown-criterion', `there is no ${params.criterion}; known are ${known}`);
    }
    const { id, name } = facts.compound;
    const lines = evidenceBundle(
      { ...this.parts, signer: await this.parts.signer() },
      {
        ...{ evidence, compound: { id, name }, standard: { name: evidence.standard, title: standard.title } },
        ...{ knownAtMs: knownAt === undefined ? undefined : Date.parse(knownAt), limit },
        held: head === undefined ? [] : await this.headsAt(head),
      },
    );
    // What goes wrong before the first line can still be answered with a problem.
    const first = await lines.next();
    const file = `${params.id}-${params.criterion}-${isoTime(evidence.atMs).slice(0, 10)}.jsonl`;
    response.setHeader('content-type', 'application/jsonl; charset=utf-8');
    response.setHeader('content-disposition', `attachment; filename="${file}"`);
    const all = async function* () {
      if (!first.done) yield first.value;
      yield* lines;
    };
    // A broken one ends without its signature, which whoever checks it will miss.
    await pipeline(Readable.from(all()), response).catch((error: unknown) =>
      this.parts.logger.warn({ err: error }, 'an evidence bundle broke off'),
    );
  }

  /** Positions are opaque, so only the log can tell that one is none of its own. */
  private headsAt(position: Position): Promise<number[]> {
    return this.parts.sealed.headsAt(position).catch((error: unknown) => {
      if (error instanceof RangeError) throw new ApiRefusal(400, 'input.invalid', `head: ${error.message}`);
      throw error;
    });
  }

  @Operation(key)
  async key() {
    return (await this.parts.signer()).key;
  }
}
