// Loaded into every worker of Jest, which inherits the options of Node: once nothing is left to do it leaves at once.
// To give back the memory of a hundred suites piece by piece takes longer than the half second Jest waits for it.

if (process.argv[1]?.includes('jest-worker')) process.once('beforeExit', () => process.exit());
