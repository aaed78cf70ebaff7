// The HTTP API as SDKs meet it: whether it answers, and with --send what it says to four requests.

import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Source } from '../../../lib/config/source';
import { MAX_EVENT_BYTES } from '../../../lib/event/segment-limits';
import { bad, type Finding, good, lookAt } from './finding';
import { ANSWERS_WITHIN_MS, describeNetwork } from './look-at-workspaces';

const CHECK_URL =
  'Check the URL: `npx serverless info --stage <stage>` shows it. With a domain of your own: --endpoint https://….';

/** Lambda's own answer, where one of the two permissions is missing or an organisation forbids both. */
const OPEN_URL =
  'Deploy the stage again: its function URL lacks lambda:InvokeFunctionUrl or lambda:InvokeFunction for everybody. Else a policy of your organisation forbids it.';

export const lookAtEndpoint = (url: string): Promise<readonly Finding[]> =>
  lookAt('HTTP API', async () => [
    await answers({ url: `${url}/health`, about: 'HTTP API', status: 200, request: {} }),
  ]);

/** A gateway may decide by either header whether a body is bytes. */
const AS_BYTES = { 'content-encoding': 'gzip', 'content-type': 'application/octet-stream' };

/** Sends four requests, which leave two events of the person `relay-doctor`. */
export const tryEndpoint = (url: string, { writeKey }: Source): Promise<Finding[]> => {
  const event = {
    userId: 'relay-doctor',
    event: 'Relay Checked',
    context: { library: { name: 'relay-doctor' } },
  };
  const plain = Buffer.from(JSON.stringify(event));
  // The same messageId in both gzip requests makes them one event.
  const gzip = gzipSync(JSON.stringify({ ...event, messageId: randomUUID() }));
  const oversized = Buffer.from(
    JSON.stringify({ ...event, properties: { text: 'x'.repeat(MAX_EVENT_BYTES) } }),
  );
  const tries = [
    ['a plain request', 200, plain, {}],
    ['a gzip request', 200, gzip, { 'content-encoding': 'gzip' }],
    ['a gzip request as bytes', 200, gzip, AS_BYTES],
    ['an oversized request', 400, oversized, {}],
  ] as const;
  const authorization = `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`;
  return Promise.all(
    tries.map(([what, status, body, encoding]) => {
      const headers = { 'content-type': 'application/json', authorization, ...encoding };
      const request = { method: 'POST', headers, body };
      return answers({ url: `${url}/v1/track`, about: `HTTP API, ${what}`, status, request });
    }),
  );
};

interface Try {
  readonly url: string;
  readonly about: string;
  /** The status that the answer should have. */
  readonly status: number;
  readonly request: RequestInit;
}

const MAX_SHOWN_CHARACTERS = 200;

const answers = async ({ url, about, status, request }: Try): Promise<Finding> => {
  try {
    const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
    const text = (await answer.text()).slice(0, MAX_SHOWN_CHARACTERS);
    if (answer.status === status) return good(about, `answered ${status}, as it should`);
    return bad(
      about,
      `${url} answered ${answer.status} instead of ${status}: ${text}`,
      remedyFor(answer.status, text),
    );
  } catch (error) {
    return bad(about, `${url}: ${describeNetwork(error)}`, CHECK_URL);
  }
};

const remedyFor = (status: number, text: string): string => {
  if (text.includes('body_encoding_lost'))
    return 'docs/operations.md, body-encoding-lost: something before the function takes gzip for text.';
  if (status === 401) return 'The API has other settings than these: wait five minutes, or look at its log.';
  if (status === 403 && text.includes('Function URL')) return OPEN_URL;
  if (status === 404 || status === 403) return CHECK_URL;
  if (status === 429) return 'It lets no more through: docs/operations.md, Scaling and the rate.';
  return 'Its log says why; the last errors of a stage stand above: docs/operations.md, Alarms.';
};
