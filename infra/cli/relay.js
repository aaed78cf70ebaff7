#!/usr/bin/env node
// `npx relay`. JavaScript, so that an unsuitable Node can still be told.
require('../local/node-check').whenSuitable(() => require('tsx/cjs/api').require('./main.ts', __filename));
