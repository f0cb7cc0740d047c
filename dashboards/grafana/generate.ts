import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles } from './generated-files.ts';

/** `npx tsx dashboards/grafana/generate.ts` writes the dashboards and alert rules that Grafana is given. */
const repository = join(import.meta.dirname, '../..');
const files = Object.entries(generatedFiles());
for (const [path, content] of files) {
  mkdirSync(dirname(join(repository, path)), { recursive: true });
  writeFileSync(join(repository, path), `${JSON.stringify(content, null, 2)}\n`);
}
execFileSync(join(repository, 'node_modules/.bin/biome'), ['format', '--write', ...files.map(([path]) => path)], {
  cwd: repository,
  stdio: ['ignore', 'ignore', 'inherit'],
});
