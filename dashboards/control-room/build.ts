import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Builds the page into `dist` when its sources or the locked packages have changed, and does nothing otherwise. */
const here = import.meta.dirname;
const repository = join(here, '../..');
const output = join(here, 'dist');
const stamp = join(output, 'built-from.txt');

/** Files outside this folder that end up in the page. */
const borrowed = ['devices/quantities.ts', 'services/runtime/clock.ts', 'package-lock.json'];
const isSource = (name: string): boolean => !/^dist([/\\]|$)|\.test\.ts$|\.md$/.test(name);

function sourcesHash(): string {
  const own = readdirSync(here, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(here, join(entry.parentPath, entry.name)))
    .filter(isSource)
    .map((name) => join(here, name));
  const hash = createHash('sha256');
  for (const file of [...own, ...borrowed.map((name) => join(repository, name))].sort()) {
    hash.update(relative(repository, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

const builtFrom = (): string | null => {
  try {
    return readFileSync(stamp, 'utf8').trim();
  } catch {
    return null;
  }
};

async function build(): Promise<void> {
  // Only here: a start with nothing to build must not wait for them.
  const [{ build: viteBuild }, { default: react }] = await Promise.all([
    import('vite'),
    import('@vitejs/plugin-react'),
  ]);
  await viteBuild({
    configFile: false,
    root: here,
    // The page may be served beneath any path.
    base: './',
    logLevel: 'warn',
    plugins: [react()],
    build: {
      outDir: output,
      emptyOutDir: true,
      target: 'es2023',
      chunkSizeWarningLimit: 1_500,
      rolldownOptions: {
        output: {
          // Packages change far more seldom than the page: browsers keep them.
          codeSplitting: {
            groups: [
              { name: 'charts', test: /node_modules[\\/](echarts|zrender)[\\/]/, priority: 3 },
              { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/, priority: 2 },
              { name: 'ant-design', test: /node_modules[\\/](antd|@ant-design|@rc-component)[\\/]/, priority: 1 },
            ],
          },
        },
      },
    },
  });
}

const hash = sourcesHash();
if (builtFrom() !== hash) {
  process.stdout.write('building the control-room page …\n');
  await build();
  await writeFile(stamp, `${hash}\n`);
}
