// osls loads plugins as CommonJS and knows no TypeScript.

const { join } = require('node:path');

module.exports = require('../build/bundle').load(join(__dirname, 'plugin.ts')).DeployPlugin;
