import { resolve } from 'node:path';
import { z } from 'zod';
import { networkOf } from './network.ts';
import { StartRefused } from './start-refused.ts';

const port = z.coerce.number().int().min(0).max(65_535);
export const roles = ['ingest', 'projections', 'work-orders', 'api'] as const;
export type Role = (typeof roles)[number];

/** Every setting of the hub, read once from the environment. */
const environment = z.object({
  /** 0 lets the system choose. */
  HUB_MQTT_PORT: port.default(1883),
  HUB_HTTP_PORT: port.default(8080),
  /** MQTT over WebSocket, for browsers; left out, none. */
  HUB_MQTT_WS_PORT: port.optional(),
  /** MQTT over TLS, commonly 8883, with its private key and certificate chain as PEM files; left out, none. */
  HUB_MQTT_TLS_PORT: port.optional(),
  HUB_MQTT_TLS_KEY: z.string().optional(),
  HUB_MQTT_TLS_CERT: z.string().optional(),
  /** PEM file of who signs device certificates: one whose common name is a device's id is that device's credential. */
  HUB_MQTT_TLS_CA: z.string().optional(),
  /** The central system for charging posts, OCPP 1.6J and 2.0.1 over WebSocket, commonly 9000; left out, none. */
  HUB_OCPP_PORT: port.optional(),
  /** The same over TLS (security profiles 2 and 3), with the key and the certificate of MQTT over TLS; left out, none. */
  HUB_OCPP_TLS_PORT: port.optional(),
  /** Messages/s that a device may send for long; a gateway five times as many, a compound twenty times; 0: no quotas. */
  HUB_MQTT_QUOTA_PER_DEVICE: z.coerce.number().min(0).default(100),
  /** Proxies in front of HTTP whose X-Forwarded-For and -Proto are believed: addresses, networks, `loopback`, `uniquelocal`. */
  HUB_TRUSTED_PROXIES: z
    .string()
    .optional()
    .transform((list) => list?.split(',').map((proxy) => proxy.trim()) ?? []),
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
  /**
   * Days that telemetry (passages, readings, signs of life) stays in the event log; 0 for ever. A year of ratings can be
   * computed anew from the default; registers, faults, orders and ratings always stay.
   */
  HUB_TELEMETRY_RETENTION_DAYS: z.coerce.number().int().min(0).max(36_500).default(400),
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
  /** More than one share a subscription: faster where the broker bounds each client; a device's order is not kept. */
  HUB_BRIDGE_CONNECTIONS: z.coerce.number().int().min(1).max(8).default(1),
  HUB_BRIDGE_MQTT_VERSION: z.enum(['5', '3.1.1']).default('5'),
  /** Set: the login `xingyuan_grafana` exists with it, and reads the reporting views only. */
  HUB_REPORT_PASSWORD: z.string().min(8, 'at least 8 characters').optional(),
  /** Where the log's head is written down, a JSON line each; left out, `heads.jsonl` beside the hub's own PostgreSQL. */
  HUB_HEADS_FILE: z
    .string()
    .transform((path) => resolve(path))
    .optional(),
  /** Where the log's head is sent to as JSON, https://…; left out, nowhere. */
  HUB_HEADS_WEBHOOK: z.url({ protocol: /^https?$/, error: 'an address like https://host/path' }).optional(),
  /** Private networks that work orders and notices may be sent into, `10.20.0.0/16,127.0.0.1/32`; left out, none. */
  HUB_TARGET_NETWORKS: z
    .string()
    .optional()
    .transform((list) => list?.split(',').map((network) => network.trim()) ?? [])
    .pipe(z.array(z.string().refine((text) => networkOf(text) !== undefined, 'networks like 10.20.0.0/16'))),
  /** The server that notices are mailed by, smtp://user:password@host:587 or smtps://…; left out, no mail is sent. */
  HUB_SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/[^/?#]+/, 'an address like smtp://host:587')
    .optional(),
  /** Whom they are from; an address that the server sends for. */
  HUB_SMTP_FROM: z.email().optional(),
  /** The API of an Atlas CMMS whose work orders are kept at one with ours, https://api.host; left out, none. */
  HUB_ATLAS_URL: z
    .url({ protocol: /^https?$/, error: 'an address like https://api.host' })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  /** Of its Settings, Integrations, API Keys. */
  HUB_ATLAS_API_KEY: z.string().optional(),
  /** Compounds whose orders it gets, separated by commas; left out, all of them. */
  HUB_ATLAS_COMPOUNDS: z
    .string()
    .optional()
    .transform((list) => list?.split(',').map((compound) => compound.trim()) ?? []),
  HUB_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
});

const consistent = environment
  .refine(({ HUB_SMTP_URL, HUB_SMTP_FROM }) => !HUB_SMTP_URL === !HUB_SMTP_FROM, {
    message: 'set both HUB_SMTP_URL and HUB_SMTP_FROM, or neither',
    path: ['HUB_SMTP_FROM'],
  })
  .refine(({ HUB_ATLAS_URL, HUB_ATLAS_API_KEY }) => !HUB_ATLAS_URL === !HUB_ATLAS_API_KEY, {
    message: 'set both HUB_ATLAS_URL and HUB_ATLAS_API_KEY, or neither',
    path: ['HUB_ATLAS_API_KEY'],
  });

export type Config = z.infer<typeof environment>;
/** The variables that the hub reads. */
export const settingNames: readonly string[] = Object.keys(environment.shape);

/** Throws `StartRefused` naming each variable that is wrong. */
export const readConfig = (env: Record<string, string | undefined>): Config => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = consistent.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new StartRefused(`The settings in the environment are not right. ${problems.join('; ')}`);
};

/** Up to the last at sign: whoever forgot to escape a password is not to find a part of it in the log. */
const withoutPassword = (url: string | undefined): string | undefined =>
  url?.replace(/^([^:]*:\/\/[^:@]*:).*@/, '$1***@').replace(/([?&]password=)[^&]*/gi, '$1***');

/** What was taken, for the start-up message, without secrets. */
export const describeConfig = (config: Config): Record<string, unknown> => ({
  ...config,
  HUB_ADMIN_PASSWORD: config.HUB_ADMIN_PASSWORD === undefined ? undefined : '(set)',
  HUB_BRIDGE_PASSWORD: config.HUB_BRIDGE_PASSWORD === undefined ? undefined : '(set)',
  HUB_REPORT_PASSWORD: config.HUB_REPORT_PASSWORD === undefined ? undefined : '(set)',
  HUB_ATLAS_API_KEY: config.HUB_ATLAS_API_KEY === undefined ? undefined : '(set)',
  HUB_BRIDGE_URL: withoutPassword(config.HUB_BRIDGE_URL),
  HUB_SMTP_URL: withoutPassword(config.HUB_SMTP_URL),
  // What follows the host is often the secret.
  HUB_HEADS_WEBHOOK: config.HUB_HEADS_WEBHOOK?.replace(/^(https?:\/\/)(?:[^@/]*@)?([^/?#]+).*$/, '$1$2/…'),
  DATABASE_URL: withoutPassword(config.DATABASE_URL),
  EVENT_LOG_URL: withoutPassword(config.EVENT_LOG_URL),
});
