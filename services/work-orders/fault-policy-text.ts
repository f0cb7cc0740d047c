import { isNode, LineCounter, parseDocument } from 'yaml';
import { Refusal } from '../event-log/decider.ts';
import { type FaultPolicy, faultPolicy, policyComplaints } from './fault-policy.ts';
import { unheardRules } from './fault-router.ts';
import type { ServiceLevels } from './service-levels.ts';

export interface PolicyProblem {
  /** Of the text, from 1 on; `null` where the whole text is meant. */
  line: number | null;
  field: string;
  message: string;
}

type Read = { policy: FaultPolicy } | { problems: PolicyProblem[] };

/** What a policy's text says, or everything that is wrong with it and where. */
export const readPolicyText = (text: string, levels: ServiceLevels): Read => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const lineAt = (offset: number | undefined): number | null =>
    offset === undefined ? null : lines.linePos(offset).line;
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map(({ message, pos }) => {
        return { line: lineAt(pos[0]), field: 'policy', message: message.split('\n')[0] ?? message };
      }),
    };
  }
  /** Of the field, or of what it should stand in. */
  const lineOf = (path: readonly PropertyKey[]): number | null => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node)) return lineAt(node.range?.[0]);
    }
    return null;
  };
  const checked = faultPolicy.safeParse(document.toJS());
  if (!checked.success) {
    return {
      problems: checked.error.issues.flatMap((issue) => {
        const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
        return paths.map((path) => {
          return { line: lineOf(path), field: path.map(String).join('.') || 'policy', message: issue.message };
        });
      }),
    };
  }
  const policy = checked.data;
  const problems = [...policyComplaints(policy, levels), ...unheardRules(policy)].map((message): PolicyProblem => {
    const id = /^rule ([^\s:]+)/.exec(message)?.[1];
    const index = policy.rules.findLastIndex((rule) => rule.id === id);
    return { line: lineOf(['rules', index]), field: `rules.${index}`, message };
  });
  return problems.length > 0 ? { problems } : { policy };
};

/** Refuses a text that can't be switched on, with every line and field that is wrong. */
export const policyOrRefuse = (text: string, levels: ServiceLevels): FaultPolicy => {
  const read = readPolicyText(text, levels);
  if ('policy' in read) return read.policy;
  const words = read.problems.map(({ line, field, message }) => `line ${line ?? '?'}, ${field}: ${message}`);
  throw new Refusal('fault-policy.wrong', words.join('; '), { field: 'policy', problems: read.problems });
};
