import { describe, expect, test } from '@jest/globals';
import { demoConfig } from './demo-config.ts';

describe("the demo's settings", () => {
  test("stay on this machine and away from a real hub's data", () => {
    const config = demoConfig({});
    expect(config).toMatchObject({ HUB_HOST: '127.0.0.1', HUB_ADMIN_PASSWORD: 'demo-password', HUB_MQTT_PORT: 1883 });
    expect(config.HUB_DATA_DIR).toMatch(/\.hub-demo$/);
  });

  test("are the hub's own where the environment gives them; an empty variable gives none", () => {
    const config = demoConfig({ HUB_DATA_DIR: '/tmp/elsewhere', HUB_HTTP_PORT: '0', HUB_ADMIN_PASSWORD: '' });
    expect(config).toMatchObject({ HUB_DATA_DIR: '/tmp/elsewhere', HUB_HTTP_PORT: 0 });
    expect(config.HUB_ADMIN_PASSWORD).toBe('demo-password');
  });

  test('never open the known password to other machines', () => {
    expect(() => demoConfig({ HUB_HOST: '0.0.0.0' })).toThrow('set HUB_ADMIN_PASSWORD');
    expect(demoConfig({ HUB_HOST: '0.0.0.0', HUB_ADMIN_PASSWORD: 'not-known-to-all' }).HUB_HOST).toBe('0.0.0.0');
  });

  test('need the whole hub', () => {
    expect(() => demoConfig({ HUB_ROLES: 'api' })).toThrow('HUB_ROLES');
  });
});
