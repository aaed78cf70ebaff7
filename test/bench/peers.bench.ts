// `npm run bench:peers`: the published packages that translate Segment events for Customer.io, and this one, on one corpus in
// one process: their share of the same floor. What cannot be installed has the figures of peers.json, with their date.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundle } from '../chaos/bundle';
import { type Result, resultsIn } from './measure';
import { installPlan, replacement, tableOfPeers } from './peers';
import recorded from './peers.json';
import { describeLoad, writeReport } from './report';

const run = promisify(execFile);

/** RudderStack publishes its transformer as source and as an image; should it come to npm, it is told here. */
const PACKAGES = { Segment: '@segment/action-destinations', RudderStack: '@rudderstack/rudder-transformer' };
/** Later ones refuse the names that Segment gives its schemas, and nothing of it runs. */
const KNOWN_TO_WORK = { 'fast-uri': '3.0.1' };
const MAX_TRIES = 4;
const MAX_OUTPUT_BYTES = 64 * 1_024 * 1_024;

const publishedVersion = async (name: string): Promise<string | undefined> => {
  try {
    return (await run('npm', ['view', name, 'version'])).stdout.trim();
  } catch {
    return undefined;
  }
};

/** Without the packages' own scripts. What they depend on and the registry lacks is taken in another version. */
const install = async (folder: string, name: string, version: string): Promise<string | undefined> => {
  let replaced: Readonly<Record<string, string>> = KNOWN_TO_WORK;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    await writeFile(join(folder, 'package.json'), JSON.stringify(installPlan(name, version, replaced)));
    const problem = await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      maxBuffer: MAX_OUTPUT_BYTES,
    }).then(
      () => undefined,
      (error: { stderr?: string }) => error.stderr ?? String(error),
    );
    if (problem === undefined) return undefined;
    const other = replacement(problem);
    if (other === undefined) return problem;
    replaced = { ...replaced, ...other };
  }
  return `${MAX_TRIES} tries: ${Object.keys(replaced).join(', ')} are not there in the wanted versions.`;
};

const measure = async (folder: string | undefined): Promise<Result[]> => {
  const { file, remove } = await bundle('test/bench/peers-process.ts');
  try {
    const { stdout } = await run(process.execPath, [file, ...(folder === undefined ? [] : [folder])], {
      maxBuffer: MAX_OUTPUT_BYTES,
    });
    return resultsIn(stdout);
  } finally {
    remove();
  }
};

const main = async (): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'cio-relay-peers-'));
  try {
    const version = await publishedVersion(PACKAGES.Segment);
    const problem =
      version === undefined ? 'It is not published.' : await install(folder, PACKAGES.Segment, version);
    if (problem !== undefined)
      console.log(`${PACKAGES.Segment} could not be installed. ${problem.slice(0, 500)}`);
    const rudder = await publishedVersion(PACKAGES.RudderStack);
    console.log(
      rudder === undefined
        ? `${PACKAGES.RudderStack} is not on npm.`
        : `${PACKAGES.RudderStack} ${rudder} is on npm now, and is not measured here yet.`,
    );
    const measured = await measure(problem === undefined ? folder : undefined);
    console.log(`${PACKAGES.Segment} ${version ?? ''}, Node ${process.version}, ${describeLoad()}\n`);
    console.log(tableOfPeers(measured, recorded));
    console.log(await writeReport('peers', { version, measured, recorded }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

void main();
