import type { RecordedEvent } from '../../services/event-log/event.ts';
import { createCourier } from '../../services/outbound/courier.ts';
import { createDeliveryStore } from '../../services/outbound/delivery-store.ts';
import { SendFailed } from '../../services/outbound/send-http.ts';
import { takes } from '../../services/outbound/target.ts';
import { wishDeadLetters } from '../../services/outbound/target-queries.ts';
import { type Verdict, verdictOf, verdictOfFailure } from '../../services/outbound/verdict.ts';
import { silentLogger } from '../../services/runtime/logger.ts';
import type { Chance } from './chance.ts';
import type { LifeParts } from './keepers.ts';
import type { DeliveryNote, Ledger, TargetNote } from './ledger.ts';
import type { Scheduler } from './scheduler.ts';

export interface Target extends TargetNote {
  activeSinceMs: number;
  deliver(event: RecordedEvent): Promise<Verdict>;
}

interface TargetParts {
  scheduler: Scheduler;
  chance: Chance;
  ledger: Ledger;
  isOver(): boolean;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const timeoutMs = 10_000;
const retryMs = 1_000;
/** `forgetful` takes an event and its answer is lost; `strict` doesn't want some events, today. */
const moods = ['refusing', 'silent', 'forgetful', 'strict'] as const;

/** A property system's server: well most of the time. */
const createServer = ({ scheduler, chance, ledger, isOver }: TargetParts, target: string) => {
  let mood: 'well' | (typeof moods)[number] = 'well';
  const changeMood = (): void => {
    if (isOver()) mood = 'well';
    else {
      mood = mood === 'well' ? chance.pick(moods) : 'well';
      const lastsMs = mood === 'well' ? chance.between(0.5, 8) * hourMs : chance.between(1, 150) * minuteMs;
      scheduler.after(lastsMs, changeMood);
    }
  };
  scheduler.after(chance.between(0, 4) * hourMs, changeMood);
  const disliked = new Map<string, boolean>();
  const dislikes = (event: string): boolean => {
    const known = disliked.get(event) ?? chance.hit(0.2);
    disliked.set(event, known);
    return known;
  };

  return async (event: string): Promise<Verdict> => {
    const sentMs = scheduler.clock.now();
    const note = (isTaken: boolean, answer: DeliveryNote['answer']): void =>
      void ledger.deliveries.push({ target, event, sentMs, atMs: scheduler.clock.now(), isTaken, answer });
    const answered = (status: number, headers: Record<string, string> = {}): Verdict =>
      verdictOf({ status, headers, text: '' }, scheduler.clock.now());
    await scheduler.sleep(chance.between(5, 400));
    const now = isOver() ? 'well' : mood;
    if (now === 'refusing') {
      note(false, 'no');
      return answered(503, chance.hit(0.3) ? { 'retry-after': String(chance.whole(1, 600)) } : {});
    }
    if (now === 'strict' && dislikes(event)) {
      note(false, 'never-this-one');
      return answered(422);
    }
    if (now === 'silent' || now === 'forgetful') {
      note(now === 'forgetful', 'nothing');
      await scheduler.sleep(timeoutMs);
      return verdictOfFailure(new SendFailed('ETIMEDOUT', 'no answer within 10 s'));
    }
    note(true, 'yes');
    return answered(204);
  };
};

/** Whoever is told work orders, over all lives of the hub: one is told everything, one of a compound the ends. */
export const createTargets = (parts: TargetParts, compounds: readonly string[]): Target[] =>
  [
    { id: 'property-system', compounds: [], types: ['work-order.*'] },
    { id: 'bureau', compounds: compounds.slice(0, 1), types: ['work-order.raised', 'work-order.closed'] },
  ].map((note): Target => {
    parts.ledger.targets.push(note);
    const deliver = createServer({ ...parts, chance: parts.chance.fork(note.id) }, note.id);
    return { ...note, activeSinceMs: parts.scheduler.clock.now(), deliver: (event) => deliver(event.id) };
  });

/** A courier per target, as `tellTargets` has them; now and then somebody has the dead letters sent again. */
export const startCouriers = (life: LifeParts, targets: readonly Target[]): void => {
  const { scheduler, chance, log, sql, signal, alive } = life;
  const { clock } = scheduler;
  const wait = async (_clock: unknown, untilMs: number): Promise<void> => {
    await scheduler.sleep(Math.max(0, untilMs - clock.now()));
    // Whoever waited in a process that was killed does nothing more.
    if (!alive()) await new Promise(() => undefined);
  };
  for (const target of targets) {
    const courier = createCourier(
      {
        ...{ target: target.id, log, clock, signal, from: null, activeSinceMs: target.activeSinceMs },
        ...{ store: createDeliveryStore(sql, target.id), random: chance.random, logger: silentLogger },
        takes: (event) => takes(target, event),
        deliver: (event) => target.deliver(event),
      },
      wait,
    );
    const carry = async (): Promise<void> => {
      while (alive()) {
        await courier.follow().catch(() => undefined);
        await scheduler.sleep(retryMs);
      }
    };
    const wish = (): void =>
      scheduler.after(chance.between(1, 6) * hourMs, () => {
        if (!alive()) return;
        scheduler.spawn(async () => {
          const now = new Date(clock.now()).toISOString();
          await wishDeadLetters(sql, target.id, { events: undefined, by: 'user:admin', now });
          await courier.replay();
          wish();
        });
      });
    scheduler.spawn(carry);
    wish();
  }
};
