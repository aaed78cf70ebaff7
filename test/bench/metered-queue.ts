// An SQS that keeps what is sent, and counts each call as AWS bills it. For the functions' own calls over HTTP, and for the
// event source, which is Lambda's and calls in this process.

import { createHash } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import type { SQSRecord } from 'aws-lambda';
import { BILLING_UNIT_BYTES, MAX_BATCH_ENTRIES } from '../../lib/queue/sqs-limits';
import { startServer } from '../support/http-server';
import { recordOf } from '../support/sqs-record';

/** Every begun 64 KiB of a call are one request on the bill. */
export type SqsUnits = Readonly<Record<'send' | 'receive' | 'delete' | 'other', number>>;

export interface MeteredQueue {
  readonly url: string;
  readonly endpoint: string;
  units(): SqsUnits;
  /** What has come since it was asked last, without counting anything. */
  arrived(): SQSRecord[];
  /** What Lambda calls to get these messages and, once they are handled, to be rid of them. */
  bill(handled: readonly SQSRecord[]): void;
  reset(): void;
  close(): Promise<void>;
}

interface Entry {
  readonly Id: string;
  readonly MessageBody?: string;
  readonly MessageGroupId?: string;
  readonly MessageAttributes?: Readonly<Record<string, { DataType: string; StringValue: string }>>;
}

export const billedUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / BILLING_UNIT_BYTES));

const NONE: SqsUnits = { send: 0, receive: 0, delete: 0, other: 0 };

/** @param answerMs how long SQS takes to answer. */
export const startMeteredQueue = async (answerMs: number): Promise<MeteredQueue> => {
  let units = NONE;
  let records: SQSRecord[] = [];
  let messages = 0;
  const count = (kind: keyof SqsUnits, bytes: number): void => {
    units = { ...units, [kind]: units[kind] + billedUnits(bytes) };
  };
  const take = (entry: Entry): SQSRecord => {
    messages += 1;
    const attributes = Object.entries(entry.MessageAttributes ?? {}).map(([name, { StringValue }]) => [
      name,
      StringValue,
    ]);
    return recordOf({
      messageId: `m${messages}`,
      body: entry.MessageBody,
      attributes: Object.fromEntries(attributes),
    });
  };
  const server = await startServer(async (request, response) => {
    const action = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const { Entries: entries = [] } = (await json(request)) as { readonly Entries?: readonly Entry[] };
    await setTimeout(answerMs);
    if (action === 'SendMessageBatch') {
      const sent = entries.map(take);
      count('send', bytesOf(sent));
      records.push(...sent);
    } else count(action.startsWith('DeleteMessage') ? 'delete' : 'other', 0);
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify({ Successful: entries.map(answerTo), Failed: [] }));
  });
  return {
    url: `${server.url}/0/events`,
    endpoint: server.url,
    units: () => units,
    arrived: () => {
      const all = records;
      records = [];
      return all;
    },
    bill: (handled) => {
      for (let from = 0; from < handled.length; from += MAX_BATCH_ENTRIES) {
        count('receive', bytesOf(handled.slice(from, from + MAX_BATCH_ENTRIES)));
        count('delete', 0);
      }
    },
    reset: () => {
      units = NONE;
      records = [];
    },
    close: server.close,
  };
};

const answerTo = ({ Id, MessageBody = '' }: Entry) => ({
  Id,
  MessageId: Id,
  MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
});

/** Of a message SQS counts the body, and names, types and values of the attributes. */
const bytesOf = (records: readonly SQSRecord[]): number =>
  records.reduce((sum, { body, messageAttributes }) => {
    const attributes = Object.entries(messageAttributes).flatMap(([name, { dataType, stringValue = '' }]) => [
      name,
      dataType,
      stringValue,
    ]);
    return sum + Buffer.byteLength(body) + Buffer.byteLength(attributes.join(''));
  }, 0);
