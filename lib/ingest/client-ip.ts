// The address that a request comes from: of whoever has connected, or what the deployment's own proxy says. Only a header
// that the deployment names is believed: any other may have been written by the sender.

import { isIP } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { clientIpHeader } from '../config/environment';

/** @returns undefined where the proxy's header holds no address: the proxy's own is nobody's. */
export const clientIp = ({ headers, requestContext }: APIGatewayProxyEventV2): string | undefined => {
  const header = clientIpHeader();
  if (header === undefined) return requestContext.http.sourceIp;
  // Of a list the last was added by the proxy next to us.
  const address = headers[header]?.split(',').at(-1)?.trim() ?? '';
  return isIP(address) === 0 ? undefined : address;
};
