import type { EventLog } from '../../services/event-log/event-log.ts';
import { handlesType, type Projection } from '../../services/event-log/projection.ts';
import { zoneOf } from '../../services/hub/duty-by-roster.ts';
import { createDeadlineKeeper } from '../../services/hub/keep-deadlines.ts';
import { createLadderKeeper } from '../../services/hub/keep-ladder.ts';
import { createNoticeIssuer } from '../../services/outbound/issue-notices.ts';
import { createNoticePlanner } from '../../services/outbound/notice-planner.ts';
import { loadNoticeRules } from '../../services/outbound/notice-rules.ts';
import { mattersProjection } from '../../services/projections/matters/projection.ts';
import { prepareProjection } from '../../services/projections/runner.ts';
import { workOrderBoard } from '../../services/projections/work-order-board/projection.ts';
import type { RegistryIndex } from '../../services/registry/registry-index.ts';
import { silentLogger } from '../../services/runtime/logger.ts';
import type { Sql, Transact } from '../../services/runtime/sql.ts';
import { createFaultTimers } from '../../services/work-orders/fault-timers.ts';
import type { Chance } from './chance.ts';
import type { Ledger } from './ledger.ts';
import type { Scheduler } from './scheduler.ts';

/** As much of one life of the hub as its followers and keepers need. */
export interface LifeParts {
  scheduler: Scheduler;
  chance: Chance;
  ledger: Ledger;
  log: EventLog;
  sql: Sql;
  transact: Transact;
  index: RegistryIndex;
  signal: AbortSignal;
  alive(): boolean;
  /** Reads the log to its end through a projection, one reading at a time. */
  read(projection: Projection): Promise<void>;
}

/** How soon something follows the log, in milliseconds, and how often it is late instead. */
interface Pace {
  soonMs: readonly [number, number];
  lateMs: readonly [number, number];
  lateShare: number;
}

export const routerPace: Pace = { soonMs: [100, 20_000], lateMs: [60_000, 600_000], lateShare: 0.05 };
const boardPace: Pace = { soonMs: [20, 300], lateMs: [30_000, 400_000], lateShare: 0.01 };
/** From here on it is a lag that the auditor must know of. */
const lagMs = 1_000;
const retryMs = 2_000;

/** Reads the log soon after each event that a projection asks for; what fails is tried again. */
export const followSoon = (
  { scheduler, chance, ledger, log, signal, alive, read }: LifeParts,
  projection: Projection,
  { pace, followed = () => undefined }: { pace: Pace; followed?: () => void },
): void => {
  let isDue = false;
  const follow = (): void => {
    if (isDue || !alive()) return;
    isDue = true;
    const delayMs = chance.between(...(chance.hit(pace.lateShare) ? pace.lateMs : pace.soonMs));
    const nowMs = scheduler.clock.now();
    if (delayMs >= lagMs) ledger.lags.push({ fromMs: nowMs, toMs: nowMs + delayMs });
    scheduler.after(delayMs, () => {
      isDue = false;
      if (alive()) scheduler.spawn(() => read(projection).then(followed, follow));
    });
  };
  follow();
  scheduler.spawn(async () => {
    const { position } = await log.head();
    for await (const events of log.subscribe(position, { signal })) {
      if (events.some(({ type }) => handlesType(projection, type))) follow();
    }
  });
};

interface Keeper {
  look(): Promise<unknown>;
  /** A query for the instants (`at`) at which it has something to do. */
  instants: string;
  /** How often the hub looks. */
  everyMs: number;
}

/**
 * The hub looks every fraction of a second. Here it looks as soon after each instant at which there may be something to
 * see, and when what it looks at has changed: every other look would have found nothing new.
 */
const startKeeper = ({ scheduler, chance, sql, alive }: LifeParts, { look, instants, everyMs }: Keeper) => {
  let plannedMs = Number.POSITIVE_INFINITY;
  let looking = Promise.resolve();
  const plan = (atMs: number): void => {
    if (atMs >= plannedMs) return;
    plannedMs = atMs;
    scheduler.at(atMs, () => {
      if (!alive() || plannedMs !== atMs) return;
      scheduler.touch();
      plannedMs = Number.POSITIVE_INFINITY;
      looking = looking.then(lookOnce);
    });
  };
  const lookOnce = async (): Promise<void> => {
    const nowMs = scheduler.clock.now();
    await look().then(
      () => planNext(nowMs),
      () => plan(scheduler.clock.now() + retryMs),
    );
  };
  const planNext = async (afterMs: number): Promise<void> => {
    const { rows } = await sql.query<{ at: Date | null }>(
      `SELECT min(at) AS at FROM (${instants}) AS instant WHERE at > $1`,
      [new Date(afterMs).toISOString()],
    );
    const at = rows[0]?.at;
    if (at == null) return;
    plan(Math.max(at.getTime(), scheduler.clock.now()) + Math.floor(chance.between(0, everyMs)));
  };
  return { changed: (): void => scheduler.spawn(() => planNext(0)) };
};

const deadlines = 'SELECT timer_at AS at FROM hub.work_order';
const faultTimers = `SELECT fire_at::timestamptz AS at FROM hub.fault_routing
  UNION ALL SELECT due_at::timestamptz FROM hub.fault_storm`;
const rungs = `SELECT timer_at AS at FROM hub.matter_watch UNION ALL SELECT timer_at FROM hub.matter
  UNION ALL SELECT referred_at FROM hub.matter WHERE has_records`;
const notices = 'SELECT due_at AS at FROM hub.notice_timer UNION ALL SELECT digest_at FROM hub.notice_order';

/** The clocks of one life: deadlines, timers of faults, the ladder and the notices, each with what it looks at. */
export const startKeepers = async (life: LifeParts, router: Projection): Promise<void> => {
  const { scheduler, log, sql, index, transact } = life;
  const { clock } = scheduler;
  const rules = loadNoticeRules();
  const planner = createNoticePlanner(() => ({
    ...{ rules, nowMs: clock.now() },
    zoneOf: (compound) => zoneOf(index, compound),
  }));
  await prepareProjection(transact, planner);
  await prepareProjection(transact, router);
  const keep = (projection: Projection, pace: Pace, keeper: Keeper): void =>
    followSoon(life, projection, { pace, followed: startKeeper(life, keeper).changed });

  keep(workOrderBoard, boardPace, {
    look: createDeadlineKeeper({ sql, log, clock }),
    ...{ instants: deadlines, everyMs: 100 },
  });
  keep(router, routerPace, { look: createFaultTimers({ sql, log, clock }), instants: faultTimers, everyMs: 500 });
  keep(mattersProjection, boardPace, {
    look: createLadderKeeper({ sql, log, index, clock }),
    ...{ instants: rungs, everyMs: 1_000 },
  });
  keep(planner, boardPace, {
    look: createNoticeIssuer({ sql, log, rules, clock, logger: silentLogger, onDuty: () => [] }),
    ...{ instants: notices, everyMs: 500 },
  });
};
