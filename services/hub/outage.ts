import { eventOf } from '../event-log/decider.ts';
import { compoundStream } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import type { StreamAppend } from '../event-log/event-log.ts';
import type { Clock } from '../runtime/clock.ts';
import { isoTime } from '../runtime/clock.ts';
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

/** Records the time since the hub was last alive as a gap of every compound: its outage is no device's fault. */
export const recordOutage = async (
  { sql, opened, index }: Omit<Parts, 'logger' | 'untaken'>,
  clock: Clock,
  cause: string,
): Promise<void> => {
  const { rows } = await sql.query<{ at: Date }>('SELECT at FROM hub.alive');
  const from = rows[0]?.at.toISOString();
  const to = isoTime(clock.now());
  if (from === undefined || Date.parse(to) - Date.parse(from) < gapMsMin) return;
  const compounds = index.compounds().map(({ id }) => id);
  const batch = gapEvents(compounds, { from, to, cause });
  if (batch.length > 0) await opened.log.append(batch);
};

/**
 * One sign of life. A hub whose log takes nothing hears nobody either, so it is not alive, and what was missed stands
 * on record before the next sign.
 */
export const beat = async (parts: Parts, clock: Clock): Promise<void> => {
  if (parts.untaken().length > 0) return;
  await recordOutage(parts, clock, 'log-unavailable');
  await parts.sql.query(
    'INSERT INTO hub.alive (at) VALUES ($1) ON CONFLICT (singleton) DO UPDATE SET at = excluded.at',
    [isoTime(clock.now())],
  );
};

/** Writes down every ten seconds that the hub is alive. Answers how to stop. */
export const keepAlive = (parts: Parts, clock: Clock): (() => void) => {
  let busy = false;
  const next = (): void => {
    if (busy) return;
    busy = true;
    beat(parts, clock)
      .catch((error: Error) => parts.logger.warn({ err: error }, 'could not write the sign of life'))
      .finally(() => {
        busy = false;
      });
  };
  next();
  const timer = setInterval(next, aliveEveryMs);
  return () => clearInterval(timer);
};
