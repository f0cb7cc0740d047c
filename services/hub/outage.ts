import { eventOf } from '../event-log/decider.ts';
import { compoundStream } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import type { StreamAppend } from '../event-log/event-log.ts';
import type { Clock } from '../runtime/clock.ts';
import { isoTime } from '../runtime/clock.ts';
import { machineUptimeMs } from '../runtime/machine-uptime.ts';
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

/**
 * Records the time since the hub was last alive as a gap of every compound: its outage is no device's fault.
 * `passedMs`, where it is known, is how long that was by a clock that nobody sets: a time of day that was put on by an
 * hour is not an hour's outage.
 */
export const recordOutage = async (
  { sql, opened, index, logger }: Omit<Parts, 'untaken'>,
  clock: Clock,
  { cause, passedMs }: { cause: string; passedMs?: number | undefined },
): Promise<void> => {
  const { rows } = await sql.query<{ at: Date }>('SELECT at FROM hub.alive');
  const aliveMs = rows[0]?.at.getTime();
  const nowMs = clock.now();
  if (aliveMs === undefined || nowMs - aliveMs < gapMsMin) return;
  const putOnMs = passedMs === undefined ? 0 : nowMs - aliveMs - passedMs;
  const isPutOn = putOnMs >= gapMsMin;
  if (isPutOn) logger.warn(`the time of day was put on by ${Math.round(putOnMs / 1000)} s; that is no outage`);
  if (passedMs !== undefined && isPutOn && passedMs < gapMsMin) return;
  const from = isoTime(isPutOn ? aliveMs + putOnMs : aliveMs);
  const compounds = index.compounds().map(({ id }) => id);
  const batch = gapEvents(compounds, { from, to: isoTime(nowMs), cause });
  if (batch.length > 0) await opened.log.append(batch);
};

/**
 * Answers what gives one sign of life. A hub whose log takes nothing hears nobody either, so it is not alive, and what was
 * missed stands on record before the next sign. `steadyMs` is a clock that nobody sets.
 */
export const createBeat = (parts: Parts, clock: Clock, steadyMs: () => number): (() => Promise<void>) => {
  let lastMs: number | undefined;
  return async () => {
    if (parts.untaken().length > 0) return;
    const passedMs = lastMs === undefined ? undefined : steadyMs() - lastMs;
    await recordOutage(parts, clock, { cause: 'log-unavailable', passedMs });
    const beatenMs = steadyMs();
    await parts.sql.query(
      'INSERT INTO hub.alive (at) VALUES ($1) ON CONFLICT (singleton) DO UPDATE SET at = excluded.at',
      [isoTime(clock.now())],
    );
    lastMs = beatenMs;
  };
};

/** Writes down every ten seconds that the hub is alive. Answers how to stop. */
export const keepAlive = (parts: Parts, clock: Clock): (() => void) => {
  const beat = createBeat(parts, clock, machineUptimeMs);
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
