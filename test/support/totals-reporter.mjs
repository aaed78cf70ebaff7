// Ends the run's output with one line that tools can read: `N passed, N failed`. A file that could not run
// counts as a failure, because its tests did not pass.

import { writeSync } from 'node:fs';

export default class TotalsReporter {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    // Jest prints its own summary after every reporter has run.
    process.once('exit', () => writeSync(1, `\n${numPassedTests} passed, ${failed} failed\n`));
  }
}
