// What the benches share: CPU instead of the clock, and the quiet rounds instead of all of them, because the machine
// is never ours alone. A ratio of two things measured in turns in one process is all that may be compared.

/** A line of a bench's output that another program reads. */
const RESULT = 'RESULT ';

export interface Result {
  readonly name: string;
  /** How much of the yardstick's speed is left: 1 is as fast, 0.5 takes twice as long. */
  readonly ratio: number;
}

export const printResult = (result: Result): void => {
  console.log(RESULT + JSON.stringify(result));
};

/** The results among the lines of a bench's output. */
export const resultsIn = (output: string): Result[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith(RESULT))
    .map((line) => JSON.parse(line.slice(RESULT.length)) as Result);

export const withoutResults = (output: string): string =>
  output
    .split('\n')
    .filter((line) => !line.startsWith(RESULT))
    .join('\n');

/** The tenth that was disturbed least: the value below which a tenth of them lie. */
export const quiet = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 10)] ?? Number.NaN;

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** CPU of the whole process, helpers of the garbage collector included. */
export const cpuMicroseconds = (work: () => unknown): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
};
