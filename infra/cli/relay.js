#!/usr/bin/env node
// `npx relay`. JavaScript, so that an unsuitable Node can still be told.

// An import of any size works in the memory of a small machine: collect sooner what is soon of no use.
require('node:v8').setFlagsFromString('--max-semi-space-size=32');
require('node:v8').setFlagsFromString('--optimize-for-size');

require('../local/node-check').whenSuitable(() => require('tsx/cjs/api').require('./main.ts', __filename));
