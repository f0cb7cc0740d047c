import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Refusal } from '../event-log/decider.ts';
import type { ZonedServiceHours } from '../runtime/service-hours.ts';
import { serviceTimeBetween } from './calendar.ts';
import { startClocks } from './clocks.ts';
import { clockSteps } from './commands.ts';
import { workOrderEvents } from './order-events.ts';
import { loadServiceLevels } from './service-levels.ts';
import { type WorkOrderCommand, workOrder } from './work-order.ts';

const levels = [...loadServiceLevels().values()];
const office: ZonedServiceHours = { from: '09:00', to: '18:00', days: 'working-days', timeZone: 'Asia/Shanghai' };
const iso = (ms: number): string => new Date(ms).toISOString();

/** What the life of an order comes down to, kept beside the decider and by other means. */
interface Model {
  stage: 'waiting' | 'in-hand' | 'paused' | 'done' | 'ended' | 'cancelled';
  /** Somebody has seen it. */
  seen: boolean;
  taken: 'no' | 'sent' | 'accepted' | 'there';
  offered: boolean;
  standing: boolean;
  recovered: boolean;
  confirmed: boolean;
  rated: boolean;
}

type Wish = (at: string) => WorkOrderCommand;
const wishes: Record<string, Wish> = {
  acknowledge: () => ({ type: 'acknowledge', data: {} }),
  dispatch: () => ({ type: 'dispatch', data: { assignee: 'Wang' } }),
  offer: () => ({ type: 'offer', data: {} }),
  grab: () => ({ type: 'grab', data: { assignee: 'Chen' } }),
  accept: () => ({ type: 'accept', data: {} }),
  return: () => ({ type: 'return', data: { reason: 'another trade' } }),
  transfer: (at) => ({ type: 'transfer', at, data: { assignee: 'Zhao', reason: 'nearer' } }),
  arrive: () => ({ type: 'arrive', data: {} }),
  'pause for parts': (at) => ({ type: 'pause', at, data: { reason: 'waiting-for-parts' } }),
  'pause for access': (at) => ({ type: 'pause', at, data: { reason: 'no-access' } }),
  resume: (at) => ({ type: 'resume', at, data: {} }),
  resolve: () => ({ type: 'resolve', data: { note: 'done' } }),
  confirm: () => ({ type: 'confirm', data: {} }),
  'close as repaired': () => ({ type: 'close', data: { outcome: 'repaired' } }),
  'close as it is': () => ({ type: 'close', data: { outcome: 'accepted-as-is', note: 'agreed' } }),
  rate: () => ({ type: 'rate', data: { score: 5 } }),
  cancel: () => ({ type: 'cancel', data: { reason: 'entered twice' } }),
  reopen: () => ({ type: 'reopen', data: { reason: 'dark again' } }),
  recover: () => ({ type: 'record-recovery', data: { causedBy: 'clear' } }),
  relapse: () => ({ type: 'record-return', data: { causedBy: 'fault' } }),
};

/** Whether the wish may change anything; the device's own word is never refused. */
const mayChange = (name: string, model: Model, isP0: boolean): boolean => {
  const { stage, seen, taken, standing, recovered } = model;
  const isOpen = stage !== 'ended' && stage !== 'cancelled';
  const isBeforeDone = isOpen && stage !== 'done';
  switch (name) {
    case 'acknowledge':
      return !seen && stage === 'waiting';
    case 'dispatch':
      return stage === 'waiting' || (stage === 'in-hand' && taken === 'sent');
    case 'offer':
      return stage === 'waiting';
    case 'grab':
      return stage === 'waiting' && model.offered;
    case 'accept':
      return stage === 'in-hand' && taken === 'sent';
    case 'arrive':
      return stage === 'in-hand' && taken !== 'there';
    case 'return':
      return stage === 'in-hand';
    case 'transfer':
      return (stage === 'in-hand' || stage === 'paused') && isOpen;
    case 'pause for parts':
    case 'pause for access':
      return seen && !isP0 && (stage === 'waiting' || stage === 'in-hand');
    case 'resume':
      return stage === 'paused';
    case 'resolve':
      return seen && (stage === 'waiting' || stage === 'in-hand');
    case 'confirm':
      return stage === 'done' && !model.confirmed && !standing;
    case 'close as repaired':
      return isOpen && !standing && (stage === 'done' || recovered);
    case 'close as it is':
      return stage === 'done' || (isOpen && recovered);
    case 'rate':
      return stage === 'ended' && !model.rated;
    case 'cancel':
      return isBeforeDone;
    case 'reopen':
      return stage === 'done';
    case 'recover':
      return isOpen && standing;
    default:
      return isOpen && recovered;
  }
};

const inHand = (taken: Model['taken']): Pick<Model, 'stage' | 'taken'> => ({
  stage: taken === 'no' ? 'waiting' : 'in-hand',
  taken,
});

const after = (name: string, model: Model): Model => {
  const has = model.taken !== 'no';
  switch (name) {
    case 'acknowledge':
      return { ...model, seen: true };
    case 'offer':
      return { ...model, seen: true, offered: true };
    case 'dispatch':
    case 'transfer':
      return { ...model, seen: true, offered: false, ...inHand('sent') };
    case 'grab':
    case 'accept':
      return { ...model, seen: true, offered: false, ...inHand('accepted') };
    case 'arrive':
      return { ...model, ...inHand('there') };
    case 'return':
      return { ...model, offered: false, ...inHand('no') };
    case 'pause for parts':
    case 'pause for access':
      return { ...model, stage: 'paused' };
    case 'resume':
      return { ...model, ...inHand(model.taken) };
    case 'resolve':
      return { ...model, stage: 'done', confirmed: false };
    case 'confirm':
      return { ...model, confirmed: true };
    case 'rate':
      return { ...model, rated: true };
    case 'cancel':
      return { ...model, stage: 'cancelled' };
    case 'reopen':
      return { ...model, confirmed: false, ...inHand(has ? 'sent' : 'no') };
    case 'recover':
      return { ...model, standing: false, recovered: true };
    case 'relapse':
      return { ...model, standing: true, recovered: false, confirmed: false };
    default:
      return { ...model, stage: 'ended' };
  }
};

/** True where the decider changes something, false where it refuses or does nothing. */
const decided = (command: WorkOrderCommand, order: typeof workOrder.initial) => {
  try {
    return workOrder.decide(command, order);
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
};

const steps = fc.array(
  fc.record({
    name: fc.constantFrom(...Object.keys(wishes)),
    // People take their time, and now and then the machine's clock is put back.
    laterMs: fc.oneof(fc.integer({ min: 0, max: 3 * 86_400_000 }), fc.integer({ min: -7_200_000, max: 0 })),
  }),
  { maxLength: 40 },
);

test('no sequence leads where the model does not, to a clock before its time or to a repair of a live fault', () => {
  fc.assert(
    fc.property(
      steps,
      fc.constantFrom(...levels),
      fc.boolean(),
      fc.constantFrom(office, undefined),
      fc.integer({ min: Date.parse('2026-02-10T00:00:00Z'), max: Date.parse('2026-03-10T00:00:00Z') }),
      (sequence, level, lasting, contractHours, raisedMs) => {
        const raisedAt = iso(raisedMs);
        const clocks = startClocks({ raisedAt, level, contractHours });
        const [raised] = workOrder.decide(
          {
            type: 'raise',
            data: {
              ...{ compound: 'garden', code: 'offline', lasting, title: { zh: '离线', en: 'offline' }, late: false },
              ...{ serviceLevel: level.id, priority: level.priority, raisedAt, ...clocks },
            },
          },
          workOrder.initial,
        );
        let order = workOrder.evolve(workOrder.initial, raised!);
        let model: Model = {
          ...{ stage: 'waiting', seen: false, taken: 'no', offered: false, standing: lasting, recovered: false },
          ...{ confirmed: false, rated: false },
        };
        let nowMs = raisedMs;
        for (const { name, laterMs } of sequence) {
          nowMs += laterMs;
          const before = order;
          const events = decided(wishes[name]!(iso(nowMs)), order);
          const mayRepeat = name === 'offer' || name === 'dispatch' || name === 'transfer';
          if (events.length > 0) expect([name, mayChange(name, model, level.priority === 'P0')]).toEqual([name, true]);
          else if (mayChange(name, model, level.priority === 'P0')) expect([name, mayRepeat]).toEqual([name, true]);
          for (const event of events) {
            expect(workOrderEvents[event.type].safeParse(JSON.parse(JSON.stringify(event.data))).error).toBeUndefined();
            if (event.type === 'work-order.closed' && event.data.outcome === 'repaired') {
              expect(model.standing).toBe(false);
            }
            order = workOrder.evolve(order, event);
          }
          if (events.length > 0) model = after(name, model);
          expect(order.faultStanding).toBe(model.standing);
          for (const step of clockSteps) {
            const [due, first] = [order.deadlines[step], clocks.deadlines[step]];
            if (due === null) continue;
            // A pause gives time and never takes any: no step is due before it first was.
            expect(due >= first! && due >= raisedAt).toBe(true);
          }
          if (
            before.pause !== null &&
            order.pause === null &&
            order.state !== 'closed' &&
            order.state !== 'cancelled'
          ) {
            const [pausedMs, resumedMs] = [Date.parse(before.pause.at), Math.max(Date.parse(before.pause.at), nowMs)];
            for (const step of before.pause.stops) {
              const due = before.pause.deadlines[step];
              if (due === null || Date.parse(due) <= pausedMs) continue;
              const left = (fromMs: number, to: string) =>
                serviceTimeBetween(fromMs, Date.parse(to), clocks.serviceHours);
              expect(left(resumedMs, order.deadlines[step]!)).toBe(left(pausedMs, due));
            }
          }
        }
      },
    ),
    { numRuns: 400 },
  );
});
