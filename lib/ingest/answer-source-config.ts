// What RudderStack's SDKs ask their control plane for, each time an app or a page starts: whether the source is
// enabled, and which products the app itself sends to. Without an answer those of phones keep their events back, so an
// app can leave RudderStack only where its relay answers this too.

import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type Answer, documentAnswer } from '../http/answer';
import type { Refusal } from '../http/refusal';
import { lookUpKeyOfDocument } from './key-of-document';
import { basicUser, UNKNOWN_KEY } from './write-key';

export const answerSourceConfig = async ({
  headers,
  queryStringParameters,
}: APIGatewayProxyEventV2): Promise<Answer | Refusal> => {
  const writeKey = basicUser(headers['authorization']) || queryStringParameters?.['writeKey'] || '';
  if ((await lookUpKeyOfDocument(writeKey)).kind === 'unknown') return UNKNOWN_KEY;
  // The key is in a header, so that a cache would give one source's to another. The SDKs keep it themselves.
  return documentAnswer(JSON.stringify(sourceConfig(writeKey)), 'application/json', 'no-store');
};

/** Kotlin's SDK reads none that lacks any of these fields. The time never changes, as nothing else here does. */
const sourceConfig = (writeKey: string) => ({
  source: {
    id: 'relay',
    name: 'relay',
    writeKey,
    workspaceId: 'relay',
    enabled: true,
    updatedAt: '2026-01-01T00:00:00.000Z',
    config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
    destinations: [],
  },
});
