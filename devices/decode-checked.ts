import {
  answered,
  type Decoded,
  type DeviceFact,
  type Dialect,
  type DialectMessage,
  noOp,
  refused,
} from './dialect.ts';
import { contractRefusal } from './payload.ts';
import { isTopicName } from './topic-filter.ts';
import { contractOf, unknownType } from './vocabulary.ts';

const factRefusal = (fact: DeviceFact, prefix: string): Decoded | undefined => {
  const contract = contractOf(fact.type);
  if (contract === undefined) return unknownType(fact.type, `${prefix}type`);
  const result = contract.safeParse(fact.data);
  return result.success ? undefined : contractRefusal(result.error, `${prefix}data`);
};

const heldToContracts = (decoded: Decoded): Decoded => {
  if (decoded.outcome === 'refused') {
    const { alive = [], ...refusal } = decoded;
    const fitting = alive.filter((fact) => factRefusal(fact, '') === undefined);
    return { ...refusal, ...(fitting.length === 0 ? {} : { alive: fitting }) };
  }
  if (decoded.outcome === 'no-op') return decoded;
  if (decoded.facts.length === 0) {
    return { ...noOp('nothing-said'), ...(decoded.remember === undefined ? {} : { remember: decoded.remember }) };
  }
  for (const [index, fact] of decoded.facts.entries()) {
    const refusal = factRefusal(fact, decoded.facts.length === 1 ? '' : `${index}.`);
    if (refusal !== undefined) return refusal;
  }
  return decoded;
};

/**
 * What the ingest calls: decodes, and holds every fact to its type's contract. One fact that doesn't fit refuses the
 * message as a whole, so that its dead letter can be replayed without saying the rest twice. Never throws: a dialect's
 * own error becomes a refusal.
 */
export const decodeChecked = (
  dialect: Dialect,
  message: DialectMessage,
  recall: (key: string) => string | undefined,
): Decoded => {
  let decoded: Decoded;
  try {
    decoded = dialect.decode(message, recall);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return refused('contract-violated', `The dialect ${dialect.name} could not read this payload: ${cause}`);
  }
  const { answers, ...said } = decoded;
  if (answers === undefined) return heldToContracts(decoded);
  // A device may call itself what no topic can hold: there nobody listens.
  const sayable = answers.filter(({ topic }) => isTopicName(topic));
  return answered(heldToContracts(said), ...sayable);
};
