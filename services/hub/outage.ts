import { eventOf } from '../event-log/decider.ts';
import { compoundStream } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import type { StreamAppend } from '../event-log/event-log.ts';
import type { Clock } from '../runtime/clock.ts';
import { isoTime, systemClock } from '../runtime/clock.ts';
import { passedMs, type SteadyTime, steadyTime } from '../runtime/machine-uptime.ts';
import type { Base } from './intake.ts';

const aliveEveryMs = 10_000;
/** Shorter absences are a restart: no heartbeat of any kind falls into them. */
const gapMsMin = 60_000;

/** A stretch of time in which nothing could be heard of these compounds: no device's fault. */
export const gapEvents = (compounds: string[], gap: { from: string; to: string; cause: string }): StreamAppend[] =>
  compounds.map((compound) => ({
    stream: compoundStream(compound),
    expectedRevision: 'any',
    events: [
      eventOf(
        // Derived, so that processes starting together record one gap.
        eventId({ occurredAtMs: Date.parse(gap.from), device: compound, source: 'gap' }),
        { type: 'compound.gap-recorded', data: gap },
        { occurredAt: gap.to, compound, actor: 'policy:outage' },
      ),
    ],
  }));

type Parts = Pick<Base, 'sql' | 'opened' | 'index' | 'logger' | 'untaken'>;

/** The time of day, and clocks that nobody sets. */
export interface Clocks {
  clock: Clock;
  steady: () => SteadyTime;
}
export const systemClocks: Clocks = { clock: systemClock, steady: steadyTime };

/**
 * Records the time since the hub was last alive as a gap of every compound: its outage is no device's fault. A time of
 * day that was put on by an hour is not an hour's outage. `since`: what the steady clocks showed at this process's last
 * sign of life; left out, what stands beside the last sign of any counts.
 */
export const recordOutage = async (
  { sql, opened, index, logger }: Omit<Parts, 'untaken'>,
  { clock, steady }: Clocks,
  { cause, since }: { cause: string; since?: SteadyTime | undefined },
): Promise<void> => {
  const { rows } = await sql.query<{ at: Date; boot: string | null; clocksMs: number[] }>(
    'SELECT at, boot, clocks_ms AS "clocksMs" FROM hub.alive',
  );
  const [alive] = rows;
  const nowMs = clock.now();
  if (alive === undefined || nowMs - alive.at.getTime() < gapMsMin) return;
  const aliveMs = alive.at.getTime();
  const { boot, clocksMs } = alive;
  const last = since ?? (boot === null ? undefined : { boot, clocksMs });
  const awayMs = (last && passedMs(last, steady())) ?? nowMs - aliveMs;
  const putOnMs = nowMs - aliveMs - awayMs;
  const isPutOn = putOnMs >= gapMsMin;
  if (isPutOn) logger.warn(`the time of day was put on by ${Math.round(putOnMs / 1000)} s; that is no outage`);
  if (isPutOn && awayMs < gapMsMin) return;
  const from = isoTime(isPutOn ? aliveMs + putOnMs : aliveMs);
  const compounds = index.compounds().map(({ id }) => id);
  const batch = gapEvents(compounds, { from, to: isoTime(nowMs), cause });
  if (batch.length > 0) await opened.log.append(batch);
};

/**
 * Answers what gives one sign of life. A hub whose log takes nothing hears nobody either, so it is not alive, and what was
 * missed stands on record before the next sign.
 */
export const createBeat = (parts: Parts, clocks: Clocks): (() => Promise<void>) => {
  let since: SteadyTime | undefined;
  return async () => {
    if (parts.untaken().length > 0) return;
    await recordOutage(parts, clocks, { cause: 'log-unavailable', since });
    const beaten = clocks.steady();
    await parts.sql.query(
      `INSERT INTO hub.alive (at, boot, clocks_ms) VALUES ($1, $2, $3)
       ON CONFLICT (singleton) DO UPDATE SET at = excluded.at, boot = excluded.boot, clocks_ms = excluded.clocks_ms`,
      [isoTime(clocks.clock.now()), beaten.boot, beaten.clocksMs],
    );
    since = beaten;
  };
};

/** Writes down every ten seconds that the hub is alive. Answers how to stop. */
export const keepAlive = (parts: Parts, clocks: Clocks): (() => void) => {
  const beat = createBeat(parts, clocks);
  let busy = false;
  const next = (): void => {
    if (busy) return;
    busy = true;
    beat()
      .catch((error: Error) => parts.logger.warn({ err: error }, 'could not write the sign of life'))
      .finally(() => {
        busy = false;
      });
  };
  next();
  const timer = setInterval(next, aliveEveryMs);
  return () => clearInterval(timer);
};
