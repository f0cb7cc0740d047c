import { DateTime } from 'luxon';
import { z } from 'zod';
import { registryId } from '../../registry/registry.ts';
import { isoTime } from '../../runtime/clock.ts';
import { bilingual, instant } from '../../runtime/schema.ts';
import { forecastOf, type StarHistory, starsAt, trendDays } from './forecast.ts';
import { type ProgrammeTargets, targetsOf } from './targets.ts';

const profileCounts = z.object({
  compounds: z.int(),
  /** Any device of it was ever heard. */
  connected: z.int(),
  notConnected: z.int(),
  /** They hold the star of their profile, whenever they reached it. */
  holding: z.int(),
  /** They first held it in this year, and hold it. */
  counted: z.int(),
  atRisk: z.int(),
});
const row = z.object({
  counted: z.int(),
  holding: z.int(),
  /** `counted` at the end of the year; `null` for a year that is over or still to come. */
  forecast: z.int().nullable(),
  connected: z.int(),
  notConnected: z.int(),
  atRisk: z.int(),
  new: profileCounts,
  retrofit: profileCounts,
});
const compoundRow = z.object({
  id: registryId,
  name: z.string(),
  district: z.string().nullable(),
  profile: z.enum(['new', 'retrofit']),
  stars: z.int().nullable(),
  targetStars: z.int(),
  holdsTarget: z.boolean(),
  counted: z.boolean(),
  /** The day on which it first held its target. */
  reachedOn: z.iso.date().nullable(),
  connected: z.boolean(),
  atRisk: z.boolean(),
});
export const programme = z.object({
  year: z.int(),
  /** Now, or the end of a year that is over. */
  asOf: instant,
  target: z.int(),
  /** Where the target comes from: A official … D this project's default, N reported in the news. */
  targetBasis: z.string(),
  forecast: z.int().nullable(),
  method: bilingual,
  total: row,
  districts: z.array(row.extend({ district: z.string().nullable(), target: z.int().nullable() })),
  compounds: z.array(compoundRow),
});
export type Programme = z.infer<typeof programme>;
type Row = z.infer<typeof row>;
type CompoundRow = z.infer<typeof compoundRow>;

export interface ProgrammeCompound {
  id: string;
  name: string;
  district: string | null;
  profile: 'new' | 'retrofit';
  timeZone: string;
  targetStars: number;
  registeredAtMs: number;
  connected: boolean;
  atRisk: boolean;
  /** Changes of stars, oldest first. */
  history: StarHistory;
}

const method = {
  zh: `年底预测：以最近 ${trendDays} 天内每天达标小区数作直线回归，按其斜率推到年底，加到本年已计入的小区数上；首次评定不算变化。`,
  en: `Forecast for the year's end: a straight line through the number of compounds holding their target on each of the last ${trendDays} days, carried on to the end of the year from the number counted so far; a compound's first rating is no change.`,
};

interface Counted extends CompoundRow {
  history: StarHistory;
}

const countsOf = (compounds: readonly CompoundRow[]): z.infer<typeof profileCounts> => {
  const many = (wanted: (compound: CompoundRow) => boolean): number => compounds.filter(wanted).length;
  return {
    compounds: compounds.length,
    connected: many(({ connected }) => connected),
    notConnected: many(({ connected }) => !connected),
    holding: many(({ holdsTarget }) => holdsTarget),
    counted: many(({ counted }) => counted),
    atRisk: many(({ atRisk }) => atRisk),
  };
};

interface YearSpan {
  year: number;
  asOfMs: number;
  endMs: number;
  /** It has begun and isn't over. */
  isRunning: boolean;
}

const rowOf = (compounds: readonly Counted[], { asOfMs, endMs, isRunning }: YearSpan): Row => {
  const { compounds: count, ...all } = countsOf(compounds);
  const forecast = isRunning
    ? forecastOf(compounds, { counted: all.counted, atMost: count - all.holding + all.counted, asOfMs, endMs })
    : null;
  const profile = (wanted: CompoundRow['profile']) =>
    countsOf(compounds.filter((compound) => compound.profile === wanted));
  return { ...all, forecast, new: profile('new'), retrofit: profile('retrofit') };
};

const compoundRowOf = (compound: ProgrammeCompound, { year, asOfMs }: YearSpan, isPast: boolean): Counted => {
  const { registeredAtMs: _, timeZone, history, ...shown } = compound;
  const stars = starsAt(history, asOfMs);
  const reached = history.find((change) => change.stars >= compound.targetStars && change.atMs <= asOfMs);
  const reachedOn = reached === undefined ? null : DateTime.fromMillis(reached.atMs, { zone: timeZone });
  const holdsTarget = stars !== null && stars >= compound.targetStars;
  return {
    ...shown,
    stars,
    holdsTarget,
    counted: holdsTarget && reachedOn?.year === year,
    reachedOn: reachedOn?.toISODate() ?? null,
    // A year that is over has no next window.
    atRisk: shown.atRisk && !isPast,
    history,
  };
};

const byText = (a: string | null, b: string | null): number =>
  a === null || b === null ? Number(a === null) - Number(b === null) : a.localeCompare(b, 'zh');

/** The programme of a year, as it stands now or stood at the year's end. Pure. */
export const programmeOf = (
  targets: ProgrammeTargets,
  { year, nowMs, compounds: known }: { year: number; nowMs: number; compounds: readonly ProgrammeCompound[] },
): Programme => {
  const begin = DateTime.fromObject({ year }, { zone: targets.timeZone });
  const endMs = begin.plus({ years: 1 }).toMillis();
  const isPast = endMs <= nowMs;
  const asOfMs = isPast ? endMs - 1 : nowMs;
  const span: YearSpan = { year, asOfMs, endMs, isRunning: !isPast && begin.toMillis() <= nowMs };
  const compounds = known
    .filter(({ registeredAtMs }) => registeredAtMs <= asOfMs)
    .map((compound) => compoundRowOf(compound, span, isPast))
    .sort((a, b) => byText(a.district, b.district) || a.name.localeCompare(b.name, 'zh') || byText(a.id, b.id));
  const { target, basis, districts } = targetsOf(targets, year);
  const named = [...new Set([...compounds.map(({ district }) => district), ...Object.keys(districts)])].sort(byText);
  const total = rowOf(compounds, span);
  return {
    year,
    asOf: isoTime(asOfMs),
    target,
    targetBasis: basis,
    forecast: total.forecast,
    method,
    total,
    districts: named.map((district) => ({
      district,
      target: (district === null ? undefined : districts[district]) ?? null,
      ...rowOf(
        compounds.filter((compound) => compound.district === district),
        span,
      ),
    })),
    compounds: compounds.map(({ history: _, ...shown }) => shown),
  };
};
