import { availableParallelism } from 'node:os';

/** Jest runs the ES modules as they are: the scripts in package.json set --experimental-vm-modules. */
const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: {
        parser: { syntax: 'typescript', decorators: true },
        transform: {
          legacyDecorator: true,
          decoratorMetadata: true,
          useDefineForClassFields: false,
        },
        target: 'es2023',
      },
      module: { type: 'es6' },
      sourceMaps: 'inline',
    },
  ],
};

const project = (displayName, testMatch, extra = {}) => ({
  displayName,
  rootDir: '.',
  testEnvironment: 'node',
  testMatch,
  transform,
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'json'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  ...extra,
});

const withPostgres = {
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
};

export default {
  // Databases and processes are started within, also on busy machines.
  testTimeout: 30_000,
  // Many suites wait for processes more than they work, so that two share a small machine well.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  projects: [
    project('unit', ['<rootDir>/{src,config,migrations}/**/*.spec.ts']),
    project('integration', ['<rootDir>/test/integration/**/*.spec.ts'], withPostgres),
    project('e2e', ['<rootDir>/test/e2e/**/*.spec.ts'], withPostgres),
    project('fault', ['<rootDir>/test/fault/**/*.spec.ts'], withPostgres),
  ],
  collectCoverageFrom: ['src/**/*.ts', 'config/**/*.ts', '!**/*.spec.ts'],
};
