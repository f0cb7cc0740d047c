import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import type { Chance } from './chance.ts';

interface Rule {
  silence?: boolean;
  countsAfterSeconds?: number;
  clearsAfterSeconds?: number;
  flapping?: object;
}

/** The shipped fault policy with patience: a device's silence counts once it lasted, and is over once it stayed away. */
export const patientPolicy = (chance: Chance): string => {
  const url = new URL('../../services/work-orders/fault-policy.yaml', import.meta.url);
  const policy = parse(readFileSync(url, 'utf8')) as { rules: Rule[] };
  const patience = {
    countsAfterSeconds: chance.pick([20, 120, 900]),
    ...(chance.hit(0.5) ? { clearsAfterSeconds: chance.pick([30, 600]) } : {}),
    flapping: { times: chance.whole(2, 4), withinSeconds: 1_800, quietSeconds: chance.pick([120, 1_200]) },
  };
  const rules = policy.rules.map((rule) => (rule.silence ? { ...rule, ...patience } : rule));
  return stringify({ ...policy, rules });
};
