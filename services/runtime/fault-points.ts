/** Places where a process that dies leaves most to prove: the fault suite ends it there. */
export type FaultPoint =
  | 'message-planned'
  | 'refused-bytes-kept'
  | 'append-writing'
  | 'append-committed'
  | 'result-known'
  | 'acknowledging'
  | 'acknowledged'
  | 'projection-folded'
  | 'projection-committed';

let reached: ((point: FaultPoint) => void) | undefined;

/** For a test that is loaded before the hub; nothing in the hub calls it. */
export const installFaultPoints = (onReached: (point: FaultPoint) => void): void => {
  reached = onReached;
};

/** Nothing at all unless a test has installed something: a comparison that the compiler takes in line. */
export const faultPoint = (point: FaultPoint): void => {
  if (reached !== undefined) reached(point);
};
