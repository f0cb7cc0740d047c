import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connectHub } from '../client/hub-client.ts';

const usage = `npm run back-test -- <policy.yaml> --from 2026-02-01T00:00:00+08:00 --to 2026-03-01T00:00:00+08:00
  [--compound <id> …] [--hub http://localhost:8080] [--user admin] --password …

What a fault policy would have raised in that time, beside the policy in force.`;

interface WouldRaise {
  orders: number;
  byRule: Record<string, number>;
}
interface BackTest {
  complete: boolean;
  until: string | null;
  events: number;
  proposed: WouldRaise;
  current: WouldRaise;
  raised: { orders: number };
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      compound: { type: 'string', multiple: true },
      hub: { type: 'string', default: 'http://localhost:8080' },
      user: { type: 'string', default: 'admin' },
      password: { type: 'string', default: '' },
    },
  });
  const { from, to, compound: compounds } = values;
  const file = positionals[0];
  if (file === undefined || from === undefined || to === undefined || values.password === '') throw new Error(usage);
  const hub = await connectHub(values.hub, values.user, values.password);
  const body = { policy: readFileSync(file, 'utf8'), from, to, ...(compounds === undefined ? {} : { compounds }) };
  const found = await hub.post<BackTest>('/api/fault-policy/back-test', body);
  say(`${'rule'.padEnd(32)} proposed  in force`);
  const rules = new Set([...Object.keys(found.proposed.byRule), ...Object.keys(found.current.byRule)]);
  for (const rule of [...rules].sort()) {
    const [proposed, current] = [found.proposed.byRule[rule] ?? 0, found.current.byRule[rule] ?? 0];
    say(`${rule.padEnd(32)} ${String(proposed).padStart(8)}  ${String(current).padStart(8)}`);
  }
  const [proposed, current] = [found.proposed.orders, found.current.orders];
  say(`${'all'.padEnd(32)} ${String(proposed).padStart(8)}  ${String(current).padStart(8)}`);
  say(`${found.raised.orders} orders were really raised; ${found.events} events were read.`);
  if (!found.complete) say(`It stopped at ${found.until}: ask for fewer compounds or a shorter time.`);
};

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
});
