import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { z } from 'zod';
import { handleCommand } from '../event-log/handle-command.ts';
import { compoundOrRefuse } from '../registry/commands.ts';
import { registryId } from '../registry/registry.ts';
import { instant } from '../runtime/schema.ts';
import { onDuty } from '../work-orders/on-duty.ts';
import {
  dayNamed,
  dutyRoles,
  emptyRoster,
  type Roster,
  type RosterCommand,
  type RosterEvent,
  roster,
  rosterStream,
  shift,
  swap,
} from '../work-orders/roster.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { commandMeta, idParams } from './input.ts';
import { type Account, Input, type InputOf, Operation, operation } from './operation.ts';

const rosterAnswer = z.object({
  compound: registryId,
  shifts: z.array(shift),
  /** Who takes whose turn on which day. */
  swaps: z.array(swap),
  /** Days that the compound named worked (`true`) or free itself. */
  days: z.record(z.string(), z.boolean()),
});
type RosterAnswer = z.infer<typeof rosterAnswer>;

const read = operation({
  method: 'get',
  path: '/api/compounds/{id}/roster',
  summary: 'A compound’s duty roster, with swaps and the days that it named itself',
  role: 'viewer',
  params: idParams,
  answer: rosterAnswer,
});
const drawUp = operation({
  method: 'post',
  path: '/api/compounds/{id}/roster',
  summary: 'Draw a compound’s duty roster up anew; the order of the shifts is the order in which people are called',
  role: 'operator',
  params: idParams,
  body: z.strictObject({ shifts: z.array(shift).max(500) }),
  answer: rosterAnswer,
});
const swapTurn = operation({
  method: 'post',
  path: '/api/compounds/{id}/roster/swaps',
  summary: 'Put somebody else on one turn of a shift, named by the day on which it begins',
  role: 'operator',
  status: 201,
  params: idParams,
  body: swap.omit({ id: true }),
  answer: rosterAnswer,
});
const withdrawSwap = operation({
  method: 'delete',
  path: '/api/compounds/{id}/roster/swaps/{swap}',
  summary: 'Take a swap back',
  role: 'operator',
  params: idParams.extend({ swap: z.string().max(64) }),
  answer: rosterAnswer,
});
const nameDay = operation({
  method: 'post',
  path: '/api/compounds/{id}/roster/days',
  summary: 'Name a day worked or free for this compound; null leaves it to the country’s calendar again',
  role: 'operator',
  params: idParams,
  body: dayNamed,
  answer: rosterAnswer,
});
const whoHasDuty = operation({
  method: 'get',
  path: '/api/compounds/{id}/roster/on-duty',
  summary: 'Who has duty for a building and trade at an instant, in the order in which they are called',
  role: 'viewer',
  params: idParams,
  query: z.strictObject({
    role: z.enum(dutyRoles).optional(),
    building: registryId.optional(),
    trade: z.string().max(64).optional(),
    /** Left out: now. */
    at: instant.optional(),
  }),
  answer: z.object({
    items: z.array(z.object({ person: z.string(), role: z.enum(dutyRoles), shift: z.string(), until: instant })),
    next: z.null(),
  }),
});

@Controller()
export class OutboundRostersController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(read)
  async read(@Input() { params }: InputOf<typeof read>): Promise<RosterAnswer> {
    compoundOrRefuse(this.parts.index, params.id);
    return { compound: params.id, ...(await this.rosterOf(params.id)) };
  }

  @Operation(drawUp)
  drawUp(@Input() { params, body, account }: InputOf<typeof drawUp>): Promise<RosterAnswer> {
    return this.command(params.id, { type: 'draw-up', data: body }, account);
  }

  @Operation(swapTurn)
  swapTurn(@Input() { params, body, account }: InputOf<typeof swapTurn>): Promise<RosterAnswer> {
    return this.command(params.id, { type: 'swap', data: { id: randomUUID(), ...body } }, account);
  }

  @Operation(withdrawSwap)
  withdrawSwap(@Input() { params, account }: InputOf<typeof withdrawSwap>): Promise<RosterAnswer> {
    return this.command(params.id, { type: 'withdraw-swap', data: { id: params.swap } }, account);
  }

  @Operation(nameDay)
  nameDay(@Input() { params, body, account }: InputOf<typeof nameDay>): Promise<RosterAnswer> {
    return this.command(params.id, { type: 'name-day', data: body }, account);
  }

  @Operation(whoHasDuty)
  async whoHasDuty(@Input() { params, query }: InputOf<typeof whoHasDuty>) {
    const { timeZone } = compoundOrRefuse(this.parts.index, params.id);
    const { at, ...question } = query;
    const atMs = at === undefined ? this.parts.clock.now() : Date.parse(at);
    return { items: onDuty(await this.rosterOf(params.id), question, atMs, timeZone), next: null };
  }

  /** From the stream itself: the read model follows a moment later. */
  private async rosterOf(compound: string): Promise<Roster> {
    const events = await this.parts.log.readStream(rosterStream(compound));
    return events.reduce((state, event) => roster.evolve(state, event as unknown as RosterEvent), emptyRoster);
  }

  private async command(compound: string, command: RosterCommand, account: Account): Promise<RosterAnswer> {
    compoundOrRefuse(this.parts.index, compound);
    const meta = { ...commandMeta(this.parts, account), compound };
    const { state } = await handleCommand(this.parts.log, {
      ...{ stream: rosterStream(compound), decider: roster, command, meta },
      newId: randomUUID,
    });
    return { compound, ...state };
  }
}
