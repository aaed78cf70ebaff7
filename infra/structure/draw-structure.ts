// The structure of the deployed code as dependency-cruiser finds it: rooms on their floors, an arrow for each
// import from one to another. `npm run structure` writes it into docs/architecture.md; a test compares the two.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import floors from './floors.json';

const ROOT = resolve(__dirname, '../..');
export const PAGE = join(ROOT, 'docs/architecture.md');
const BEGIN = '<!-- structure: written by `npm run structure` -->';
const END = '<!-- end of structure -->';

interface Cruise {
  readonly modules: readonly { source: string; dependencies: readonly { resolved: string }[] }[];
}

/** The rooms of `lib` by floor, from the ground up, with the functions on top. */
export interface Structure {
  readonly floors: readonly (readonly string[])[];
  /** From whom to whom. */
  readonly arrows: readonly (readonly [from: string, to: string])[];
}

export const readStructure = async (): Promise<Structure> => {
  const { modules } = await cruise();
  const arrows = new Map<string, readonly [string, string]>();
  for (const { source, dependencies } of modules) {
    for (const { resolved } of dependencies) {
      const [from, to] = [roomOf(source), roomOf(resolved)];
      if (from !== undefined && to !== undefined && from !== to) arrows.set(`${from} ${to}`, [from, to]);
    }
  }
  const sorted = [...arrows.values()].sort((a, b) => a.join().localeCompare(b.join()));
  return { floors: [...floors, ['functions']], arrows: sorted };
};

const cruise = async (): Promise<Cruise> => {
  const command = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [command, '--output-type', 'json', 'functions', 'lib'],
    { cwd: ROOT, maxBuffer: 64 * 1_024 * 1_024 },
  );
  return JSON.parse(stdout) as Cruise;
};

const roomOf = (path: string): string | undefined => {
  if (path.startsWith('functions/')) return 'functions';
  return /^lib\/([^/.]+)/.exec(path)?.[1];
};

/** Arrows that lead to a room on the same floor or a higher one. */
export const arrowsBackUp = ({ floors, arrows }: Structure): string[] => {
  const levelOf = (room: string): number => floors.findIndex((floor) => floor.includes(room));
  return arrows.filter(([from, to]) => levelOf(to) >= levelOf(from)).map((arrow) => arrow.join(' -> '));
};

/** A Mermaid diagram, which GitHub draws. */
export const draw = ({ floors, arrows }: Structure): string => {
  const floorLines = floors
    .toReversed()
    .flatMap((rooms, fromTop) => [
      `  subgraph floor${floors.length - 1 - fromTop}[" "]`,
      ...rooms.map((room) => `    ${room}`),
      '  end',
    ]);
  const arrowLines = arrows.map(([from, to]) => `  ${from} --> ${to}`);
  return ['```mermaid', 'flowchart TD', ...floorLines, ...arrowLines, '```'].join('\n');
};

export const pageWith = (page: string, drawing: string): string => {
  const [before, rest = ''] = page.split(BEGIN);
  const after = rest.split(END)[1] ?? '';
  return `${before}${BEGIN}\n\n${drawing}\n\n${END}${after}`;
};

const main = async (): Promise<void> => {
  const page = await readFile(PAGE, 'utf8');
  await writeFile(PAGE, pageWith(page, draw(await readStructure())));
};

if (require.main === module) void main();
