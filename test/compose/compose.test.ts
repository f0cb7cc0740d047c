import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { readConfig, roles, settingNames } from '../../services/runtime/config.ts';
import { fillIn, readCompose, referencesOf } from './compose-file.ts';
import {
  brokenTies,
  carelessPorts,
  dockerfileFaults,
  missingMounts,
  missingVariables,
  openDoors,
  unknownSettings,
  unpinnedImages,
  unreachable,
  withoutHealth,
  withoutLimits,
} from './compose-rules.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const yaml = read('docker-compose.yml');
const compose = readCompose(yaml);
const version = (JSON.parse(read('package.json')) as { version: string }).version;

/** What the script makes, in a folder of its own. */
const made = mkdtempSync(join(tmpdir(), 'xingyuan-secrets-'));
const script = spawnSync('bash', [join(root, 'infra/secrets/create.sh'), made], { encoding: 'utf8' });
afterAll(() => rmSync(made, { recursive: true }));
const env = Object.fromEntries(
  readFileSync(join(made, '.env'), 'utf8')
    .split('\n')
    .filter((line) => /^\w+=/.test(line))
    .map((line) => line.split(/=(.*)/s) as [string, string]),
);
const exists = (path: string): boolean => existsSync(join(root, path)) || existsSync(join(made, path));

describe('docker-compose.yml', () => {
  test.each<[string, () => string[]]>([
    ['images are pinned', () => unpinnedImages(compose, version)],
    ['the hub knows its settings', () => unknownSettings(compose, settingNames)],
    ['every variable is created, or has a default', () => missingVariables(referencesOf(yaml), Object.keys(env))],
    ['every mounted file is there', () => missingMounts(compose, exists)],
    ['what runs is asked for its health', () => withoutHealth(compose)],
    ['everything has limits', () => withoutLimits(compose)],
    ['nobody has more rights than needed', () => openDoors(compose)],
    ['ports are open to whom they should', () => carelessPorts(compose)],
    ['what waits for another can', () => brokenTies(compose)],
    ['addresses can be reached', () => unreachable(compose)],
    ['the Dockerfile', () => dockerfileFaults(read('infra/docker/Dockerfile'))],
  ])('%s', (_, findings) => {
    expect(findings()).toEqual([]);
  });

  const hubs = Object.entries(compose.services).filter(([, { environment }]) => environment.HUB_ROLES !== undefined);

  test('runs every role of the hub, each in a process of its own', () => {
    expect(hubs.map(([, { environment }]) => environment.HUB_ROLES).sort()).toEqual([...roles].sort());
  });

  test.each(hubs)('%s starts with settings that the hub takes', (_, { environment }) => {
    const filled = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, fillIn(value, env)]));
    const config = readConfig(filled);
    expect(config.EVENT_LOG_URL).toBe(
      `kurrentdb://admin:${env.KURRENTDB_ADMIN_PASSWORD}@kurrentdb:2113?tls=true&tlsCAFile=/run/certificates/ca.crt`,
    );
    expect(new URL(config.DATABASE_URL!).password).toBe(env.HUB_DATABASE_PASSWORD);
  });

  test('what containers are given of YAML can be read', () => {
    const files = Object.values(compose.services)
      .flatMap(({ volumes }) => volumes.map(({ source }) => source))
      .filter((source) => source.startsWith('.') && existsSync(join(root, source)))
      .flatMap((source) =>
        statSync(join(root, source)).isDirectory()
          ? readdirSync(join(root, source), { recursive: true, encoding: 'utf8' }).map((name) => join(source, name))
          : [source],
      )
      .filter((path) => /\.ya?ml$|kurrentdb\.conf$/.test(path));
    expect(files).toContain('./infra/kurrentdb/kurrentdb.conf');
    for (const path of files) expect(parseAllDocuments(read(path)).flatMap(({ errors }) => errors)).toEqual([]);
  });

  test('every process of the hub is scraped, with the password that Prometheus is given', () => {
    const { scrape_configs: jobs } = parse(read('infra/prometheus/prometheus.yml')) as {
      scrape_configs: { basic_auth?: { password_file: string }; static_configs: { targets: string[] }[] }[];
    };
    const targets = jobs.flatMap((job) => job.static_configs.flatMap((some) => some.targets));
    expect(targets).toEqual(expect.arrayContaining(hubs.map(([name]) => `${name}:8080`)));
    const secrets = compose.services.prometheus?.volumes.find(({ source }) => source === 'prometheus-secrets');
    const file = jobs[0]?.basic_auth?.password_file.replace(`${secrets?.target}/`, 'prometheus/');
    expect(read('infra/docker/distribute-secrets.sh')).toContain(` ${file} `);
  });

  test('Grafana is given every variable that its provisioning asks for', () => {
    const folder = join(root, 'infra/grafana/provisioning');
    const asked = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.ya?ml$/.test(name))
      .flatMap((name) => referencesOf(readFileSync(join(folder, name), 'utf8')).map((reference) => reference.name));
    expect(asked).toContain('GRAFANA_DATABASE_PASSWORD');
    expect(asked.filter((name) => compose.services.grafana?.environment[name] === undefined)).toEqual([]);
  });

  test('KurrentDB is served with TLS and its own certificate, and never open', () => {
    const settings = parse(read('infra/kurrentdb/kurrentdb.conf')) as Record<string, unknown>;
    expect(Object.keys(settings).filter((name) => /insecure|anonymous|password/i.test(name))).toEqual([]);
    expect(settings).toMatchObject({
      CertificateFile: '/etc/kurrentdb/certs/node.crt',
      CertificatePrivateKeyFile: '/etc/kurrentdb/certs/node.key',
      TrustedRootCertificatesPath: '/etc/kurrentdb/certs/ca',
      NodeHostAdvertiseAs: 'kurrentdb',
    });
  });

  test('an image is built from nothing but what is named', () => {
    const rules = read('.dockerignore').split('\n');
    expect(rules.find((line) => line !== '' && !line.startsWith('#'))).toBe('*');
    expect(rules.filter((line) => /^!.*(\.env|secrets|\.git)/.test(line))).toEqual([]);
    expect(read('.gitignore').split('\n')).toEqual(expect.arrayContaining(['.env', 'infra/secrets/generated/']));
  });

  test('the script made the secrets', () => {
    expect(script).toMatchObject({ status: 0, stderr: '' });
  });

  const engine = spawnSync('docker', ['compose', 'version']);
  if (engine.status === 0) {
    test('Docker Compose itself takes it', () => {
      const { status, stderr } = spawnSync(
        'docker',
        ['compose', '--project-directory', root, '--env-file', join(made, '.env'), '--profile', 'demo', 'config', '-q'],
        { cwd: root, encoding: 'utf8' },
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    });
  }
});

const digest = `@sha256:${'a'.repeat(64)}`;
/** A file of one service that breaks no rule, with some of its lines replaced. */
const snippet = (change: Record<string, unknown> = {}, more: Record<string, unknown> = {}) =>
  readCompose(
    JSON.stringify({
      name: 'snippet',
      services: {
        one: {
          image: `example/one:1.2.3${digest}`,
          user: '1000:1000',
          restart: 'unless-stopped',
          cap_drop: ['ALL'],
          security_opt: ['no-new-privileges:true'],
          logging: { driver: 'json-file', options: { 'max-size': '10m' } },
          healthcheck: { test: ['CMD', 'true'], interval: '10s', timeout: '5s', retries: 3 },
          deploy: { resources: { limits: { cpus: '1', memory: '64m', pids: 10 } } },
          ...change,
        },
        ...more,
      },
      networks: { front: {}, back: {} },
      volumes: { data: {} },
    }),
  );
const all = (file: ReturnType<typeof snippet>): string[] => [
  ...unpinnedImages(file, '0.1.0'),
  ...unknownSettings(file, ['HUB_ROLES']),
  ...missingMounts(file, (path) => path === './there'),
  ...withoutHealth(file),
  ...withoutLimits(file),
  ...openDoors(file),
  ...carelessPorts(file),
  ...brokenTies(file),
  ...unreachable(file),
];
const built = { build: { context: '.', dockerfile: 'Dockerfile' }, pull_policy: 'build', image: 'own:0.1.0' };

describe('the rules', () => {
  test('find nothing where nothing is wrong', () => {
    expect(
      all(
        snippet({
          volumes: ['./there:/there:ro', 'data:/data'],
          ports: ['127.0.0.1:80:80', `\${PUBLISH_ADDRESS:-127.0.0.1}:\${PORT:-81}:80`],
          networks: ['front'],
        }),
      ),
    ).toEqual([]);
  });

  test.each<[string, Record<string, unknown>]>([
    ['latest has no full version', { image: 'example/one:latest' }],
    ['has no full version', { image: `example/one:1${digest}` }],
    ['or no digest', { image: 'example/one:1.2.3' }],
    ['is not of version', { ...built, image: 'own:0.0.9' }],
    ['pull_policy', { ...built, pull_policy: 'missing' }],
    ['no setting HUB_ROLE', { ...built, environment: { HUB_ROLE: 'api' } }],
    ['./gone is not there', { volumes: ['./gone:/gone:ro'] }],
    ['may be written', { volumes: ['./there:/there'] }],
    ['no volume', { volumes: ['gone:/data'] }],
    ['no health check', { healthcheck: undefined }],
    ['no limit for memory', { deploy: { resources: { limits: { cpus: '1', pids: 10 } } } }],
    ['no limit for the size of its log', { logging: undefined }],
    ['runs as root', { user: undefined }],
    ['runs as root', { user: '0:0', restart: 'no' }],
    ['keeps capabilities', { cap_drop: [] }],
    ['may gain privileges', { security_opt: undefined }],
    ['switches security off', { environment: { KURRENTDB_INSECURE: 'true' } }],
    ['switches security off', { command: ['curl', '--insecure'] }],
    ['governs the engine', { volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro'] }],
    ['is open to everybody', { ports: ['0.0.0.0:80:80'] }],
    ['two services open', { ports: ['127.0.0.1:80:80', '127.0.0.1:80:81'] }],
    ['waits for two, which is not there', { depends_on: { two: { condition: 'service_healthy' } } }],
    ['waits for the wrong thing', { depends_on: { one: { condition: 'service_completed_successfully' } } }],
    ['no network', { networks: ['gone'] }],
    ['no restart policy', { restart: undefined }],
    ['no service two', { environment: { URL: 'postgres://a:b@two:5432/c' } }],
  ])('%s', (finding, change) => {
    expect(all(snippet(change)).join('\n')).toContain(finding);
  });

  test('a service on another network is not reached', () => {
    const two = { ...snippet().services.one, networks: ['back'], volumes: [], profiles: undefined };
    const file = snippet({ networks: ['front'], command: ['get', 'http://two:80'] }, { two });
    expect(unreachable(file)).toEqual(['one: shares no network with two']);
  });

  test.each<[string, Record<string, unknown>]>([
    ['Unrecognized key', { restrt: 'always' }],
    ['neither image nor build', { image: undefined }],
    ['restart', { restart: 'sometimes' }],
    ['interval', { healthcheck: { test: ['CMD', 'true'], interval: 10, timeout: '5s', retries: 3 } }],
    ['ports', { ports: ['80:80'] }],
    ['memory', { deploy: { resources: { limits: { memory: 'much' } } } }],
  ])('the form of the file: %s', (words, change) => {
    expect(() => snippet(change)).toThrow(words);
  });

  test('finds variables in every form', () => {
    const text = `a: \${A}\nb: $B $$C\nc: \${D:-x} \${E:+y} \${F:?z}\n# \${G}\n`;
    expect(missingVariables(referencesOf(text), ['A'])).toEqual([
      'nobody creates B, and it has no default',
      'nobody creates F, and it has no default',
    ]);
  });

  test('fills variables in as Compose does', () => {
    const given = { A: '1', EMPTY: '' };
    const text = `\${A} \${A:-2} \${EMPTY:-3} \${A:+4} \${EMPTY:+5} \${A:?6} $$A`;
    expect(fillIn(text, given)).toBe('1 1 3 4  1 $A');
  });

  test.each([
    ['no full version', `FROM node:20\nUSER node\nCMD ["a"]`],
    ['runs as root', `FROM node:20.1.2${digest}\nCMD ["a"]`],
    ['runs as root', `FROM node:20.1.2${digest} AS a\nUSER node\nFROM a\nCMD ["a"]`],
    ['shell', `FROM node:20.1.2${digest}\nUSER node\nCMD npm start`],
  ])('a Dockerfile: %s', (words, dockerfile) => {
    expect(dockerfileFaults(dockerfile).join('\n')).toContain(words);
  });
});
