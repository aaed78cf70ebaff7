// `npm run demo`. JavaScript, so that an unsuitable Node can still be told.

const { join } = require('node:path');

require('../local/node-check').whenSuitable(() =>
  require('../build/bundle').load(join(__dirname, 'demo.ts')),
);
