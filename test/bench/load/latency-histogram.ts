const stepMs = 0.1;
const steps = 100_000;

export interface LatencySummary {
  count: number;
  p50Ms: number;
  p99Ms: number;
  p999Ms: number;
  maxMs: number;
}

/** Latencies in steps of a tenth of a millisecond up to ten seconds; what is above counts as ten. */
export const createLatencyHistogram = () => {
  const counts = new Uint32Array(steps + 1);
  let count = 0;
  let maxMs = 0;
  const quantileMs = (share: number): number => {
    const wanted = share * count;
    let seen = 0;
    for (let step = 0; step <= steps; step += 1) {
      seen += counts[step]!;
      if (seen >= wanted && seen > 0) return Number(((step + 1) * stepMs).toFixed(1));
    }
    return 0;
  };
  return {
    add(ms: number): void {
      counts[Math.min(steps, Math.max(0, Math.floor(ms / stepMs)))]! += 1;
      count += 1;
      if (ms > maxMs) maxMs = ms;
    },
    clear(): void {
      counts.fill(0);
      count = 0;
      maxMs = 0;
    },
    summary: (): LatencySummary => ({
      count,
      p50Ms: quantileMs(0.5),
      p99Ms: quantileMs(0.99),
      p999Ms: quantileMs(0.999),
      maxMs: Number(maxMs.toFixed(1)),
    }),
  };
};
