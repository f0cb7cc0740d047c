import { Controller, Inject } from '@nestjs/common';
import { DateTime } from 'luxon';
import { z } from 'zod';
import { lastHeardByCompound } from '../projections/device-health/queries.ts';
import { type Programme, programme, programmeOf } from '../projections/programme/programme.ts';
import { registeredAtMs, standingRisks, starChanges } from '../projections/programme/queries.ts';
import { loadProgrammeTargets } from '../projections/programme/targets.ts';
import { type RatingOutlook, ratingOutlook } from '../projections/rating-outlook/outlook.ts';
import { outlookOf } from '../projections/rating-outlook/outlook-of.ts';
import { standardInForce } from '../projections/star-rating/standards.ts';
import { compoundOrRefuse } from '../registry/commands.ts';
import { isoTime } from '../runtime/clock.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { idParams } from './input.ts';
import { Input, type InputOf, Operation, operation } from './operation.ts';

const read = operation({
  method: 'get',
  path: '/api/programme',
  summary: 'The yearly programme of star compounds: targets, who holds them, who is not connected, who is at risk',
  role: 'viewer',
  query: z.strictObject({ year: z.coerce.number().int().min(2000).max(2100).optional() }),
  answer: programme,
});
const outlook = operation({
  method: 'get',
  path: '/api/compounds/{id}/rating/outlook',
  summary: 'The stars expected in the next window if all goes on as in the last two days, and the criteria at risk',
  role: 'viewer',
  params: idParams,
  answer: ratingOutlook,
});

@Controller()
export class ProgrammeController {
  private readonly targets = loadProgrammeTargets();

  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(read)
  async read(@Input() { query }: InputOf<typeof read>): Promise<Programme> {
    const { sql, index, clock } = this.parts;
    const nowMs = clock.now();
    const year = query.year ?? DateTime.fromMillis(nowMs, { zone: this.targets.timeZone }).year;
    const [registered, changes, risks, heard] = await Promise.all([
      registeredAtMs(sql),
      starChanges(sql),
      standingRisks(sql),
      lastHeardByCompound(sql),
    ]);
    const { profiles } = standardInForce(isoTime(nowMs));
    const compounds = index.compounds().map(({ id, name, district, profile, timeZone }) => ({
      ...{ id, name, district: district ?? null, profile, timeZone },
      targetStars: profiles[profile],
      registeredAtMs: registered.get(id) ?? nowMs,
      connected: heard.has(id),
      atRisk: risks.has(id),
      history: changes.get(id) ?? [],
    }));
    return programmeOf(this.targets, { year, nowMs, compounds });
  }

  @Operation(outlook)
  outlook(@Input() { params }: InputOf<typeof outlook>): Promise<RatingOutlook> {
    const { sql, index, clock } = this.parts;
    return outlookOf(sql, compoundOrRefuse(index, params.id), clock.now());
  }
}
