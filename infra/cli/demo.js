// `npm run demo`. JavaScript, so that an unsuitable Node can still be told.
require('../local/node-check').whenSuitable(() => require('tsx/cjs/api').require('./demo.ts', __filename));
