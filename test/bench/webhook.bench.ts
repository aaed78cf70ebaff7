// How long the webhook function takes besides the SQS call, and how long until a cold one has answered.
// Run with `tsx test/bench/webhook.bench.ts`; the exit code is 1 when the 99th percentile is over its bound.

import { lambdaContext, SIGNING_KEY, webhookRequest } from '../support/webhook-request';

const MAX_P99_MS = 50;
/** Customer.io waits four seconds for an answer. */
const MAX_COLD_START_MS = 2_000;
const WARM_UP_CALLS = 200;
const CALLS = 1_000;

Object.assign(process.env, {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  ACTIVITY_QUEUE_URL: 'http://127.0.0.1:9/000000000000/activity',
  ACTIVITY_DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1:9/000000000000/activity-dead-letters',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_METRICS_DISABLED: 'true',
  SOURCES: JSON.stringify([
    { name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'a', webhookSigningKeys: ['older-key', SIGNING_KEY] },
  ]),
});

const webhook = (data: object): string =>
  JSON.stringify({
    event_id: '01E4C4CT6YDC7Y5M7FE1GWWPQJ',
    object_type: 'email',
    metric: 'sent',
    timestamp: 1_613_063_089,
    data: {
      delivery_id: 'd',
      subject: 'Hello',
      identifiers: { id: '42', email: 'test@example.com' },
      ...data,
    },
  });

const CASES: Readonly<Record<string, string>> = {
  'a usual webhook': webhook({}),
  'with 30 KB of content': webhook({ content: '<p>x</p>'.repeat(3_750) }),
  'with 200 KB of content': webhook({ content: '<p>x</p>'.repeat(25_000) }),
  'a dead letter': webhook({ identifiers: {} }),
};

/** Answers in place of SQS at once, so that what is left is the function's own time. */
const withoutSqs = async (): Promise<void> => {
  const { sqs } = await import('../../lib/queue/client');
  sqs.middlewareStack.add(
    () => async () => ({ output: { Successful: [{ Id: '0' }], $metadata: {} } as never, response: {} }),
    { step: 'initialize', priority: 'high' },
  );
};

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

const measure = async (body: string): Promise<number[]> => {
  const { handler } = await import('../../functions/webhook');
  const times: number[] = [];
  for (let call = 0; call < WARM_UP_CALLS + CALLS; call += 1) {
    const request = webhookRequest({ body });
    const start = performance.now();
    const { statusCode } = await handler(request, lambdaContext);
    if (statusCode !== 200) throw new Error(`The handler answered ${statusCode}.`);
    if (call >= WARM_UP_CALLS) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
};

const measureColdStart = async (): Promise<number> => {
  const start = performance.now();
  await withoutSqs();
  const { handler } = await import('../../functions/webhook');
  await handler(webhookRequest({ body: webhook({}) }), lambdaContext);
  return performance.now() - start;
};

const print = (label: string, text: string): void => {
  process.stdout.write(`${label.padEnd(24)}${text}\n`);
};

const main = async (): Promise<void> => {
  const coldMs = await measureColdStart();
  print('cold start, unbundled', `${coldMs.toFixed(0)} ms until answered (bound ${MAX_COLD_START_MS} ms)`);
  let isWithinBounds = coldMs <= MAX_COLD_START_MS;
  for (const [name, body] of Object.entries(CASES)) {
    const times = await measure(body);
    const [p50, p99, max] = [percentile(times, 0.5), percentile(times, 0.99), percentile(times, 1)];
    print(name, `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, max ${max.toFixed(2)} ms`);
    isWithinBounds &&= p99 <= MAX_P99_MS;
  }
  print('bound', `p99 ${MAX_P99_MS} ms besides the SQS call: ${isWithinBounds ? 'held' : 'BROKEN'}`);
  process.exitCode = isWithinBounds ? 0 : 1;
};

void main();
