// Compiles the template of every option set and checks each by CloudFormation's own resource types, and by cfn-lint
// where it is installed (`pip install cfn-lint`). Run with `npm run check:templates`; it takes some minutes.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OPTION_SETS } from '../support/option-sets';
import { packageStage } from '../support/package';
import { schemaMistakes } from '../support/template-schema';

const LINT = 'cfn-lint';
const REGIONS = ['us-east-1', 'eu-central-1', 'ap-southeast-2'];

/**
 * W3005: osls names dependencies that a reference implies already. The others speak of conditions that the options of
 * the stage have decided before the template is made, E1159 of a domain that is not there.
 */
const IGNORED = ['W3005', 'W8003', 'W1028', 'E1159'];

/** Undefined where it is not installed. */
const lintVersion = async (): Promise<string | undefined> => {
  try {
    return (await promisify(execFile)(LINT, ['--version'])).stdout.trim();
  } catch {
    return undefined;
  }
};

const lint = async (template: string): Promise<string[]> => {
  const parameters = [
    '--template',
    template,
    '--format',
    'parseable',
    '--regions',
    ...REGIONS,
    '--ignore-checks',
    ...IGNORED,
  ];
  const { stdout } = await promisify(execFile)(LINT, parameters).catch((error) => error);
  return String(stdout).split('\n').filter(Boolean);
};

const main = async (): Promise<void> => {
  const version = await lintVersion();
  console.log(version ?? `${LINT} is not installed: only CloudFormation's resource types are looked at.`);
  for (const [name, options] of Object.entries(OPTION_SETS)) {
    const { folder, resources } = await packageStage(options);
    const template = join(folder, 'cloudformation-template-update-stack.json');
    const mistakes = [...schemaMistakes(resources), ...(version === undefined ? [] : await lint(template))];
    console.log(
      `${mistakes.length === 0 ? 'ok ' : 'BAD'} ${name}: ${Object.keys(resources).length} resources`,
    );
    for (const mistake of mistakes) console.log(`      ${mistake}`);
    if (mistakes.length > 0) process.exitCode = 1;
  }
};

void main();
