import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import { ratingHistory } from '../projections/star-rating/queries.ts';
import { rateCompound } from '../projections/star-rating/rate-compound.ts';
import { type Rating, rating, ratingChange } from '../projections/star-rating/rating.ts';
import { findStandard, standardInForce, standardName, standards } from '../projections/star-rating/standards.ts';
import { compoundOrRefuse } from '../registry/commands.ts';
import { isoTime } from '../runtime/clock.ts';
import { bilingual, instant, page } from '../runtime/schema.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { idParams, paging } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';

const read = operation({
  method: 'get',
  path: '/api/compounds/{id}/rating',
  summary: 'Stars, points, every criterion with value and verdict, and what is missing for the next star',
  role: 'viewer',
  params: idParams,
  query: z.strictObject({ at: instant.optional(), standard: z.string().max(100).optional() }),
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
  answer: page(z.object({ name: z.string(), title: bilingual, effectiveFrom: z.string(), criteria: z.int() })),
});

@Controller()
export class RatingsController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(read)
  read(@Input() { params, query }: InputOf<typeof read>): Promise<Rating> {
    const { sql, index, clock } = this.parts;
    const compound = compoundOrRefuse(index, params.id);
    const at = query.at === undefined ? isoTime(clock.now()) : isoTime(Date.parse(query.at));
    const standard = query.standard === undefined ? standardInForce(at) : findStandard(query.standard, at);
    if (standard === undefined) {
      const known = standards().map(standardName).join(', ');
      throw new Refusal('rating.unknown-standard', `there is no standard ${query.standard}; known are ${known}`);
    }
    const devices = index.devices().filter((device) => device.compound === compound.id);
    return rateCompound(sql, standard, { compound, devices, at });
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
      effectiveFrom: standard.effectiveFrom,
      criteria: standard.criteria.length,
    }));
    return { items, next: null };
  }
}
