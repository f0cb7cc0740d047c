import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { DateTime } from 'luxon';
import { z } from 'zod';
import { Refusal } from '../event-log/decider.ts';
import { workOrderStream } from '../event-log/event.ts';
import { handleCommand } from '../event-log/handle-command.ts';
import { compoundOrRefuse } from '../registry/commands.ts';
import { registryId } from '../registry/registry.ts';
import { contractHoursOf } from '../registry/registry-index.ts';
import { isoTime } from '../runtime/clock.ts';
import { instant, page } from '../runtime/schema.ts';
import { carryOut, type OrderWish } from '../work-orders/carry-out.ts';
import { startClocks } from '../work-orders/clocks.ts';
import { type RoundPlan, roundPlan, roundStream } from '../work-orders/round-events.ts';
import { findingOrder, nextTimer, type RoundCommand, type RoundState, rounds } from '../work-orders/rounds.ts';
import { findingOf, roundState } from '../work-orders/rounds-due.ts';
import { roundsOf } from '../work-orders/rounds-read-model.ts';
import { loadServiceLevels } from '../work-orders/service-levels.ts';
import { workOrder } from '../work-orders/work-order.ts';
import { type ApiParts, apiParts } from './api-parts.ts';
import { commandMeta, idParams } from './input.ts';
import { type Account, Input, type InputOf, Operation, operation } from './operation.ts';

const serviceLevels = loadServiceLevels();
const occurrenceItem = z.object({
  day: z.iso.date(),
  dueAt: instant,
  until: instant,
  order: z.string(),
  checked: z.record(z.string(), z.enum(['ok', 'finding'])),
  missed: z.boolean(),
  done: z.boolean(),
});
const roundItem = z.object({
  id: registryId,
  plan: roundPlan,
  ended: z.boolean(),
  /** When the hub has something to say by itself: the next round begins, or one under way is missed. */
  nextAt: instant.nullable(),
  /** The newest rounds, oldest first. */
  occurrences: z.array(occurrenceItem),
});
type RoundItem = z.infer<typeof roundItem>;

const list = operation({
  method: 'get',
  path: '/api/rounds',
  summary: 'Plans of inspection and maintenance rounds (计划保养), with the rounds under way',
  role: 'viewer',
  query: z.strictObject({ compound: registryId.optional() }),
  answer: page(roundItem),
});
const read = operation({
  method: 'get',
  path: '/api/rounds/{id}',
  summary: 'One plan of rounds',
  role: 'viewer',
  params: idParams,
  answer: roundItem,
});
const plan = operation({
  method: 'post',
  path: '/api/rounds/{id}',
  summary: 'Make a plan of rounds under an id of your choice, or change it; each round raises an order when it is due',
  role: 'operator',
  params: idParams,
  body: roundPlan,
  answer: roundItem,
});
const check = operation({
  method: 'post',
  path: '/api/rounds/{id}/occurrences/{day}/stops/{stop}',
  summary: 'Check a stop of a round; a finding raises an order of its own, the last stop closes the round’s order',
  role: 'operator',
  params: idParams.extend({ day: z.iso.date(), stop: registryId }),
  body: z.strictObject({
    result: z.enum(['ok', 'finding']),
    note: z.string().trim().min(1).max(2000).optional(),
    /** Of the order that a finding raises. */
    serviceLevel: z.string().max(64).default('general-repair'),
  }),
  answer: roundItem,
});
const end = operation({
  method: 'post',
  path: '/api/rounds/{id}/end',
  summary: 'End a plan of rounds; what is under way may still be finished',
  role: 'operator',
  params: idParams,
  body: z.strictObject({ reason: z.string().trim().min(1).max(2000).optional() }),
  answer: roundItem,
});

const itemOf = (id: string, state: RoundState): RoundItem => ({
  id,
  plan: state.plan!,
  ended: state.ended,
  nextAt: nextTimer(state),
  occurrences: Object.entries(state.occurrences)
    .sort(([left], [right]) => left.localeCompare(right))
    .map(([day, occurrence]) => ({ day, ...occurrence, checked: { ...occurrence.checked } })),
});

@Controller()
export class RoundsController {
  constructor(@Inject(apiParts) private readonly parts: ApiParts) {}

  @Operation(list)
  async list(@Input() { query }: InputOf<typeof list>): Promise<{ items: RoundItem[]; next: null }> {
    const rows = await roundsOf(this.parts.sql, query.compound);
    return { items: rows.map(({ id, state }) => itemOf(id, state)), next: null };
  }

  @Operation(read)
  async read(@Input() { params }: InputOf<typeof read>): Promise<RoundItem> {
    return itemOf(params.id, await this.known(params.id));
  }

  @Operation(plan)
  plan(@Input() { params, body, account }: InputOf<typeof plan>): Promise<RoundItem> {
    const { timeZone } = compoundOrRefuse(this.parts.index, body.compound);
    this.checkStops(body);
    const today = DateTime.fromMillis(this.parts.clock.now(), { zone: timeZone }).toISODate()!;
    return this.command(params.id, { type: 'plan', plan: body, timeZone, today }, body.compound, account);
  }

  @Operation(check)
  async check(@Input() { params, body, account }: InputOf<typeof check>): Promise<RoundItem> {
    const state = await this.known(params.id);
    const { result, note, serviceLevel } = body;
    const wish = {
      ...({ type: 'check', occurrence: params.day, stop: params.stop, result } as const),
      ...(note === undefined ? {} : { note }),
    };
    // Decided before anything is raised: a finding that would be refused must not leave an order behind.
    const isNew = rounds.decide(wish, state).length > 0;
    const { compound } = state.plan!;
    const raises = isNew && result === 'finding' && note !== undefined;
    const order = raises ? await this.raise(params, { note, serviceLevel }, state.plan!, account) : undefined;
    const command = order === undefined ? wish : { ...wish, order };
    const item = await this.command(params.id, command, compound, account);
    const occurrence = item.occurrences.find(({ day }) => day === params.day);
    if (isNew && occurrence?.done) await this.closeOrder(occurrence, account);
    return item;
  }

  @Operation(end)
  async end(@Input() { params, body, account }: InputOf<typeof end>): Promise<RoundItem> {
    const { compound } = (await this.known(params.id)).plan!;
    const { reason } = body;
    return this.command(params.id, { type: 'end', ...(reason === undefined ? {} : { reason }) }, compound, account);
  }

  private async known(id: string): Promise<RoundState> {
    const state = roundState(await this.parts.log.readStream(roundStream(id)));
    if (state.plan === null) throw new Refusal('round.unknown', `there is no plan of rounds ${id}`);
    return state;
  }

  private async command(id: string, command: RoundCommand, compound: string, account: Account): Promise<RoundItem> {
    const meta = { ...commandMeta(this.parts, account), compound };
    const stream = roundStream(id);
    const outcome = await handleCommand(this.parts.log, { stream, decider: rounds, command, meta, newId: randomUUID });
    return itemOf(id, outcome.state);
  }

  private checkStops({ compound, stops }: RoundPlan): void {
    const { index } = this.parts;
    const known = new Set(compoundOrRefuse(index, compound).positions.map(({ id }) => id));
    for (const { id, device, position } of stops) {
      const fail = (what: string): never => {
        throw new Refusal('round.not-fitting', `stops: ${id} names ${what}, which the compound hasn't`, {
          field: 'stops',
        });
      };
      if (position !== undefined && !known.has(position)) fail(`position ${position}`);
      if (device !== undefined && index.device(device)?.compound !== compound) fail(`device ${device}`);
    }
  }

  private async raise(
    { id, day, stop }: { id: string; day: string; stop: string },
    { note, serviceLevel }: { note: string; serviceLevel: string },
    ofPlan: RoundPlan,
    account: Account,
  ): Promise<string> {
    const level = serviceLevels.get(serviceLevel);
    if (level === undefined) {
      const levels = [...serviceLevels.keys()].join(', ');
      throw new Refusal('work-order.not-fitting', `serviceLevel: one of ${levels}`, { field: 'serviceLevel' });
    }
    const compound = compoundOrRefuse(this.parts.index, ofPlan.compound);
    const raisedAt = isoTime(this.parts.clock.now());
    const finding = findingOf({ plan: ofPlan, round: id, occurrence: day, stop }, { note, level });
    const clocks = startClocks({ raisedAt, level, contractHours: contractHoursOf(compound) });
    const order = findingOrder(id, day, stop);
    await handleCommand(this.parts.log, {
      stream: workOrderStream(order),
      decider: workOrder,
      command: { type: 'raise', data: { ...finding, raisedAt, ...clocks } },
      meta: {
        ...commandMeta(this.parts, account),
        compound: compound.id,
        ...(finding.device === undefined ? {} : { device: finding.device }),
      },
      newId: randomUUID,
    });
    return order;
  }

  /** The list is what was to be done. An order that somebody has led elsewhere by hand is left there. */
  private async closeOrder({ order, checked }: RoundItem['occurrences'][number], { user }: Account): Promise<void> {
    const findings = Object.values(checked).filter((result) => result === 'finding').length;
    const note = `${Object.keys(checked).length} 处已检查，发现 ${findings} 处 / ${findings} findings`;
    const wishes: OrderWish[] = [
      { type: 'acknowledge', data: {} },
      { type: 'resolve', data: { note } },
      { type: 'close', data: { outcome: 'repaired' } },
    ];
    for (const wish of wishes) {
      await carryOut(this.parts, order, wish, { actor: `user:${user}`, person: user }).catch((error) => {
        if (!(error instanceof Refusal)) throw error;
      });
    }
  }
}
