import { runRate } from './rate';
void (async () => { for (let i = 0; i < 1; i++) console.log(JSON.stringify(await runRate({ requestsPerSecond: 20, consumers: 4, seconds: 10 }))); })();
