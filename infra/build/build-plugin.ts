// `npm run build:plugin`: the plugin of device mode, bundled for browsers into the module that ingest serves it
// from. The result is in the repository, so that nothing has to be built to run, test or deploy; a test compares.

import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const FOLDER = join(__dirname, '../../lib/ingest/customerio-plugin');
/** Its `script.ts` is what this writes. */
export const SCRIPT_MODULE = join(FOLDER, 'script.ts');

/** Browsers of the last seven years or so, as analytics.js itself asks for. */
const TARGET = 'es2018';

const VERSION_DIGITS = 8;

/** The text of `script.ts`. */
export const buildPluginModule = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [join(FOLDER, 'main.ts')],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: TARGET,
    charset: 'utf8',
    logLevel: 'error',
  });
  const script = outputFiles[0]?.text.trim() ?? '';
  return `// Written by \`npm run build:plugin\` from main.ts and what it imports. Never edit it: a test compares.

export const CUSTOMERIO_PLUGIN_SCRIPT =
  ${JSON.stringify(script)};

/** Another one for each script, for its URL: what a browser keeps of one before does not know the settings of today. */
export const CUSTOMERIO_PLUGIN_VERSION = '${versionOf(script)}';
`;
};

const versionOf = (script: string): string =>
  createHash('sha256').update(script).digest('hex').slice(0, VERSION_DIGITS);

const main = async (): Promise<void> => writeFileSync(SCRIPT_MODULE, await buildPluginModule());

if (require.main === module) void main();
