// `npm run chaos:import`: a million events, about 1.3 GB, imported by a process that is killed by SIGKILL at ten random
// moments and resumed. Ends with 1 when one is lost or doubled at the sandbox. `EVENTS=100000` makes it small.

const EVENTS = Number(process.env['EVENTS'] ?? 1_000_000);
const KILLS = 10;
/** So that ten of them are spread over an import that takes about a minute. */
const KILL_WITHIN_MS = (EVENTS / 1_000_000) * 8_000 + 200;

const main = async (): Promise<void> => {
  // Before the consumer is loaded, which reads them once.
  Object.assign(process.env, { POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' });
  const { importWithKills } = await import('../support/killed-import');
  const plan = {
    events: EVENTS,
    paddingBytes: 1_180,
    kills: KILLS,
    killWithinMs: KILL_WITHIN_MS,
    consumers: 4,
  };
  const { ends, missing, doubled, seconds } = await importWithKills(plan, console.log);
  const killed = ends.filter((end) => end === null).length;
  console.log(
    `${EVENTS} events, ${killed} kills, ${seconds.toFixed(0)} s: ${missing} missing, ${doubled} doubled`,
  );
  const isGood = killed === KILLS && ends.at(-1) === 0 && missing === 0 && doubled === 0;
  if (!isGood) process.exitCode = 1;
};

void main();
