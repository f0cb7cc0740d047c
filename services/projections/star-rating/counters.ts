/** Delays, in seconds, that delivery counters tell apart; a standard may ask for one of these. */
export const deliveryEdgesSeconds = [10, 30, 60, 120, 300, 900, 3600] as const;
export type DeliveryEdgeSeconds = (typeof deliveryEdgesSeconds)[number];

/** Event types whose delivery is counted. */
export const countedDeliveries = ['gate.passed', 'gate.denied'] as const;
export type CountedDelivery = (typeof countedDeliveries)[number];
export const isCountedDelivery = (type: string): type is CountedDelivery =>
  countedDeliveries.some((counted) => counted === type);

/** Counter of events of that type that arrived after one edge and by the next; `later` for the rest. */
export const deliveryCounter = (type: CountedDelivery, delaySeconds: number): string =>
  `${type} by ${deliveryEdgesSeconds.find((edge) => delaySeconds <= edge) ?? 'later'}`;

export const pictureCounter = (ok: boolean): string => `picture ${ok ? 'ok' : 'failed'}`;

/** Events of that type within `withinSeconds`, and all of them. */
export const delivered = (
  counts: Readonly<Record<string, number>>,
  type: CountedDelivery,
  withinSeconds: DeliveryEdgeSeconds,
): { within: number; all: number } => {
  const of = (edge: DeliveryEdgeSeconds | 'later'): number => counts[`${type} by ${edge}`] ?? 0;
  const sum = (edges: readonly DeliveryEdgeSeconds[]): number => edges.reduce((total, edge) => total + of(edge), 0);
  return {
    within: sum(deliveryEdgesSeconds.filter((edge) => edge <= withinSeconds)),
    all: sum(deliveryEdgesSeconds) + of('later'),
  };
};
