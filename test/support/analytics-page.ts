// Pages of a shop that uses analytics.js, by the npm package or by the classic snippet, each with nothing of
// Segment's changed but the host.

import type { ServerResponse } from 'node:http';
import { max as snippet } from '@segment/snippet';
import { build } from 'esbuild';
import { startServer, type TestServer } from './http-server';

export type Build = 'npm' | 'snippet';

export interface Batching {
  readonly size: number;
  /** Milliseconds. */
  readonly timeout: number;
}

export interface PageOptions {
  readonly build: Build;
  /** The address of the relay. */
  readonly endpoint: string;
  /** Default: each event at once. */
  readonly batching?: Batching;
  /** The page's content security policy; its own scripts have the nonce `NONCE`. */
  readonly policy?: string;
}

export const NONCE = 'b2dkZGl0eQ';

export interface Shop {
  /** Where a page with these options is. */
  pageUrl(options: PageOptions): string;
  close(): Promise<void>;
}

const WRITE_KEY = 'local';
const NPM_BUILD_PATH = '/npm-build.js';

export const startShop = async (): Promise<Shop> => {
  const npmBuild = await buildFromNpm();
  const server: TestServer = await startServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', server.url);
    if (pathname === NPM_BUILD_PATH) response.setHeader('content-type', 'text/javascript').end(npmBuild);
    else if (pathname === '/') sendPage(response, optionsOf(searchParams));
    else response.writeHead(404).end();
  });
  return {
    pageUrl: (options) => `${server.url}/?${new URLSearchParams({ options: JSON.stringify(options) })}`,
    close: server.close,
  };
};

const buildFromNpm = async (): Promise<Uint8Array> => {
  const source =
    "import { AnalyticsBrowser } from '@segment/analytics-next'; window.AnalyticsBrowser = AnalyticsBrowser;";
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: __dirname },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    logLevel: 'error',
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
};

const optionsOf = (params: URLSearchParams): PageOptions => JSON.parse(params.get('options') ?? '');

const sendPage = (response: ServerResponse, options: PageOptions): void => {
  if (options.policy !== undefined) response.setHeader('content-security-policy', options.policy);
  const script = options.build === 'npm' ? npmScript(options) : snippetScript(options);
  response.setHeader('content-type', 'text/html').end(`<!doctype html><title>Shop</title>${script}`);
};

const npmScript = (options: PageOptions): string => {
  const settings = JSON.stringify({ writeKey: WRITE_KEY, cdnURL: options.endpoint });
  return `<script nonce="${NONCE}" src="${NPM_BUILD_PATH}"></script>
<script nonce="${NONCE}">window.analytics = AnalyticsBrowser.load(${settings}, ${loadOptions(options)});</script>`;
};

/** It is made for https; on a developer's machine one changes the protocol along with the host. */
const snippetScript = (options: PageOptions): string => {
  const { protocol, host } = new URL(options.endpoint);
  const text = snippet({ host, apiKey: WRITE_KEY, load: false, page: false });
  return `<script nonce="${NONCE}">${text.replace('https:', protocol)}
analytics.load('${WRITE_KEY}', ${loadOptions(options)});</script>`;
};

const loadOptions = ({ batching }: PageOptions): string =>
  JSON.stringify(
    batching === undefined
      ? {}
      : { integrations: { 'Segment.io': { deliveryStrategy: { strategy: 'batching', config: batching } } } },
  );
