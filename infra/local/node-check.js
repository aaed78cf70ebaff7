// What npm's scripts ask before anything else: whether this Node and the packages are the ones they need. Plain
// JavaScript without a package, so that an unsuitable Node, or an installation cut short, can still be told.

const { existsSync } = require('node:fs');
const { join } = require('node:path');

const MIN_NODE_VERSION = 24;
const PACKAGES = join(__dirname, '../../node_modules');

/** One sentence: what is missing and what to run. Undefined when nothing is. */
const nodeProblem = () => {
  if (!existsSync(join(PACKAGES, 'tsx'))) return 'The packages are not installed. Run: npm ci';
  if (Number(process.version.slice(1).split('.', 1)[0]) >= MIN_NODE_VERSION) return undefined;
  const wrong = `This needs Node ${MIN_NODE_VERSION}, Lambda's own version, and runs on ${process.version}`;
  return existsSync(join(PACKAGES, 'node/bin/node'))
    ? `${wrong}. Start it by npm, which brings the right one: npm start, npm test or npm run demo`
    : `${wrong}: the npm package \`node\`, which brings it, has no binary, as after \`npm ci --ignore-scripts\`. Run: npm rebuild node --ignore-scripts=false`;
};

/** Runs `start` unless there is a problem; then says it, and the process ends with 1. */
const whenSuitable = (start) => {
  const problem = nodeProblem();
  if (problem === undefined) return start();
  console.error(problem);
  process.exitCode = 1;
};

if (require.main === module) whenSuitable(() => {});

module.exports = { whenSuitable };
