import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The policy and the service levels as the files say them; read here anew, so that nobody's mistake is believed. */
type Scalar = string | number | boolean;
type Condition = Scalar | Scalar[] | { not: Scalar[] };
type Where = Record<string, Condition>;

export interface Rule {
  id: string;
  on: { type: string; kinds?: string[]; class?: string; where?: Where };
  code?: string;
  codeFrom?: string;
  componentFrom?: string;
  serviceLevel: string;
  lasting: boolean;
  clearedBy?: { type: string; where?: Where; componentFrom?: string }[];
  raiseAgainAfterSeconds?: number;
  countsAfterSeconds?: number;
  clearsAfterSeconds?: number;
  flapping?: { times: number; withinSeconds: number; quietSeconds: number };
}

export interface Level {
  id: string;
  priority: string;
  acknowledge: { seconds: number } | null;
  onSite: { seconds: number } | null;
  resolve: { seconds: number } | null;
}

const folder = new URL('../../../services/work-orders/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');

/** Of the shipped policy, or of the one that the world has switched on. */
export const readPolicy = (text = read('fault-policy.yaml')) => {
  const { lateAfterSeconds, rules } = parse(text) as { lateAfterSeconds: number; rules: Rule[] };
  const { levels } = parse(read('service-levels.yaml')) as { levels: Level[] };
  return {
    lateAfterSeconds,
    // No device of these worlds names a model, whose data file would say of which class a code is.
    rules: rules.filter(({ on }) => on.class === undefined),
    levels: new Map(levels.map((level) => [level.id, level])),
  };
};
export type Policy = ReturnType<typeof readPolicy>;

type Data = Record<string, unknown>;

const fulfils = (value: unknown, wanted: Condition): boolean => {
  if (Array.isArray(wanted)) return wanted.includes(value as Scalar);
  if (typeof wanted === 'object') return !wanted.not.includes(value as Scalar);
  return value === wanted;
};

const fits = (data: Data, where: Where = {}): boolean =>
  Object.keys(where).every((field) => fulfils(data[field], where[field]!));

const words = (text: string): string =>
  text
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .join('-')
    .toLowerCase();

const codeBy = (rule: Rule, data: Data): string => rule.code ?? words(String(data[rule.codeFrom!] ?? '')).slice(0, 64);

const partBy = (field: string | undefined, data: Data): string | undefined => {
  const part = field === undefined ? undefined : data[field];
  return part === undefined || part === null || part === '' ? undefined : String(part);
};

export interface Raising {
  rule: Rule;
  code: string;
  component: string;
}

/** The fault that an event raises, by the first rule that fits. */
export const raisedBy = (
  { rules }: Policy,
  type: string,
  data: Data,
  kind: string | undefined,
): Raising | undefined => {
  const rule = rules.find(
    ({ on }) =>
      on.type === type && fits(data, on.where) && (on.kinds === undefined || on.kinds.includes(kind ?? 'nothing')),
  );
  return rule && { rule, code: codeBy(rule, data), component: partBy(rule.componentFrom, data) ?? '' };
};

/** The faults whose end an event tells; without a component it tells of all of them. */
export const clearedBy = ({ rules }: Policy, type: string, data: Data): { code: string; component?: string }[] =>
  rules.flatMap((rule) =>
    (rule.clearedBy ?? [])
      .filter((clearing) => clearing.type === type && fits(data, clearing.where))
      .map((clearing) => {
        const component = partBy(clearing.componentFrom ?? rule.componentFrom, data);
        return { code: codeBy(rule, data), ...(component === undefined ? {} : { component }) };
      }),
  );
