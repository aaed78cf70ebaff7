// HTTP requests as API Gateway hands them to a function (payload format 2.0), and events as SDKs send them.

import type { APIGatewayProxyEventV2 } from 'aws-lambda';

export interface RequestOptions {
  readonly method?: string;
  readonly path?: string;
  readonly stage?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly isBase64Encoded?: boolean;
  readonly sourceIp?: string;
}

export const httpRequest = ({
  method = 'POST',
  path = '/v1/batch',
  stage = '$default',
  headers = {},
  query,
  body,
  isBase64Encoded = false,
  sourceIp = '203.0.113.7',
}: RequestOptions = {}): APIGatewayProxyEventV2 => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: path,
  rawQueryString: new URLSearchParams(query).toString(),
  headers: { host: 'relay.example.com', 'x-forwarded-proto': 'https', ...headers },
  ...(query === undefined ? {} : { queryStringParameters: { ...query } }),
  requestContext: {
    accountId: '000000000000',
    apiId: 'api',
    domainName: 'api.execute-api.us-east-1.amazonaws.com',
    domainPrefix: 'api',
    http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: 'test' },
    requestId: 'request-1',
    routeKey: '$default',
    stage,
    time: '24/Nov/2026:06:00:00 +0000',
    timeEpoch: 1_795_500_000_000,
  },
  ...(body === undefined ? {} : { body }),
  isBase64Encoded,
});

/** The same as a function URL hands it over: payload format 2.0 too, without a stage of the API or any path parameter. */
export const functionUrlRequest = (options: RequestOptions = {}): APIGatewayProxyEventV2 => {
  const host = 'abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws';
  const { headers, requestContext, ...request } = httpRequest(options);
  return {
    ...request,
    headers: { 'x-forwarded-port': '443', ...headers, host },
    requestContext: {
      ...requestContext,
      accountId: 'anonymous',
      apiId: 'abcdefghijklmnopqrstuvwxyz012345',
      domainName: host,
      domainPrefix: 'abcdefghijklmnopqrstuvwxyz012345',
    },
  };
};

/** A `track` call of analytics.js, with the context a browser gives it. */
export const browserTrack = (index: number) => ({
  timestamp: '2026-11-24T05:50:14.135Z',
  integrations: {},
  event: 'Product Added',
  type: 'track',
  properties: {
    cart_id: `cart-${index}`,
    product_id: `product-${index}`,
    sku: 'G-32',
    category: 'Games',
    name: 'Monopoly: 3rd Edition',
    brand: 'Hasbro',
    price: 18.99,
    quantity: 1,
    coupon: 'MAYDEALS',
    position: 3,
  },
  context: {
    page: {
      path: '/products/monopoly',
      referrer: 'https://www.example.com/search?q=games',
      search: '?utm_source=news&utm_campaign=spring',
      title: 'Monopoly: 3rd Edition - Example Shop',
      url: 'https://shop.example.com/products/monopoly?utm_source=news&utm_campaign=spring',
    },
    userAgent:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
    userAgentData: {
      brands: [
        { brand: 'Chromium', version: '156' },
        { brand: 'Not.A/Brand', version: '99' },
      ],
      mobile: false,
      platform: 'Linux',
    },
    locale: 'en-US',
    library: { name: 'analytics.js', version: 'npm:next-1.84.3' },
    timezone: 'Europe/Berlin',
    campaign: { source: 'news', name: 'spring' },
  },
  messageId: `ajs-next-1795499414135-${index}-4e0a9d6f-97d3-4f6e-b4ce`,
  anonymousId: '2f6d4a9e-3e0f-4d0a-9b7c-6f1e2d3c4b5a',
  userId: `user-${index}`,
  writeKey: 'bench-write-key',
  sentAt: '2026-11-24T05:50:14.140Z',
  _metadata: { bundled: ['Segment.io'], unbundled: [], bundledIds: [] },
});
