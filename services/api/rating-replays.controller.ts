import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import { handleCommand } from '../event-log/handle-command.ts';
import { dayCount, daysOf } from '../projections/rating-replay/days.ts';
import { openReplayCount, ratingReplayOf, ratingReplays, replayChanges } from '../projections/rating-replay/queries.ts';
import {
  type RatingReplay,
  type RatingReplayCommand,
  ratingReplay,
  ratingReplayDecider,
  replayChange,
  replayStream,
} from '../projections/rating-replay/replay.ts';
import { findStandard, standardName, standards } from '../projections/star-rating/standards.ts';
import { compoundOrRefuse } from '../registry/commands.ts';
import { registryId } from '../registry/registry.ts';
import { page } from '../runtime/schema.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { commandMeta, paging } from './input.ts';
import { type Account, Input, type InputOf, Operation, operation } from './operation.ts';

const openMax = 10;
const daysMax = 5 * 366;

const replayParams = z.strictObject({ id: z.uuid() });
const request = operation({
  method: 'post',
  path: '/api/rating-replays',
  summary: 'Rate compounds over past days under another standard, beside the ratings that count',
  role: 'operator',
  status: 202,
  body: z.strictObject({
    /** `<id>@<version>`. */
    standard: z.string().max(100),
    from: z.iso.date(),
    to: z.iso.date(),
    /** Left out: all of them. */
    compounds: z.array(registryId).min(1).max(20_000).optional(),
  }),
  answer: z.object({ id: z.string() }),
});
const list = operation({
  method: 'get',
  path: '/api/rating-replays',
  summary: 'Replays of ratings, newest first',
  role: 'viewer',
  query: z.strictObject(paging),
  answer: page(ratingReplay),
});
const read = operation({
  method: 'get',
  path: '/api/rating-replays/{id}',
  summary: 'One replay of ratings: how far it is, and how many stand higher and lower under the replayed standard',
  role: 'viewer',
  params: replayParams,
  answer: ratingReplay,
});
const cancel = operation({
  method: 'post',
  path: '/api/rating-replays/{id}/cancel',
  summary: 'Cancel a replay of ratings that isn’t over; what it found so far stays',
  role: 'operator',
  params: replayParams,
  answer: ratingReplay,
});
const changes = operation({
  method: 'get',
  path: '/api/rating-replays/{id}/changes',
  summary: 'Who would have stood higher or lower, when, and by which criteria',
  role: 'viewer',
  params: replayParams,
  query: z.strictObject({ ...paging, direction: z.enum(['up', 'down']).optional(), compound: registryId.optional() }),
  answer: page(replayChange),
});

@Controller()
export class RatingReplaysController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(request)
  async request(@Input() { body, account }: InputOf<typeof request>): Promise<{ id: string }> {
    const { from, to, compounds } = body;
    const standard = findStandard(body.standard, to);
    if (standard === undefined) {
      const known = standards().map(standardName).join(', ');
      throw new Refusal('rating.unknown-standard', `there is no standard ${body.standard}; known are ${known}`, {
        field: 'standard',
      });
    }
    this.checkPeriod(from, to, compounds);
    if ((await openReplayCount(this.parts.sql)) >= openMax) {
      throw new Refusal('rating-replay.queue-full', `${openMax} replays wait already; cancel one or wait for its end`);
    }
    const id = randomUUID();
    const data = { standard: standardName(standard), from, to, compounds: compounds ?? null };
    await this.command(id, { type: 'request', data }, account);
    return { id };
  }

  @Operation(list)
  list(@Input() { query }: InputOf<typeof list>) {
    return ratingReplays(this.parts.sql, query);
  }

  @Operation(read)
  async read(@Input() { params }: InputOf<typeof read>): Promise<RatingReplay> {
    const replay = await ratingReplayOf(this.parts.sql, await this.parts.log.readStream(replayStream(params.id)));
    if (replay === null) throw new Refusal('rating-replay.unknown', `there is no replay ${params.id}`);
    return replay;
  }

  @Operation(cancel)
  async cancel(@Input() { params, account }: InputOf<typeof cancel>): Promise<RatingReplay> {
    await this.command(params.id, { type: 'cancel' }, account);
    return this.read({ params, query: undefined, body: undefined, account });
  }

  @Operation(changes)
  async changes(@Input() { params, query, account }: InputOf<typeof changes>) {
    await this.read({ params, query: undefined, body: undefined, account });
    const { items, next } = await replayChanges(this.parts.sql, { ...query, replay: params.id });
    const named = items.map((item) => ({
      ...item,
      name: this.parts.index.compound(item.compound)?.name ?? item.compound,
    }));
    return { items: named, next };
  }

  private checkPeriod(from: string, to: string, compounds: readonly string[] | undefined): void {
    const { index, clock } = this.parts;
    const fail = (field: string, message: string): never => {
      throw new Refusal('rating-replay.period', `${field}: ${message}`, { field });
    };
    if (from > to) fail('from', `${from} is after ${to}`);
    if (dayCount(from, to) > daysMax) fail('from', `at most ${daysMax} days are rated at once`);
    const chosen = compounds?.map((id) => compoundOrRefuse(index, id)) ?? index.compounds();
    const timeZones = new Set(chosen.map(({ timeZone }) => timeZone));
    for (const timeZone of timeZones) {
      const [last] = daysOf(to, to, timeZone);
      if (Date.parse(last!.at) > clock.now()) fail('to', `${to} isn’t over in ${timeZone}; a day is rated at its end`);
    }
  }

  private command(id: string, command: RatingReplayCommand, account: Account) {
    return handleCommand(this.parts.log, {
      stream: replayStream(id),
      decider: ratingReplayDecider,
      command,
      meta: commandMeta(this.parts, account),
      newId: randomUUID,
    });
  }
}
