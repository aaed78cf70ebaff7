#!/usr/bin/env node
// `npx relay`. JavaScript, so that an unsuitable Node can still be told.

const { join } = require('node:path');
const v8 = require('node:v8');

// An import of any size works in the memory of a small machine: collect sooner what is soon of no use.
for (const flag of ['max-semi-space-size=8', 'semi-space-growth-factor=1', 'heap-growing-percent=100'])
  v8.setFlagsFromString(`--${flag}`);

const start = () => {
  if (process.argv.includes('--verbose')) process.setSourceMapsEnabled(true);
  try {
    require('../build/bundle').load(join(__dirname, 'main.ts'));
  } catch ({ message }) {
    console.error(message);
    process.exitCode = 1;
  }
};

require('../local/node-check').whenSuitable(start);
