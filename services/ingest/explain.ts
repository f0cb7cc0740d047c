import type { Decoded, RefusalCode } from '../../devices/dialect.ts';
import type { ClockQuality, NewEvent } from '../event-log/event.ts';
import type { RegisteredDevice } from '../registry/registry-index.ts';
import type { DialectMemory } from './dialect-memory.ts';
import { decodeMessage, dialectOf, type IngestParts, type Message } from './ingest.ts';
import { type PlanParts, planFacts } from './plan.ts';
import { personIn, withPersonAs } from './pseudonym.ts';
import { hidden, type ShownPayload, shownPayload } from './shown-payload.ts';

export interface ExplainedEvent {
  device: string;
  type: string;
  occurredAt: string;
  clock: ClockQuality;
  /** The sender's own id of it, or its counter. */
  sourceId: string | null;
  /** Without whoever it names. */
  data: Record<string, unknown>;
}

/** What the hub makes of one message, in the words that its sender is told. */
export interface Explanation {
  dialect: string | null;
  outcome: 'recorded' | 'no-op' | 'refused';
  /** A kebab-case word for a no-op, a sentence with the remedy for a refusal. */
  reason: string | null;
  code: RefusalCode | null;
  /** The path in the payload that was refused. */
  field: string | null;
  events: ExplainedEvent[];
  payload: ShownPayload;
}

export type ExplainParts = Pick<IngestParts, 'index' | 'dialects' | 'levels'> & {
  memory: Pick<DialectMemory, 'recall'>;
};

const explained = ({ type, data, meta }: NewEvent): ExplainedEvent => ({
  device: meta.device!,
  type,
  occurredAt: meta.occurredAt,
  clock: meta.clock,
  sourceId: meta.sourceId ?? null,
  data: withPersonAs(data as Record<string, unknown>, () => hidden),
});

/** Short values would be hidden in the middle of other words. */
const namedCharactersMin = 4;

const peopleIn = (decoded: Decoded): string[] =>
  decoded.outcome !== 'facts'
    ? []
    : decoded.facts.flatMap(({ data }) => personIn(data) ?? []).filter(({ length }) => length >= namedCharactersMin);

/**
 * Takes a message the whole way and records nothing: the same dialect, contract and plan as the ingest's, taken back at
 * once. A sign of life that the ingest would leave out shows as an event here.
 */
export const createExplain = (parts: ExplainParts) => {
  const planParts: PlanParts = { ...parts, pending: new Map(), isHeartbeatDue: () => true };
  return (sender: RegisteredDevice, message: Message): Explanation => {
    const nothing = { dialect: null, reason: null, code: null, field: null, events: [] };
    const dialect = dialectOf(parts.dialects, sender, message);
    if ('outcome' in dialect) {
      const { outcome, code, reason, field = null } = dialect;
      return { ...nothing, outcome, code, reason, field, payload: shownPayload(message.payload) };
    }
    const decoded = decodeMessage(parts, sender, dialect, message);
    const read = { ...nothing, dialect: dialect.name, payload: shownPayload(message.payload, peopleIn(decoded)) };
    if (decoded.outcome === 'no-op') return { ...read, outcome: 'no-op', reason: decoded.reason };
    const { receivedAtMs, replayed = false, retainedReplay = false } = message;
    const origin = { sender, dialect, receivedAtMs, contentHash: '', replayed, retainedReplay };
    const plan = decoded.outcome === 'refused' ? decoded : planFacts(planParts, origin, decoded.facts);
    if ('outcome' in plan) {
      const { outcome, code, reason, field = null } = plan;
      return { ...read, outcome, code, reason, field };
    }
    plan.undo();
    const events = plan.appends.flatMap((append) => append.events.map(explained));
    return events.length === 0
      ? { ...read, outcome: 'no-op', reason: plan.dropped }
      : { ...read, outcome: 'recorded', events };
  };
};

export type Explain = ReturnType<typeof createExplain>;
