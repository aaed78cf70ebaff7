// Stryker's settings for the scope that test/mutation/run.mjs names.

import { SCOPES } from './scopes.mjs';

const scope = process.env.MUTATION_SCOPE;
const { mutate, tests, leastPercent } = SCOPES[scope];

const inAnyFolder = (pattern) => pattern.replace(/^!?/, '$&**/');

export default {
  testRunner: 'jest',
  tsconfigFile: 'no-tsconfig-needed.json',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  coverageAnalysis: 'perTest',
  mutate,
  jest: {
    configFile: 'jest.config.json',
    config: { testMatch: tests.map(inAnyFolder) },
    enableFindRelatedTests: true,
  },
  ignorePatterns: ['.serverless', '.esbuild', '.local', 'coverage', 'reports', 'examples'],
  reporters: ['clear-text', 'progress', 'html'],
  htmlReporter: { fileName: `reports/mutation/${scope}.html` },
  incremental: true,
  incrementalFile: `reports/mutation/${scope}.json`,
  thresholds: { high: 100, low: leastPercent, break: leastPercent },
  timeoutMS: 5000,
  concurrency: 2,
  maxTestRunnerReuse: 60,
};
