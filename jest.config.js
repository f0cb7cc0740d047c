/** The default run: everything but the end-to-end suites, which need a browser (`npm run test:e2e`). */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/services', '<rootDir>/devices', '<rootDir>/dashboards', '<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '\\.e2e\\.test\\.ts$', '/dist/'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', tsx: false, decorators: true },
          transform: { legacyDecorator: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  globalSetup: '<rootDir>/test/global-setup.js',
  globalTeardown: '<rootDir>/test/global-teardown.js',
  setupFilesAfterEnv: ['<rootDir>/test/seeded-properties.js'],
  // Most suites wait for a database more than they reckon: with a core to spare they would take half as long again.
  maxWorkers: '100%',
  testTimeout: 60_000,
  // A worker of a gigabyte needs longer than jest's half second to give its memory back.
  workerGracefulExitTimeout: 10_000,
};
