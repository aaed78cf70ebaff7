// Where a bench leaves its figures for other programs: a file under reports/, with the machine and its load.

import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';

const REPORTS = resolve(__dirname, '../../reports');

const machine = () => ({
  cpus: cpus().length,
  model: cpus()[0]?.model,
  node: process.version,
  load: loadavg(),
});

/** `load 1.2 3.4 5.6, 2 processors` */
export const describeLoad = (): string =>
  `load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}, ${cpus().length} processors`;

/** @returns the path, from the folder of the project. */
export const writeReport = async (name: string, figures: object): Promise<string> => {
  await mkdir(REPORTS, { recursive: true });
  const report = { measuredAt: new Date().toISOString(), machine: machine(), ...figures };
  await writeFile(join(REPORTS, `${name}.json`), `${JSON.stringify(report, undefined, 2)}\n`);
  return `reports/${name}.json`;
};

/** A Markdown table, as docs/performance.md has it. */
export const markdownTable = (rows: readonly (readonly string[])[]): string => {
  const [head = [], ...body] = rows;
  return [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
};
