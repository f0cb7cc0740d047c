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
  /** An outside broker whose messages the hub takes in too, mqtt://host:1883 or mqtts://host:8883; left out, none. */
  HUB_BRIDGE_URL: z.string().optional(),
  /** Registered device of kind gateway that stands for the broker: what is on no device's own topic is said by it. */
  HUB_BRIDGE_GATEWAY: z.string().optional(),
  /** The hub's account of the broker, where it doesn't stand in the URL. */
  HUB_BRIDGE_USERNAME: z.string().optional(),
  HUB_BRIDGE_PASSWORD: z.string().optional(),
  /** Topic filters, separated by commas; left out, `xy/v1/#` and what the gateway's dialect claims. */
  HUB_BRIDGE_TOPICS: z.string().optional(),
  /** Group of a shared subscription, for several processes with the role `ingest`; it brings no retained messages. */
  HUB_BRIDGE_SHARE: z.string().optional(),
  /** The session at the broker hangs on it: the same at every start, another one for every process. */
  HUB_BRIDGE_CLIENT_ID: z.string().optional(),
  HUB_BRIDGE_MQTT_VERSION: z.enum(['5', '3.1.1']).default('5'),
  /** Set: the login `xingyuan_grafana` exists with it, and reads the reporting views only. */
  HUB_REPORT_PASSWORD: z.string().min(8, 'at least 8 characters').optional(),
  HUB_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
});

export type Config = z.infer<typeof environment>;
/** The variables that the hub reads. */
export const settingNames: readonly string[] = Object.keys(environment.shape);

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
  HUB_BRIDGE_PASSWORD: config.HUB_BRIDGE_PASSWORD === undefined ? undefined : '(set)',
  HUB_REPORT_PASSWORD: config.HUB_REPORT_PASSWORD === undefined ? undefined : '(set)',
  HUB_BRIDGE_URL: config.HUB_BRIDGE_URL?.replace(/:[^:@/]*@/, ':***@'),
  DATABASE_URL: config.DATABASE_URL?.replace(/:[^:@/]*@/, ':***@'),
  EVENT_LOG_URL: config.EVENT_LOG_URL?.replace(/:[^:@/]*@/, ':***@'),
});
