/** Figures of one name over interleaved rounds. */
export interface Spread {
  min: number;
  median: number;
  max: number;
  rounds: number[];
}

export interface BenchResult {
  name: string;
  /** The median over the rounds. */
  figure: number;
  unit: string;
  /** In words; left out where nothing is promised. */
  target?: string;
  met?: boolean;
  spread?: Spread;
  /** What else was seen, for whoever doubts the figure. */
  details?: unknown;
  /** Why there is no figure. */
  failure?: string;
}

/** What could not be measured is a target missed, not a bench that ends. */
export const failed = (name: string, error: unknown): BenchResult => ({
  ...{ name, figure: 0, unit: 'none', met: false },
  failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
});

const rounded = (value: number): number => Number(value.toPrecision(4));

export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return {
    min: rounded(sorted[0]!),
    median: rounded(median),
    max: rounded(sorted.at(-1)!),
    rounds: values.map(rounded),
  };
};

export interface Target {
  atLeast?: number;
  atMost?: number;
  words?: string;
}

/** A result with its verdict; without a target, a figure to look at. */
export const resultOf = (
  name: string,
  unit: string,
  values: readonly number[],
  { target, details }: { target?: Target | undefined; details?: unknown } = {},
): BenchResult => {
  const spread = spreadOf(values);
  const figure = spread.median;
  const result: BenchResult = { name, figure, unit };
  if (target !== undefined) {
    const { atLeast, atMost, words } = target;
    const bounds = [
      ...(atLeast === undefined ? [] : [`≥ ${atLeast}`]),
      ...(atMost === undefined ? [] : [`≤ ${atMost}`]),
    ].join(' and ');
    result.target = words === undefined ? bounds : `${bounds} ${words}`;
    result.met = figure >= (atLeast ?? Number.NEGATIVE_INFINITY) && figure <= (atMost ?? Number.POSITIVE_INFINITY);
  }
  if (values.length > 1) result.spread = spread;
  if (details !== undefined) result.details = details;
  return result;
};
