// `npm start`. JavaScript, so that an unsuitable Node can still be told.
require('tsx/cjs/api').require('./start.ts', __filename);
