import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import type { Answer } from '../../../lib/http/answer';
import type { Refusal } from '../../../lib/http/refusal';
import { answerAnalyticsJs, answerChunk, answerPlugin } from '../../../lib/ingest/analytics-js';
import { CUSTOMERIO_PLUGIN_SCRIPT } from '../../../lib/ingest/customerio-plugin/script';
import { findRoute } from '../../../lib/ingest/routes';

const FOLDER = join(__dirname, '../../../node_modules/@segment/analytics-next/dist/umd');
const ORIGINAL = readFileSync(join(FOLDER, 'standalone.js'), 'utf8');

const SOURCES = [{ name: 'web', writeKey: 'key', siteId: 'site', apiKey: 'hush' }];

beforeEach(() => {
  process.env['SOURCES'] = JSON.stringify(SOURCES);
});

const served = (result: Answer | Refusal): Answer => {
  if ('code' in result) throw new Error(result.message);
  return result;
};
const script = async (acceptEncoding: string | undefined) =>
  served(await answerAnalyticsJs('key', acceptEncoding));

const inflate = (base64: string | undefined): string =>
  gunzipSync(Buffer.from(base64 ?? '', 'base64')).toString('utf8');

describe('answerAnalyticsJs', () => {
  it("is Segment's own build, for browsers to keep", async () => {
    const answer = await script(undefined);

    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toEqual({
      'content-type': 'application/javascript; charset=utf-8',
      'cache-control': 'public, max-age=3600, stale-while-revalidate=86400',
      vary: 'Accept-Encoding, Origin',
    });
    expect(answer.body.endsWith(ORIGINAL)).toBe(true);
  });

  it('is compressed for who can read that', async () => {
    const plain = await script('br');
    const compressed = await script('gzip, deflate, br');

    expect(compressed).toMatchObject({ isBase64Encoded: true, headers: { 'content-encoding': 'gzip' } });
    expect(inflate(compressed.body)).toBe(plain.body);
    expect(compressed.body.length).toBeLessThan(ORIGINAL.length / 2);
  });

  describe('what it runs first', () => {
    const hostFoundFrom = async (src: string, analytics: { _cdn?: string } = {}): Promise<unknown> => {
      const answer = await script(undefined);
      const [prelude = ''] = answer.body.split('\n');
      const window = { analytics };
      const document = { currentScript: { src, getAttribute: () => null } };
      runInNewContext(prelude, { window, document });
      return window.analytics._cdn;
    };

    it('tells analytics.js its host where that is plain http', async () => {
      expect(await hostFoundFrom('http://localhost:3000/analytics.js/v1/key/analytics.min.js')).toBe(
        'http://localhost:3000',
      );
    });

    it('leaves https to analytics.js, and a host that the page has set', async () => {
      expect(
        await hostFoundFrom('https://relay.example.com/analytics.js/v1/key/analytics.min.js'),
      ).toBeUndefined();
      expect(
        await hostFoundFrom('http://localhost:3000/analytics.js/v1/key/analytics.min.js', { _cdn: 'set' }),
      ).toBe('set');
    });
  });
});

describe('answerChunk', () => {
  it('serves every part that analytics.js may load, for good', async () => {
    const chunks = readdirSync(FOLDER).filter((file) => /\.bundle\.[0-9a-f]+\.js$/.test(file));

    expect(chunks.length).toBeGreaterThan(5);
    for (const file of chunks) {
      expect(findRoute('GET', `/analytics-next/bundles/${file}`)).toMatchObject({
        route: { kind: 'analytics_js_chunk' },
        parameters: { file },
      });
      const answer = served(await answerChunk(file, undefined));
      expect(answer.body).toBe(readFileSync(join(FOLDER, file), 'utf8'));
      expect(answer.headers['cache-control']).toContain('immutable');
    }
  });

  it.each(['none.bundle.0000.js', 'standalone.js', '../../package.json', '', undefined])(
    'refuses %j, which is no part of it',
    async (file) => {
      expect(await answerChunk(file, undefined)).toMatchObject({ code: 'not_found' });
    },
  );
});

describe('answerPlugin', () => {
  it('is the script of device mode, for browsers to keep', () => {
    expect(answerPlugin(undefined)).toEqual({
      statusCode: 200,
      headers: {
        'content-type': 'application/javascript; charset=utf-8',
        'cache-control': 'public, max-age=3600, stale-while-revalidate=86400',
        vary: 'Accept-Encoding, Origin',
      },
      body: CUSTOMERIO_PLUGIN_SCRIPT,
    });
  });

  it('is compressed for who can read that', () => {
    const answer = answerPlugin('gzip');

    expect(answer).toMatchObject({ isBase64Encoded: true, headers: { 'content-encoding': 'gzip' } });
    expect(inflate(answer.body)).toBe(CUSTOMERIO_PLUGIN_SCRIPT);
  });
});
