import { eventOf } from '../event-log/decider.ts';
import { compoundStream } from '../event-log/event.ts';
import { eventId } from '../event-log/event-id.ts';
import type { EventLog, StreamAppend } from '../event-log/event-log.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import type { Clock } from '../runtime/clock.ts';
import { isoTime } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql } from '../runtime/sql.ts';

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

/** Records the time since the hub was last alive as a gap of every compound: its outage is no device's fault. */
export const recordOutage = async (sql: Sql, log: EventLog, index: RegistryIndex, clock: Clock): Promise<void> => {
  const { rows } = await sql.query<{ at: Date }>('SELECT at FROM hub.alive');
  const from = rows[0]?.at.toISOString();
  const to = isoTime(clock.now());
  if (from === undefined || Date.parse(to) - Date.parse(from) < gapMsMin) return;
  const compounds = index.compounds().map(({ id }) => id);
  const batch = gapEvents(compounds, { from, to, cause: 'hub-stopped' });
  if (batch.length > 0) await log.append(batch);
};

/** Writes down every ten seconds that the hub is alive. Answers how to stop. */
export const keepAlive = (sql: Sql, clock: Clock, logger: Logger): (() => void) => {
  const beat = (): void => {
    sql
      .query('INSERT INTO hub.alive (at) VALUES ($1) ON CONFLICT (singleton) DO UPDATE SET at = excluded.at', [
        isoTime(clock.now()),
      ])
      .catch((error: Error) => logger.warn({ err: error }, 'could not write the sign of life'));
  };
  beat();
  const timer = setInterval(beat, aliveEveryMs);
  return () => clearInterval(timer);
};
