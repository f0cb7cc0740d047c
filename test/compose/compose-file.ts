import { parse } from 'yaml';
import { z } from 'zod';

/**
 * As much of the Compose specification as docker-compose.yml uses, strict, so that a key that is misspelt or in the
 * wrong place is found where no engine runs.
 */
const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const command = z.union([z.string(), z.array(z.string())]);
const duration = z.string().regex(/^(\d+(ms|s|m|h))+$/, 'a duration, as in 30s');
const size = z.string().regex(/^\d+[kmg]$/, 'a size, as in 512m');
const port = z.string().regex(/^(\$\{[^}]*\}|[^:]+):(\$\{[^}]*\}|\d+):\d+$/, 'address:port:port of the container');
const mount = z
  .string()
  .regex(/^[^:]+:\/[^:]+(:ro)?$/, 'source:/target or source:/target:ro')
  .transform((value) => {
    const [source, target, mode] = value.split(':') as [string, string, string?];
    return { source, target, readOnly: mode === 'ro' };
  });

const healthcheck = z.strictObject({
  test: z.array(z.string()).min(2),
  interval: duration,
  timeout: duration,
  retries: z.number().int().positive(),
  start_period: duration.optional(),
});

const service = z
  .strictObject({
    image: z.string().optional(),
    build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
    pull_policy: z.enum(['always', 'never', 'missing', 'build']).optional(),
    profiles: z.array(z.string()).optional(),
    user: z
      .string()
      .regex(/^\d+:\d+$/, 'numbers, as in 1000:1000')
      .optional(),
    read_only: z.boolean().optional(),
    tmpfs: z.array(z.string()).optional(),
    shm_size: size.optional(),
    cap_drop: z.array(z.string()).optional(),
    cap_add: z.array(z.string()).optional(),
    security_opt: z.array(z.string()).optional(),
    entrypoint: command.optional(),
    command: command.optional(),
    environment: z.record(z.string(), text).default({}),
    volumes: z.array(mount).default([]),
    sysctls: z.record(z.string(), z.number()).default({}),
    ports: z.array(port).default([]),
    networks: z.array(z.string()).default([]),
    network_mode: z.literal('none').optional(),
    depends_on: z
      .record(
        z.string(),
        z.strictObject({ condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']) }),
      )
      .default({}),
    healthcheck: healthcheck.optional(),
    restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']).optional(),
    stop_signal: z.string().optional(),
    stop_grace_period: duration.optional(),
    logging: z.strictObject({ driver: z.string(), options: z.record(z.string(), z.string()) }).optional(),
    deploy: z
      .strictObject({
        resources: z.strictObject({
          limits: z.strictObject({
            cpus: z.string().optional(),
            memory: size.optional(),
            pids: z.number().int().positive().optional(),
          }),
        }),
      })
      .optional(),
  })
  .refine(({ image, build }) => image !== undefined || build !== undefined, 'has neither image nor build');

const composeFile = z
  .looseObject({
    name: z.string(),
    services: z.record(z.string(), service),
    networks: z.record(z.string(), z.strictObject({ internal: z.boolean().optional() })).default({}),
    volumes: z.record(z.string(), z.strictObject({})).default({}),
  })
  .superRefine((file, context) => {
    for (const key of Object.keys(file)) {
      if (!['name', 'services', 'networks', 'volumes'].includes(key) && !key.startsWith('x-'))
        context.addIssue({ code: 'custom', message: `unknown key ${key}` });
    }
  });

export type ComposeFile = z.infer<typeof composeFile>;
export type Service = z.infer<typeof service>;

/** Reads a Compose file. Throws what is wrong, with the place. */
export const readCompose = (yaml: string): ComposeFile => {
  const result = composeFile.safeParse(parse(yaml, { merge: true }));
  if (result.success) return result.data;
  throw new Error(result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
};

export interface Reference {
  name: string;
  /** Compose goes on without the variable: it has a default, or a replacement for when it is set. */
  optional: boolean;
}

/** The variables that Compose fills in from `.env`; `$$` is a dollar. */
export const referencesOf = (yaml: string): Reference[] => {
  const withoutComments = yaml.replace(/^\s*#.*$/gm, '').replaceAll('$$', '');
  const found = withoutComments.matchAll(/\$(?:\{(?<braced>\w+)(?<operator>:?[-+?])?[^}]*\}|(?<bare>\w+))/g);
  return [...found].map(({ groups }) => ({
    name: groups?.braced ?? groups?.bare ?? '',
    optional: /[-+]/.test(groups?.operator ?? ''),
  }));
};

/** One value with its variables filled in, as Compose does for the forms that the file uses. */
export const fillIn = (value: string, env: Readonly<Record<string, string>>): string =>
  value.replace(/\$\$|\$\{(\w+)(?::([-+?])([^}]*))?\}/g, (whole, name?: string, operator?: string, word = '') => {
    if (whole === '$$' || name === undefined) return '$';
    const given = env[name] ?? '';
    if (operator === '+') return given === '' ? '' : word;
    return given === '' && operator === '-' ? word : given;
  });
