import { type Config, readConfig, roles } from '../runtime/config.ts';
import { StartRefused } from '../runtime/start-refused.ts';

export const demoPassword = 'demo-password';
export const loopback = '127.0.0.1';
const thisMachine = [loopback, '::1', 'localhost'];

/**
 * The hub's settings for play: a data folder of its own, and this machine only, because the password stands in the
 * open. Throws `StartRefused`.
 */
export const demoConfig = (env: Record<string, string | undefined>): Config => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const config = readConfig({
    HUB_HOST: loopback,
    HUB_DATA_DIR: '.hub-demo',
    HUB_LOG_LEVEL: 'warn',
    HUB_ADMIN_PASSWORD: demoPassword,
    ...given,
  });
  if (!thisMachine.includes(config.HUB_HOST) && given.HUB_ADMIN_PASSWORD === undefined) {
    throw new StartRefused('HUB_HOST opens the demo to other machines: set HUB_ADMIN_PASSWORD too.');
  }
  if (config.HUB_ROLES.length < roles.length) {
    throw new StartRefused('The demo needs the whole hub: leave HUB_ROLES out.');
  }
  return config;
};
