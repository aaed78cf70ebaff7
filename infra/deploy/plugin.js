// osls loads plugins as CommonJS and knows no TypeScript; tsx does, for this one module tree only.
module.exports = require('tsx/cjs/api').require('./plugin.ts', __filename).DeployPlugin;
