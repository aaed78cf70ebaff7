// `npm run docs:mapping`: writes docs/mapping.md anew.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { mappingPage } from './mapping-page';

writeFileSync(path.join(__dirname, '../../docs/mapping.md'), mappingPage());
