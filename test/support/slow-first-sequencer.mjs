// Starts the suites that take longest first, so that none of them is left running alone at the end. Jest knows how
// long each took from the run before; on a fresh clone it goes by size, and the longest of ours are short files.

import Sequencer from '@jest/test-sequencer';

/** Suites that run processes, browsers and packagers, and mostly wait for them. */
const SLOW = /[\\/]test[\\/](integration[\\/]|infra[\\/]([^\\/]+\.test\.ts$|deploy|cli|console))/;

export default class SlowFirstSequencer extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    const isSlow = ({ path }) => SLOW.test(path);
    return [...sorted.filter(isSlow), ...sorted.filter((test) => !isSlow(test))];
  }
}
