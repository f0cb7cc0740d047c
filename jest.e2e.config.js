import unit from './jest.config.js';

/** End-to-end: the whole hub with its embedded PostgreSQL, real MQTT clients and a real Chromium. */
export default {
  ...unit,
  testMatch: ['**/*.e2e.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  testTimeout: 120_000,
  maxWorkers: 1,
};
