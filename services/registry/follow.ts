import type { Position, RecordedEvent } from '../event-log/event.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Transact } from '../runtime/sql.ts';
import { createCaughtUp } from './caught-up.ts';
import { registryProjection, registrySnapshot } from './read-model.ts';
import type { RegistryIndex } from './registry-index.ts';

/** Longest that a client is kept waiting for what it said elsewhere. */
const behindSecondsMax = 5;

export interface RegistryFollower {
  /** Resolves once what the log holds at the call is in the index. Rejects when that takes longer than a client waits. */
  caughtUp(): Promise<void>;
}

interface FollowParts {
  log: EventLog;
  transact: Transact;
  index: RegistryIndex;
  logger: Logger;
  signal: AbortSignal;
  /** Told every event too that `wants` lets through, so that one reading of the log serves all that a process keeps in memory. */
  alsoTell(event: RecordedEvent): void;
  wants?(type: string): boolean;
}

/**
 * Loads the index from the read model, then follows the log from the read model's checkpoint on, so that a start does
 * not read the whole log. Resolves once what the log held at the call is in the index.
 */
export const followRegistry = async ({
  log,
  transact,
  index,
  logger,
  signal,
  alsoTell,
  wants,
}: FollowParts): Promise<RegistryFollower> => {
  const { took, caughtUp } = createCaughtUp(log, behindSecondsMax);
  let position = await transact(async (sql): Promise<Position | null> => {
    await sql.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    const { rows } = await sql.query<{ position: Position | null }>(
      'SELECT position FROM hub.projection_checkpoint WHERE projection = $1',
      [registryProjection.name],
    );
    index.load(await registrySnapshot(sql));
    return rows[0]?.position ?? null;
  });
  const take = (events: RecordedEvent[]): void => {
    for (const event of events) {
      index.apply(event);
      alsoTell(event);
    }
    position = events.at(-1)?.position ?? position;
    took(events.map((event) => event.position));
  };
  if (position !== null) took([position]);
  for (let events = await log.readAll(position, 1000); events.length > 0; events = await log.readAll(position, 1000)) {
    take(events);
  }
  const follow = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        for await (const events of log.subscribe(position, { signal, wants })) take(events);
      } catch (error) {
        logger.error({ err: error }, 'the registry index lost the log, trying again');
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  };
  void follow();
  return { caughtUp };
};
