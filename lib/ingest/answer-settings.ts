// The settings document, for the source whose write key stands in the path.

import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { basePath, publicApiHost } from '../config/environment';
import type { Lookup } from '../config/settings';
import type { Source } from '../config/source';
import { type Answer, documentAnswer } from '../http/answer';
import type { Refusal } from '../http/refusal';
import { lookUpKeyOfDocument } from './key-of-document';
import { ownAddress, SETTINGS_CACHE_CONTROL, settingsDocument } from './settings-document';
import { UNKNOWN_KEY_PATH } from './write-key';

/** @param prefix what stands before the path: stage and base path, or nothing. */
export const answerSettings = async (
  { headers, requestContext }: APIGatewayProxyEventV2,
  prefix: string,
  writeKey = '',
): Promise<Answer | Refusal> => {
  const found = await lookUpKeyOfDocument(writeKey);
  if (found.kind === 'unknown') return UNKNOWN_KEY_PATH;
  const host = headers['host'] ?? requestContext.domainName;
  const address = ownAddress(
    { forwardedProtocol: headers['x-forwarded-proto'], host, prefix: prefix || basePathOf(host) },
    publicApiHost(),
  );
  const document = settingsDocument({ writeKey, device: deviceSourceOf(found), ...address });
  return documentAnswer(JSON.stringify(document), 'application/json', SETTINGS_CACHE_CONTROL);
};

/**
 * The source when it is in device mode. Of one that is left out for a mistake nothing is known: its pages leave all
 * to the relay until it is mended.
 */
const deviceSourceOf = (found: Lookup): Source | undefined =>
  found.kind === 'source' && found.source.connectionMode === 'device' ? found.source : undefined;

/**
 * The base path, where API Gateway has not handed it on. It belongs to a domain of your own, never to API
 * Gateway's.
 */
const basePathOf = (host: string): string => (host.includes('.execute-api.') ? '' : basePath());
