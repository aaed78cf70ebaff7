// The recordings of real clients under test/fixtures/requests, and how API Gateway hands such a request on.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { httpRequest } from './http-request';

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** All but `host`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body's bytes as they were sent. */
  readonly bodyBase64: string;
}

const FOLDER = join(__dirname, '../fixtures/requests');

export const RECORDED_CLIENTS = readdirSync(FOLDER).map((file) => file.replace('.json', ''));

export const recordedRequests = (client: string): readonly RecordedRequest[] =>
  JSON.parse(readFileSync(join(FOLDER, `${client}.json`), 'utf8'));

/** API Gateway gives text and JSON as a string, everything else as base64. */
const TEXT_TYPE = /^(text\/|application\/(json|javascript|xml))/;

export const asApiGatewayEvent = (recorded: RecordedRequest): APIGatewayProxyEventV2 => {
  const { method, path, headers, bodyBase64 } = recorded;
  const isText = TEXT_TYPE.test(headers['content-type'] ?? '');
  const body = isText ? Buffer.from(bodyBase64, 'base64').toString('utf8') : bodyBase64;
  return httpRequest({ method, path, headers, body, isBase64Encoded: !isText });
};

/** The batch as the client meant it. */
export const recordedBatch = ({ headers, bodyBase64 }: RecordedRequest): readonly unknown[] => {
  const bytes = Buffer.from(bodyBase64, 'base64');
  const text = headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
  return JSON.parse(text.toString('utf8')).batch;
};
