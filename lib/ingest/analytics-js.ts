// Scripts for web pages. analytics.js for the classic snippet is Segment's own build from its npm package, read
// when it is first asked for, so that events do not pay for it: the package's files travel beside the bundle, not
// in it. The plugin of device mode is the relay's own, and small.

import { createRequire } from 'node:module';
import { servesAnalyticsJs } from '../config/environment';
import { type Answer, documentAnswer } from '../http/answer';
import { type Refusal, refuse } from '../http/refusal';
import { files, zlib } from './builtin';
import { CUSTOMERIO_PLUGIN_SCRIPT } from './customerio-plugin/script';
import { lookUpKeyOfDocument } from './key-of-document';
import { UNKNOWN_KEY_PATH } from './write-key';

const PACKAGE_FOLDER = '@segment/analytics-next/dist/umd';
const TYPE = 'application/javascript; charset=utf-8';
/** An hour: a new version of the package reaches every page within it. */
const SCRIPT_CACHE_CONTROL = 'public, max-age=3600, stale-while-revalidate=86400';
/** A chunk's name is the hash of its content. */
const CHUNK_CACHE_CONTROL = 'public, max-age=31536000, immutable';

/**
 * analytics.js finds the host it was loaded from only where that is https, and else asks Segment's for its
 * settings. This tells it the host of a plain http address too, as one has it on a developer's machine.
 */
const HTTP_HOST_PRELUDE = `(function(){var s=document.currentScript,m=s&&/^(http:\\/\\/.*)\\/analytics\\.js\\/v1\\//.exec(s.src);if(!m)return;var k=s.getAttribute("data-global-segment-analytics-key")||"analytics",a=window[k]=window[k]||[];a._cdn=a._cdn||m[1]})();\n`;

const NO_SCRIPT = refuse('not_found', 'There is no such script here. Events go to /v1/batch or /v1/{type}.');

/** Refused when the deployment serves no scripts, and when no source has the write key. */
export const answerAnalyticsJs = async (
  writeKey: string | undefined,
  acceptEncoding: string | undefined,
): Promise<Answer | Refusal> => {
  if (!servesAnalyticsJs()) return NO_SCRIPT;
  if ((await lookUpKeyOfDocument(writeKey)).kind === 'unknown') return UNKNOWN_KEY_PATH;
  return (await fileAnswer('standalone.js', SCRIPT_CACHE_CONTROL, acceptEncoding)) ?? NO_SCRIPT;
};

/** `file` is one segment of a path, as the request names it. */
export const answerChunk = async (
  file = '',
  acceptEncoding: string | undefined,
): Promise<Answer | Refusal> => {
  if (!servesAnalyticsJs() || !CHUNK_NAME.test(file)) return NO_SCRIPT;
  return (await fileAnswer(file, CHUNK_CACHE_CONTROL, acceptEncoding)) ?? NO_SCRIPT;
};

/** Device mode's, the same for every source: what it needs of one stands in the settings document. */
export const answerPlugin = (acceptEncoding: string | undefined): Answer =>
  scriptAnswer(pluginContent(), SCRIPT_CACHE_CONTROL, acceptEncoding);

/** What webpack names a chunk. Anything else could name a file that is none of the package's. */
const CHUNK_NAME = /^[\w-]+\.bundle\.[0-9a-f]+\.js$/;

const fileAnswer = async (
  file: string,
  cacheControl: string,
  acceptEncoding: string | undefined,
): Promise<Answer | undefined> => {
  const content = await loadFile(file);
  return content && scriptAnswer(content, cacheControl, acceptEncoding);
};

const scriptAnswer = (content: Content, cacheControl: string, acceptEncoding: string | undefined): Answer => {
  const isGzip = /\bgzip\b/.test(acceptEncoding ?? '');
  const answer = documentAnswer(isGzip ? content.gzipBase64 : content.text, TYPE, cacheControl);
  const headers = { ...answer.headers, vary: 'Accept-Encoding, Origin' };
  return isGzip
    ? { ...answer, headers: { ...headers, 'content-encoding': 'gzip' }, isBase64Encoded: true }
    : { ...answer, headers };
};

interface Content {
  readonly text: string;
  readonly gzipBase64: string;
}

const loaded = new Map<string, Content>();

const loadFile = async (file: string): Promise<Content | undefined> => {
  const known = loaded.get(file);
  if (known !== undefined) return known;
  const path = findFile(file);
  if (path === undefined) return undefined;
  const source = await files().readFile(path, 'utf8');
  const text = file === 'standalone.js' ? HTTP_HOST_PRELUDE + source : source;
  return keep(file, text);
};

const pluginContent = (): Content => loaded.get(PLUGIN_FILE) ?? keep(PLUGIN_FILE, CUSTOMERIO_PLUGIN_SCRIPT);

const PLUGIN_FILE = 'customerio.js';

const keep = (file: string, text: string): Content => {
  const content = { text, gzipBase64: zlib().gzipSync(text).toString('base64') };
  loaded.set(file, content);
  return content;
};

/** Looks where Node would look, from the bundle upwards; esbuild must not see it, or it would bundle it. */
const findFile = (file: string): string | undefined => {
  try {
    return createRequire(__filename).resolve(`${PACKAGE_FOLDER}/${file}`);
  } catch {
    return undefined;
  }
};
