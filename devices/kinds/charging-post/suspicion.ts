import { z } from 'zod';
import type { DeviceFact } from '../../dialect.ts';

/**
 * What makes a session doubtful: begun twice, begun while another one runs, a time or a meter that goes back, a time
 * that is still to come.
 */
export const suspicions = ['duplicate-start', 'overlap', 'time-back', 'meter-back', 'future-time'] as const;
export type Suspicion = (typeof suspicions)[number];
export const suspect = z.array(z.enum(suspicions)).min(1);

/** The newest session that was heard of a connector. */
const connectorMemory = z.object({
  session: z.string().optional(),
  isOpen: z.boolean(),
  startedMs: z.number().optional(),
  /** Of its start or its end, whatever was heard last. */
  atMs: z.number(),
  meterWh: z.number().optional(),
});
type Connector = z.infer<typeof connectorMemory>;

interface Said {
  isStart: boolean;
  session: string | undefined;
  meterWh: number | undefined;
  /** The device's own instant, or ours where it said none. */
  atMs: number;
}

const sessionType = /^charging\.session-(started|ended)$/;
/** As far ahead of our clock as a device's time is believed. */
const aheadMs = 5 * 60_000;

const keyOf = ({ externalId = '', data: { connector = '' } }: DeviceFact): string =>
  `charging:${externalId}:${connector}`;

const parse = (text: string | undefined): Connector | undefined =>
  text === undefined ? undefined : connectorMemory.parse(JSON.parse(text));

const saidBy = ({ type, data, time }: DeviceFact, receivedAtMs: number): Said => {
  const isStart = type === 'charging.session-started';
  const meterWh = (isStart ? data.meterStartWh : data.meterStopWh) as number | undefined;
  return {
    ...{ isStart, meterWh, session: data.session as string | undefined },
    atMs: time === undefined ? receivedAtMs : Date.parse(time.at),
  };
};

/** What was said before and is sent again: it was judged then. */
const isRepeat = ({ isStart, session, atMs }: Said, before: Connector): boolean =>
  session === before.session && (isStart ? atMs === before.startedMs : !before.isOpen && atMs === before.atMs);

const suspicionsOf = (said: Said, before: Connector | undefined, receivedAtMs: number): Suspicion[] => {
  const isSame = before?.session === said.session;
  const found: Record<Suspicion, boolean> = {
    'duplicate-start': said.isStart && before?.isOpen === true && isSame,
    overlap: said.isStart && before?.isOpen === true && !isSame,
    'time-back': before !== undefined && said.atMs < before.atMs,
    'meter-back': before?.meterWh !== undefined && said.meterWh !== undefined && said.meterWh < before.meterWh,
    'future-time': said.atMs > receivedAtMs + aheadMs,
  };
  return suspicions.filter((suspicion) => found[suspicion]);
};

const after = (said: Said, before: Connector | undefined): Connector => ({
  session: said.session,
  isOpen: said.isStart,
  startedMs: said.isStart ? said.atMs : before?.startedMs,
  atMs: said.atMs,
  meterWh: said.meterWh ?? before?.meterWh,
});

/**
 * Marks the starts and ends of sessions that don't fit with what was heard of their connector before, whatever dialect
 * told them. `undefined` where the message tells none.
 */
export const judgeSessions = (
  facts: readonly DeviceFact[],
  recall: (key: string) => string | undefined,
  receivedAtMs: number,
): { facts: DeviceFact[]; remember: Record<string, string> } | undefined => {
  if (!facts.some(({ type }) => sessionType.test(type))) return undefined;
  const remember: Record<string, string> = {};
  const judged = facts.map((fact): DeviceFact => {
    if (!sessionType.test(fact.type)) return fact;
    const key = keyOf(fact);
    const before = parse(remember[key] ?? recall(key));
    const said = saidBy(fact, receivedAtMs);
    if (before !== undefined && isRepeat(said, before)) return fact;
    const found = suspicionsOf(said, before, receivedAtMs);
    // What is old, or of a clock that is lost, says nothing of how the connector is now.
    if (!found.includes('time-back') && !found.includes('future-time')) {
      remember[key] = JSON.stringify(after(said, before));
    }
    return found.length === 0 ? fact : { ...fact, data: { ...fact.data, suspect: found } };
  });
  return { facts: judged, remember };
};
