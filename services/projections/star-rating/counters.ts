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

const edgesOf = (type: CountedDelivery) =>
  deliveryEdgesSeconds.map((edgeSeconds) => ({ edgeSeconds, counter: `${type} by ${edgeSeconds}` }));
/** Made once: every gate of a city is asked for them. */
const edges = { 'gate.passed': edgesOf('gate.passed'), 'gate.denied': edgesOf('gate.denied') };

/** Events of that type within `withinSeconds`, and all of them. */
export const delivered = (
  counts: Readonly<Record<string, number>>,
  type: CountedDelivery,
  withinSeconds: DeliveryEdgeSeconds,
): { within: number; all: number } => {
  let within = 0;
  let all = counts[`${type} by later`] ?? 0;
  for (const { edgeSeconds, counter } of edges[type]) {
    const count = counts[counter] ?? 0;
    all += count;
    if (edgeSeconds <= withinSeconds) within += count;
  }
  return { within, all };
};
