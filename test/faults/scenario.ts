/** How much of a scenario is run: in CI, on a developer's machine, or overnight. */
export type RunLength = 'short' | 'default' | 'long';

export interface ScenarioContext {
  seed: number;
  /** 0 to 1, repeated by the seed. */
  random: () => number;
  length: RunLength;
  /** A folder of its own, traversable for the account that PostgreSQL runs as; removed afterwards. */
  folder: string;
  /** Ends what the scenario started; called in reverse order, also after a failure. */
  atEnd(end: () => Promise<void> | void): void;
  /** For whoever watches a long run. */
  tell(line: string): void;
}

export interface ScenarioResult {
  /** What was done, with its figures. */
  done: string;
  /** What is not as it must be; empty when all is well. */
  found: string[];
  /** Why it did not run at all. */
  skipped?: string;
}

export interface Scenario {
  /** kebab-case; what `--only` takes. */
  name: string;
  /** It measures times, so nothing else may run beside it. */
  alone?: boolean;
  run(context: ScenarioContext): Promise<ScenarioResult>;
}

export const byLength = <Value>({ length }: ScenarioContext, values: Record<RunLength, Value>): Value => values[length];
