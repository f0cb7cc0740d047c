import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { ratingHistory } from '../projections/star-rating/queries.ts';
import { rate } from '../projections/star-rating/rate.ts';
import { type Rating, rating, ratingChange } from '../projections/star-rating/rating.ts';
import { standardName, standards } from '../projections/star-rating/standards.ts';
import { compoundOrRefuse } from '../registry/commands.ts';
import { bilingual, page } from '../runtime/schema.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { idParams, paging } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';
import { factsAsked, ratingQuery } from './rating-question.ts';

const read = operation({
  method: 'get',
  path: '/api/compounds/{id}/rating',
  summary: 'Stars, points, every criterion with value and verdict, and what is missing for the next star',
  role: 'viewer',
  params: idParams,
  query: ratingQuery,
  answer: rating,
});
const history = operation({
  method: 'get',
  path: '/api/compounds/{id}/rating/history',
  summary: 'Every change of stars, newest first, with the criteria that caused it',
  role: 'viewer',
  params: idParams,
  query: z.strictObject({ limit: paging.limit }),
  answer: page(ratingChange),
});
const list = operation({
  method: 'get',
  path: '/api/standards',
  summary: 'The standards that a rating can be made under',
  role: 'viewer',
  answer: page(
    z.object({
      name: z.string(),
      title: bilingual,
      /** What a reader must know before believing its numbers. */
      notice: bilingual,
      effectiveFrom: z.string(),
      /** Rated by only where it is named with its version. */
      draft: z.boolean(),
      criteria: z.int(),
    }),
  ),
});

@Controller()
export class RatingsController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(read)
  async read(@Input() { params, query, account }: InputOf<typeof read>): Promise<Rating> {
    const { standard, facts, at, knownAt, position } = await factsAsked(this.parts, params.id, query, account);
    const rated = rate(standard, facts, { at, position });
    return knownAt === undefined ? rated : { ...rated, knownAt };
  }

  @Operation(history)
  async history(@Input() { params, query }: InputOf<typeof history>) {
    compoundOrRefuse(this.parts.index, params.id);
    return { items: await ratingHistory(this.parts.sql, params.id, query.limit), next: null };
  }

  @Operation(list)
  list() {
    const items = standards().map((standard) => ({
      name: standardName(standard),
      title: standard.title,
      notice: standard.notice,
      effectiveFrom: standard.effectiveFrom,
      draft: standard.draft,
      criteria: standard.criteria.length,
    }));
    return { items, next: null };
  }
}
