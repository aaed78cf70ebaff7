// Takes requests and answers 200, in a process of its own so that its work is not counted with the bench's. Records for
// the archive it takes as Firehose does.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  const isForArchive = request.headers['x-amz-target'] !== undefined;
  request.on('data', (chunk: Buffer) => isForArchive && chunks.push(chunk));
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(isForArchive ? taken(Buffer.concat(chunks).toString()) : '{}');
  });
});

const taken = (body: string): string => {
  const { Records: records = [] } = JSON.parse(body) as { Records?: readonly unknown[] };
  return JSON.stringify({ FailedPutCount: 0, RequestResponses: records.map(() => ({ RecordId: 'r' })) });
};

server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
