import { z } from 'zod';
import { figureMeasures, type MeasuredFigures } from '../../work-orders/assessment.ts';
import { priorities } from '../../work-orders/commands.ts';

const sum = z.int().min(0);
/** What was counted; it adds up over compounds. */
export const figureSums = z.object({
  households: sum,
  raised: sum,
  open: sum,
  closed: sum,
  cancelled: sum,
  acknowledgeJudged: sum,
  acknowledgeInTime: sum,
  onSiteJudged: sum,
  onSiteInTime: sum,
  resolveJudged: sum,
  resolveInTime: sum,
  acknowledgeTimed: sum,
  acknowledgeSeconds: z.number(),
  onSiteTimed: sum,
  onSiteSeconds: z.number(),
  resolveTimed: sum,
  resolveSeconds: z.number(),
  faults: sum,
  repeatFaults: sum,
  fixed: sum,
  fixedFirstTime: sum,
  complaints: sum,
  ratings: sum,
  satisfied: sum,
  scoreSum: sum,
  roundsDue: sum,
  roundsDone: sum,
  roundsMissed: sum,
});
export type FigureSums = z.infer<typeof figureSums>;
export const sumNames = Object.keys(figureSums.shape) as (keyof FigureSums)[];
export const noFigures = Object.fromEntries(sumNames.map((name) => [name, 0])) as FigureSums;

const ratio = z.number().nullable();
/** Orders by class (P0 to P3) and state. */
const byClass = z.record(z.enum(priorities), z.object({ open: sum, closed: sum, cancelled: sum }));
export type OrdersByClass = z.infer<typeof byClass>;
export const noOrdersByClass = (): OrdersByClass =>
  Object.fromEntries(priorities.map((priority) => [priority, { open: 0, closed: 0, cancelled: 0 }])) as OrdersByClass;

/** Shares in percent and means; `null` where nothing is there to be counted, which is not zero. */
export const workOrderFigure = z.object({
  orders: byClass,
  ...figureSums.shape,
  ...(Object.fromEntries(figureMeasures.map((name) => [name, ratio])) as Record<
    (typeof figureMeasures)[number],
    typeof ratio
  >),
  meanAcknowledgeSeconds: ratio,
  meanOnSiteSeconds: ratio,
  meanResolveSeconds: ratio,
  meanScore: ratio,
});
export type WorkOrderFigure = z.infer<typeof workOrderFigure>;

export const addSums = (left: FigureSums, right: FigureSums): FigureSums =>
  Object.fromEntries(sumNames.map((name) => [name, left[name] + right[name]])) as FigureSums;

const over = (numerator: number, denominator: number): number | null =>
  denominator === 0 ? null : numerator / denominator;
const percent = (numerator: number, denominator: number): number | null =>
  denominator === 0 ? null : (100 * numerator) / denominator;

/** What the assessment's lines measure, each with what it was made of. */
export const measured = (sums: FigureSums): MeasuredFigures => {
  const share = (numerator: number, denominator: number) => ({
    value: percent(numerator, denominator),
    numerator,
    denominator,
  });
  return {
    acknowledgeInTimePercent: share(sums.acknowledgeInTime, sums.acknowledgeJudged),
    onSiteInTimePercent: share(sums.onSiteInTime, sums.onSiteJudged),
    resolveInTimePercent: share(sums.resolveInTime, sums.resolveJudged),
    repeatFaultPercent: share(sums.repeatFaults, sums.faults),
    firstTimeFixPercent: share(sums.fixedFirstTime, sums.fixed),
    complaintsPerThousand: {
      value: over(1000 * sums.complaints, sums.households),
      numerator: sums.complaints,
      denominator: sums.households,
    },
    satisfiedPercent: share(sums.satisfied, sums.ratings),
    roundsDonePercent: share(sums.roundsDone, sums.roundsDue),
  };
};

export const figureOf = (sums: FigureSums, orders: OrdersByClass): WorkOrderFigure => ({
  orders,
  ...sums,
  ...(Object.fromEntries(Object.entries(measured(sums)).map(([name, { value }]) => [name, value])) as Record<
    (typeof figureMeasures)[number],
    number | null
  >),
  meanAcknowledgeSeconds: over(sums.acknowledgeSeconds, sums.acknowledgeTimed),
  meanOnSiteSeconds: over(sums.onSiteSeconds, sums.onSiteTimed),
  meanResolveSeconds: over(sums.resolveSeconds, sums.resolveTimed),
  meanScore: over(sums.scoreSum, sums.ratings),
});
