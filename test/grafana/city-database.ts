import type { NewEvent } from '../../services/event-log/event.ts';
import { compoundStream, workOrderStream } from '../../services/event-log/event.ts';
import { eventId } from '../../services/event-log/event-id.ts';
import type { EventLog } from '../../services/event-log/event-log.ts';
import { openEventLog } from '../../services/event-log/open.ts';
import { projectionsFor } from '../../services/hub/projections.ts';
import { prepareReporting } from '../../services/projections/reporting/prepare-reporting.ts';
import { writeRating } from '../../services/projections/reporting/rating-record.ts';
import { catchUp } from '../../services/projections/runner.ts';
import type { Measured } from '../../services/projections/star-rating/measures/measured.ts';
import { rateMeasured } from '../../services/projections/star-rating/rate.ts';
import { type PreviousRating, ratingChanged } from '../../services/projections/star-rating/rater.ts';
import type { Rating } from '../../services/projections/star-rating/rating.ts';
import type { Standard } from '../../services/projections/star-rating/standard.ts';
import { standardInForce } from '../../services/projections/star-rating/standards.ts';
import { countCompany } from '../../services/projections/work-order-figures/companies.ts';
import type { Compound } from '../../services/registry/registry.ts';
import { createRegistryIndex } from '../../services/registry/registry-index.ts';
import { isoTime, systemClock } from '../../services/runtime/clock.ts';
import { migrate } from '../../services/runtime/migrate.ts';
import { openPool, transact } from '../../services/runtime/postgres.ts';
import type { Sql, Transact } from '../../services/runtime/sql.ts';
import { loadFormulas } from '../../services/work-orders/assessment.ts';
import { assessFrom, monthToAssess } from '../../services/work-orders/assessments.ts';
import { cityHistory, type Happening, historyDays } from './city-history.ts';

const dayMs = 86_400_000;

const append = async (log: EventLog, happenings: readonly Happening[]): Promise<void> => {
  for (let start = 0; start < happenings.length; start += 500) {
    const entries = happenings.slice(start, start + 500);
    await log.append(entries.map(({ stream, event }) => ({ stream, expectedRevision: 'any', events: [event] })));
  }
};

/** What each criterion measured that day: forty days in which one compound rises and the other falls. */
const measuredOn = (standard: Standard, compound: Compound, daysAgo: number): Map<string, Measured> => {
  const isNew = compound.profile === 'new';
  const column = isNew ? 4 : 3;
  const hadTrouble = isNew ? daysAgo < 3 : daysAgo > 20;
  return new Map(
    standard.criteria.map(({ id, thresholds, mandatoryFrom }) => {
      const fails = hadTrouble && ['ACC-4', 'CAM-1', 'PRO-1'].includes(id);
      const value = fails
        ? 0.6 * thresholds[3]
        : mandatoryFrom === null
          ? null
          : thresholds[column] * (1 + daysAgo / 4000);
      const detail = () => ({ zh: '已核算', en: 'counted' });
      return [id, { applicable: true, value, numerator: null, denominator: null, detail }];
    }),
  );
};

const changeEvent = (rating: Rating, previous: PreviousRating | null): NewEvent | null => {
  const data = ratingChanged(previous, rating);
  return (
    data && {
      id: eventId({ occurredAtMs: Date.parse(rating.at), device: rating.compound, source: 'rating.changed' }),
      type: 'rating.changed',
      data,
      meta: {
        ...{ schemaVersion: 1, occurredAt: rating.at, receivedAt: rating.at, clock: 'trusted' as const },
        ...{ compound: rating.compound, actor: 'policy:rater' },
      },
    }
  );
};

const rateForDays = async (log: EventLog, inTransaction: Transact, compounds: Compound[], nowMs: number) => {
  for (const compound of compounds) {
    let previous: PreviousRating | null = null;
    for (let daysAgo = historyDays; daysAgo >= 0; daysAgo--) {
      const at = isoTime(nowMs - daysAgo * dayMs);
      const standard = standardInForce(at);
      const measured = measuredOn(standard, compound, daysAgo);
      const rating = rateMeasured(standard, measured, { compound, at, position: null });
      await inTransaction((sql) => writeRating(sql, rating, compound.timeZone));
      const event = changeEvent(rating, previous);
      if (event === null) continue;
      await append(log, [{ stream: compoundStream(compound.id), event }]);
      previous = event.data as PreviousRating;
    }
  }
};

/** One of them is expected to lose a star. */
const warnOfRisk = (log: EventLog, { id: compound }: Compound, nowMs: number): Promise<void> => {
  const [at, on] = [isoTime(nowMs), isoTime(nowMs + 7 * dayMs).slice(0, 10)];
  const data = { stars: 3, expectedStars: 2, inDays: 7, on, standard: 'weihai@1', criteria: ['ACC-4', 'CAM-1'] };
  const event: NewEvent = {
    id: eventId({ occurredAtMs: nowMs, device: compound, source: 'rating.at-risk' }),
    type: 'rating.at-risk',
    data,
    meta: { schemaVersion: 1, occurredAt: at, receivedAt: at, clock: 'trusted', compound, actor: 'policy:risk-watch' },
  };
  return append(log, [{ stream: compoundStream(compound), event }]);
};

/** People take on the orders that the router raised: most in time, some late, some not at all. */
const workOnOrders = async (log: EventLog, inTransaction: Transact, nowMs: number): Promise<void> => {
  const orders = await inTransaction((sql) =>
    sql.query<{ id: string; raised_at: Date; compound: string }>(
      'SELECT id, raised_at, compound FROM hub.work_order ORDER BY raised_at, id',
    ),
  );
  const happenings = orders.rows.flatMap(({ id, raised_at, compound }, index) => {
    const steps: [string, number, object][] = [
      ['acknowledged', index % 4 === 0 ? 600 : 5, {}],
      ['dispatched', 620, { assignee: '值班员' }],
      ['arrived', 640, {}],
      ['resolved', index % 4 === 0 ? 3000 : 700, {}],
      ['closed', 3100, { outcome: 'repaired', faultStanding: false }],
    ];
    const isFresh = nowMs - raised_at.getTime() < dayMs;
    return steps.slice(0, isFresh ? 1 : 5).map(([what, minutes, data]) => {
      const atMs = raised_at.getTime() + minutes * 60_000;
      const at = isoTime(Math.min(atMs, nowMs));
      const event: NewEvent = {
        id: eventId({ occurredAtMs: atMs, device: id, source: what }),
        type: `work-order.${what}`,
        data,
        meta: { schemaVersion: 1, occurredAt: at, receivedAt: at, clock: 'trusted', compound, actor: 'user:test' },
      };
      return { stream: workOrderStream(id), event };
    });
  });
  await append(log, happenings);
};

/** The property company's last month. */
const assessCompany = (log: EventLog, sql: Sql, nowMs: number): Promise<unknown> => {
  const formulas = loadFormulas();
  const parts = { log, formulas, nowMs, count: countCompany(sql), actor: 'policy:assessment' };
  return assessFrom(parts, 'anju-wuye', monthToAssess(formulas, nowMs)!);
};

/** Fills a database with a city's history, through the log and the real projections, and prepares the reports. */
export const fillCity = async (url: string, options: { password?: string } = {}) => {
  const nowMs = systemClock.now();
  const pool = openPool(url, { maxConnections: 6 });
  const inTransaction = transact(pool);
  await migrate(inTransaction);
  const { log } = await openEventLog(url, { clock: systemClock });
  const city = cityHistory(nowMs);
  await append(log, city.happenings);
  const projections = projectionsFor(['projections', 'work-orders'], log, createRegistryIndex());
  const project = async (): Promise<void> => {
    for (const projection of projections) await catchUp(log, inTransaction, projection);
  };
  await project();
  await project();
  await workOnOrders(log, inTransaction, nowMs);
  await rateForDays(log, inTransaction, city.compounds.slice(0, 2), nowMs);
  await warnOfRisk(log, city.compounds[0]!, nowMs);
  await project();
  await assessCompany(log, pool, nowMs);
  await project();
  const access = await prepareReporting(inTransaction, options);
  return {
    ...{ pool, inTransaction, log, city, projections, project, access, nowMs },
    close: async (): Promise<void> => {
      await log.close();
      await pool.end();
    },
  };
};

export type FilledCity = Awaited<ReturnType<typeof fillCity>>;
