#!/usr/bin/env node
// `npx relay`. JavaScript, so that an unsuitable Node can still be told.

const Module = require('node:module');
const v8 = require('node:v8');

// An import of any size works in the memory of a small machine: collect sooner what is soon of no use.
for (const flag of ['max-semi-space-size=8', 'semi-space-growth-factor=1', 'heap-growing-percent=100'])
  v8.setFlagsFromString(`--${flag}`);

const start = async () => {
  if (process.argv.includes('--verbose')) process.setSourceMapsEnabled(true);
  const { code, file } = await require('./bundle').bundle();
  const main = new Module(file);
  main.filename = file;
  main.paths = Module._nodeModulePaths(__dirname);
  main._compile(code, file);
};

require('../local/node-check').whenSuitable(() =>
  start().catch(({ message }) => {
    console.error(message);
    process.exitCode = 1;
  }),
);
