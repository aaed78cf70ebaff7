import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { documentOf } from '../../../infra/cli/document';
import { buildProgram } from '../../../infra/cli/program';
import { SILENT_IO } from '../../../infra/cli/silent-io';
import { ROOT } from '../../support/running-stack';

it('docs/cli.md says what the parser knows; `npm run docs:cli` writes it anew', async () => {
  expect(await readFile(join(ROOT, 'docs/cli.md'), 'utf8')).toBe(documentOf(buildProgram(SILENT_IO)));
});
