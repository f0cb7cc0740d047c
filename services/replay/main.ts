import { parseArgs } from 'node:util';
import { connectHub } from '../client/hub-client.ts';
import { replay } from './replay.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const usage = `npm run replay -- <folder> [--hub http://localhost:8080] [--mqtt mqtt://localhost:1883] [--user admin] [--password …]

Publishes the payloads that <folder>/index.json lists to a running hub. The password may also stand in HUB_ADMIN_PASSWORD.`;

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      hub: { type: 'string', default: `http://localhost:${process.env.HUB_HTTP_PORT ?? 8080}` },
      mqtt: { type: 'string', default: `mqtt://localhost:${process.env.HUB_MQTT_PORT ?? 1883}` },
      user: { type: 'string', default: 'admin' },
      password: { type: 'string', default: process.env.HUB_ADMIN_PASSWORD ?? '' },
    },
  });
  const folder = positionals[0];
  if (folder === undefined || values.password === '') throw new Error(usage);
  const hub = await connectHub(values.hub, values.user, values.password);
  const { messages, byEcosystem } = await replay(hub, values.mqtt, folder);
  for (const { entry, outcome, reason, topic } of messages) {
    say(`${outcome.padEnd(9)} ${entry.file.padEnd(58)} ${topic}${reason === '' ? '' : `   ${reason}`}`);
  }
  say('');
  say('ecosystem           sent = events + no-ops + dead letters');
  for (const [ecosystem, { sent, recorded, noOp, refused }] of byEcosystem) {
    say(
      `${ecosystem.padEnd(18)} ${String(sent).padStart(5)} = ${String(recorded).padStart(6)} + ${String(noOp).padStart(6)} + ${String(refused).padStart(12)}`,
    );
  }
};

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
});
