import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The fictitious kind that shows how one is written: the laws run it, the hub does not know it. */
export const exampleKind = 'example';

export const devicesFolder = fileURLToPath(new URL('.', import.meta.url));

const camelCase = (kebab: string): string => kebab.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Names of the folders under `kinds/` that hold a contract, the example's included. */
export const kindFolders = (devices: string): string[] =>
  readdirSync(join(devices, 'kinds'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(devices, 'kinds', entry.name, 'contract.ts')))
    .map((entry) => entry.name)
    .sort();

/** A file directly in `dialects/` is a dialect when its examples lie beside it; anything else there is its helper. */
export const dialectNames = (devices: string): string[] =>
  readdirSync(join(devices, 'dialects'))
    .filter((file) => file.endsWith('.examples.yaml'))
    .map((file) => file.slice(0, -'.examples.yaml'.length))
    .filter((name) => existsSync(join(devices, 'dialects', `${name}.ts`)))
    .sort();

const registrySource = (options: {
  importLines: string[];
  type: string;
  constant: string;
  names: string[];
}): string => {
  const declaration = `export const ${options.constant}: readonly ${options.type}[] = [`;
  const oneLine = `${declaration}${options.names.join(', ')}];`;
  // The formatter's width, so that a generated file is a formatted file.
  const list =
    oneLine.length <= 120 ? oneLine : [declaration, ...options.names.map((name) => `  ${name},`), '];'].join('\n');
  return [
    '// Written by devices/generate-registries.ts from the folder: run `npx tsx devices/generate-registries.ts`.',
    ...options.importLines,
    '',
    list,
    '',
  ].join('\n');
};

/** What the two registry files must hold, given the folders. */
export const registryFiles = (devices: string): { path: string; text: string }[] => {
  const kinds = kindFolders(devices).filter((folder) => folder !== exampleKind);
  const dialects = dialectNames(devices);
  return [
    {
      path: join(devices, 'kinds', 'registry.ts'),
      text: registrySource({
        importLines: [
          "import type { Kind } from '../kind.ts';",
          ...kinds.map((folder) => `import { ${camelCase(folder)} } from './${folder}/contract.ts';`),
        ],
        type: 'Kind',
        constant: 'kinds',
        names: kinds.map(camelCase),
      }),
    },
    {
      path: join(devices, 'dialects', 'registry.ts'),
      text: registrySource({
        importLines: [
          "import type { Dialect } from '../dialect.ts';",
          ...dialects.map((name) => `import { dialect as ${camelCase(name)} } from './${name}.ts';`),
        ],
        type: 'Dialect',
        constant: 'dialects',
        names: dialects.map(camelCase),
      }),
    },
  ];
};

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) {
  for (const { path, text } of registryFiles(devicesFolder)) writeFileSync(path, text);
}
