import { resolve } from 'node:path';
import { z } from 'zod';
import { StartRefused } from './start-refused.ts';

const port = z.coerce.number().int().min(0).max(65_535);
export const roles = ['ingest', 'projections', 'work-orders', 'api'] as const;
export type Role = (typeof roles)[number];

/** Every setting of the hub, read once from the environment. */
const environment = z.object({
  /** 0 lets the system choose. */
  HUB_MQTT_PORT: port.default(1883),
  HUB_HTTP_PORT: port.default(8080),
  /** Address to listen on, for MQTT and HTTP. */
  HUB_HOST: z.string().default('0.0.0.0'),
  /** Embedded PostgreSQL, its password and the lock file live here. */
  HUB_DATA_DIR: z
    .string()
    .default('.hub')
    .transform((path) => resolve(path)),
  /** Which parts this process runs, separated by commas. */
  HUB_ROLES: z
    .string()
    .default(roles.join(','))
    .transform((list) => list.split(',').map((role) => role.trim()))
    .pipe(z.array(z.enum(roles)).min(1)),
  /** Read models; left out, the hub runs its own PostgreSQL in the data folder. */
  DATABASE_URL: z.string().startsWith('postgres').optional(),
  /** The event log; left out, it lives in the same database as the read models. */
  EVENT_LOG_URL: z.string().optional(),
  /** Password of `admin`, set at the first start; left out, a random one is printed once. */
  HUB_ADMIN_PASSWORD: z.string().min(8, 'at least 8 characters').optional(),
  HUB_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
});

export type Config = z.infer<typeof environment>;

/** Throws `StartRefused` naming each variable that is wrong. */
export const readConfig = (env: Record<string, string | undefined>): Config => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = environment.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new StartRefused(`The settings in the environment are not right. ${problems.join('; ')}`);
};

/** What was taken, for the start-up message, without secrets. */
export const describeConfig = (config: Config): Record<string, unknown> => ({
  ...config,
  HUB_ADMIN_PASSWORD: config.HUB_ADMIN_PASSWORD === undefined ? undefined : '(set)',
  DATABASE_URL: config.DATABASE_URL?.replace(/:[^:@/]*@/, ':***@'),
  EVENT_LOG_URL: config.EVENT_LOG_URL?.replace(/:[^:@/]*@/, ':***@'),
});
