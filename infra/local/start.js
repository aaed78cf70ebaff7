// `npm start`. JavaScript, so that an unsuitable Node can still be told.

const { join } = require('node:path');

const start = () => {
  process.setSourceMapsEnabled(true);
  require('../build/bundle').load(join(__dirname, 'start.ts'));
};

require('./node-check').whenSuitable(start);
