// What an import is measured against: the same lines read, parsed and written to SQS by a bare loop that packs them as
// full as SQS allows, and keeps no account of anything.

import { createReadStream } from 'node:fs';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { linesOf } from '../../infra/cli/lines';

const MESSAGE_BYTES = 64_000;
const sqs = new SQSClient({});
const url = `${process.env['AWS_ENDPOINT_URL_SQS']}/0/events`;

const main = async (path: string): Promise<void> => {
  let entries: { Id: string; MessageBody: string }[] = [];
  let batch: string[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (entries.length === 0) return;
    const command = new SendMessageBatchCommand({ QueueUrl: url, Entries: entries });
    entries = [];
    await sqs.send(command);
  };
  const closeMessage = (): void => {
    entries.push({ Id: String(entries.length), MessageBody: `{"batch":[${batch.join(',')}]}` });
    batch = [];
    bytes = 0;
  };
  for await (const line of linesOf(createReadStream(path))) {
    const text = JSON.stringify(JSON.parse(line));
    if (bytes + text.length > MESSAGE_BYTES) closeMessage();
    if (entries.length === 10) await flush();
    batch.push(text);
    bytes += text.length;
  }
  closeMessage();
  await flush();
};

void main(process.argv[2] ?? '');
