import { Refusal } from '../event-log/decider.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { mattersDue, mattersUnrecorded, ordersClimbing } from '../projections/matters/queries.ts';
import type { MatterRow } from '../projections/matters/row.ts';
import type { RegistryIndex } from '../registry/registry-index.ts';
import { type Clock, isoTime } from '../runtime/clock.ts';
import { type Keeper, keepLooking } from '../runtime/keep-looking.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sql } from '../runtime/sql.ts';
import { carryOutMatter, foldMatter, ladder, timerIds } from '../work-orders/ladder/carry-out-matter.ts';
import {
  climbCommand,
  matterFor,
  type Surroundings,
  type WatchedOrder,
  watchTimer,
} from '../work-orders/ladder/climbing.ts';
import { matterStream } from '../work-orders/ladder/matter-events.ts';
import { zoneOf } from './duty-by-roster.ts';

const dueMax = 200;
const actor = 'policy:ladder';

interface Parts {
  sql: Sql;
  log: Pick<EventLog, 'readStream' | 'append'>;
  index: Pick<RegistryIndex, 'compound'>;
  clock: Clock;
}

export const surroundingsOf = (index: Parts['index'], compound: string): Surroundings => ({
  street: index.compound(compound)?.district,
  timeZone: zoneOf(index, compound),
});

const climb = async ({ log, index }: Parts, watched: WatchedOrder, at: string): Promise<void> => {
  const { compound } = watched.raised;
  const id = matterFor(watched);
  const matter = foldMatter(await log.readStream(matterStream(id)));
  const where = surroundingsOf(index, compound);
  const command = climbCommand(watched, ladder, { moment: { at, by: actor }, where, matter });
  if (command === undefined) return;
  const timerMs = Date.parse(watchTimer(watched, ladder) ?? at);
  const newId = timerIds(id, `${command.type}:${watched.order}:${watched.revision}`, timerMs);
  await carryOutMatter(log, id, command, { newId, compound, actor });
};

const showCards = async ({ log }: Parts, row: MatterRow, at: string): Promise<void> => {
  const { id, referred, timerAt, revision } = row;
  const newId = timerIds(id, `cards:${revision}`, Date.parse(timerAt ?? at));
  const command = { type: 'pass-time', at, by: actor, data: {} } as const;
  await carryOutMatter(log, id, command, { newId, compound: referred.compound, actor });
};

/** Enters the matters' meetings and whistles into their compounds' records; an entry that stands there is known by id. */
const enterRecords = async ({ log }: Parts, row: MatterRow): Promise<void> => {
  for (const { stream, event } of row.records) {
    await log.append([{ stream, expectedRevision: 'any', events: [event] }]);
  }
};

/**
 * Looks once at the ladder: orders that leave the property company, cards, entries in the record. The read model holds
 * the instants, the log what was said: so a restart, a second process or a late read model says nothing twice.
 */
export const createLadderKeeper = (parts: Parts) => async (): Promise<Refusal | undefined> => {
  const { sql, clock } = parts;
  const at = isoTime(clock.now());
  let refused: Refusal | undefined;
  const tryTo = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      // One that can't go on must not hold up the others.
      if (!(error instanceof Refusal)) throw error;
      refused = error;
    }
  };
  for (const watched of await ordersClimbing(sql, at, dueMax)) await tryTo(climb(parts, watched, at));
  for (const row of await mattersDue(sql, at, dueMax)) await tryTo(showCards(parts, row, at));
  for (const row of await mattersUnrecorded(sql, dueMax)) await tryTo(enterRecords(parts, row));
  return refused;
};

/** Keeps the ladder until it is stopped. */
export const keepLadder = ({ logger, ...parts }: Parts & { logger: Logger }): Keeper => {
  const look = createLadderKeeper(parts);
  return keepLooking({
    async look() {
      const refused = await look();
      if (refused !== undefined) throw refused;
      return undefined;
    },
    everyMs: 1_000,
    failure: 'the escalation ladder is not being kept',
    logger,
  });
};
