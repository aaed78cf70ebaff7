// `npm start`. JavaScript, so that an unsuitable Node can still be told.
require('./node-check').whenSuitable(() => require('tsx/cjs/api').require('./start.ts', __filename));
