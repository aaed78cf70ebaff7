// Around every test file: all that the product logs and counts there, at the level DEBUG, is read, and holds
// nothing of a person.

import { captureLogs, personalLines } from './support/log-output';

const output = captureLogs();

afterAll(() => {
  output.release();
  expect(personalLines(output.lines)).toEqual([]);
});
