// `npm run playground`: Try it as a folder that any static host serves. The mapping is in it; it asks nobody anything.

import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buildPageFiles } from '../console/server/page-files';

const DEFAULT_FOLDER = join(__dirname, '../../playground');

/** @param folder made where it is not there; files of the same names in it are replaced. */
export const buildPlayground = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  for (const [name, { body }] of await buildPageFiles(true)) await writeFile(join(folder, name), body);
};

const main = async (): Promise<void> => {
  const [given] = process.argv.slice(2);
  const folder = given === undefined ? DEFAULT_FOLDER : resolve(given);
  await buildPlayground(folder);
  process.stdout.write(`The playground is in ${folder}\n`);
};

if (require.main === module) void main();
