// What is deployed: the version, and the commit where there is one. osls asks for it as a variable's file.

const { execFileSync } = require('node:child_process');
const { version } = require('../../package.json');

module.exports = () => ({ release: [version, commit()].filter(Boolean).join('+') });

/** Its first letters, with `.changed` where the folder is not as committed; nothing outside of a repository. */
const commit = () => {
  try {
    const options = { cwd: __dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    return execFileSync(
      'git',
      ['describe', '--always', '--exclude', '*', '--dirty=.changed'],
      options,
    ).trim();
  } catch {
    return undefined;
  }
};
