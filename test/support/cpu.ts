// What work costs, whatever else the machine is busy with.

/** Tells how many milliseconds of CPU this process has used since. Leave room for its garbage collection. */
export const startCpuClock = (): (() => number) => {
  const start = process.cpuUsage();
  return () => process.cpuUsage(start).user / 1_000;
};
