// `npm run docs:cli`

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentOf } from './document';
import { buildProgram } from './program';
import { SILENT_IO } from './silent-io';

writeFileSync(join(__dirname, '../../docs/cli.md'), documentOf(buildProgram(SILENT_IO)));
