// The page as files: bundled once, when it is first asked for, by the esbuild that bundles the functions. The
// mapping runs in the page as it is; what it takes of Node is replaced here, at the edge, and nowhere in the mapping.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

const PAGE = join(__dirname, '../page');

/** Required apart: what loads the local stack's TypeScript gives modules names in which esbuild does not find its binary. */
const loadEsbuild = (): typeof import('esbuild') => createRequire(join(PAGE, 'main.tsx'))('esbuild');

export interface PageFile {
  readonly type: string;
  readonly body: Uint8Array | string;
}

export type PageFiles = ReadonlyMap<string, PageFile>;

/** Nothing from elsewhere, no inline script, nothing that frames it. uPlot and virtual rows set styles by script. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** By their path under the page's own. */
export const buildPageFiles = async (isPlayground = false): Promise<PageFiles> => {
  const { outputFiles } = await loadEsbuild().build({
    entryPoints: { app: join(PAGE, isPlayground ? 'playground.tsx' : 'main.tsx') },
    bundle: true,
    minify: true,
    write: false,
    outdir: '/',
    // A module is not loaded from a file, and the playground may be opened as one.
    format: 'iife',
    platform: 'browser',
    target: 'es2023',
    charset: 'utf8',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    inject: [join(PAGE, 'node/buffer.ts')],
    plugins: [nodeSubstitutes],
    logLevel: 'error',
  });
  const files = new Map<string, PageFile>([
    ['index.html', { type: 'text/html; charset=utf-8', body: html(isPlayground ? './' : './console/') }],
  ]);
  for (const { path, contents } of outputFiles) {
    const name = path.endsWith('.css') ? 'app.css' : 'app.js';
    files.set(name, { type: TYPES[name], body: contents });
  }
  return files;
};

const TYPES = { 'app.css': 'text/css; charset=utf-8', 'app.js': 'text/javascript; charset=utf-8' };

const nodeSubstitutes: Plugin = {
  name: 'node-substitutes',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^node:crypto$/ }, () => ({ path: join(PAGE, 'node/crypto.ts') }));
  },
};

const html = (base: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>cio-relay</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%230b7a5b'/%3E%3Cpath d='M4 8h7m-3-3 3 3-3 3' fill='none' stroke='white' stroke-width='2'/%3E%3C/svg%3E">
<link rel="stylesheet" href="${base}app.css">
</head>
<body><div id="app"><noscript>This page needs JavaScript.</noscript></div><script defer src="${base}app.js"></script></body>
</html>
`;
