// The measuring process of ingest.bench.ts, which bundles it: both handlers in turns, SQS answering at once.

import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { handler } from '../../functions/ingest';
import { sqs } from '../../lib/queue/client';
import { browserTrack, httpRequest } from '../support/http-request';
import { median, printResult, quiet } from './measure';

const ROUNDS = 1_000;
const EVENTS = 100;
const MAX_RATIO = 1.6;

type Handler = (request: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

const QUEUE_URL = 'https://sqs.us-east-1.amazonaws.com/000000000000/events';

const bareHandler: Handler = async (request) => {
  const MessageBody = JSON.stringify(JSON.parse(request.body ?? ''));
  const Entries = [{ Id: '0', MessageBody }];
  await sqs.send(new SendMessageBatchCommand({ QueueUrl: process.env['QUEUE_URL'], Entries }));
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: '{"success":true}' };
};

/** Neither handler waits for anything, so that the time on the clock is CPU; a median forgets interruptions. */
const timeUs = async (run: Handler, requests: readonly APIGatewayProxyEventV2[]): Promise<number> => {
  const start = process.hrtime.bigint();
  for (const request of requests) {
    const { statusCode } = await run(request);
    if (statusCode !== 200) throw new Error(`answered ${statusCode}`);
  }
  return Number(process.hrtime.bigint() - start) / 1_000 / requests.length;
};

const compare = async (name: string, requests: readonly APIGatewayProxyEventV2[]): Promise<number> => {
  const bare: number[] = [];
  const own: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await timeUs(bareHandler, requests));
    own.push(await timeUs(handler, requests));
  }
  // Of each round, whose two halves had the same machine to themselves.
  const ratio = median(own.map((us, round) => us / (bare[round] ?? Number.NaN)));
  const quietRatio = quiet(own) / quiet(bare);
  const verdict = ratio <= MAX_RATIO ? 'ok' : `over ${MAX_RATIO}`;
  console.log(
    `${name}: bare ${median(bare).toFixed(1)} µs, ingest ${ratio.toFixed(2)} times that, ${quietRatio.toFixed(2)} in the quiet rounds (${verdict})`,
  );
  printResult({ name: `ingest ${name}`, ratio: 1 / quietRatio });
  return ratio;
};

const stubSqs = (): void => {
  Object.assign(sqs, {
    send: async ({ input }: SendMessageBatchCommand) => ({
      Successful: input.Entries?.map(({ Id }) => ({ Id })),
    }),
  });
};

const main = async (): Promise<void> => {
  process.env['QUEUE_URL'] = QUEUE_URL;
  process.env['SOURCES'] = JSON.stringify([
    { name: 'bench', writeKey: 'bench-write-key', siteId: 'site', apiKey: 'key' },
  ]);
  stubSqs();
  const headers = { authorization: `Basic ${btoa('bench-write-key:')}` };
  const events = Array.from({ length: EVENTS }, (_, index) => browserTrack(index));
  const singles = events.map((event) => httpRequest({ path: '/v1/t', headers, body: JSON.stringify(event) }));
  const batch = httpRequest({ path: '/v1/batch', headers, body: JSON.stringify({ batch: events }) });
  const ratios = [
    await compare('one event', singles),
    await compare('batch of 100', [batch, batch, batch, batch]),
  ];
  process.exitCode = ratios.every((ratio) => ratio <= MAX_RATIO) ? 0 : 1;
};

void main();
