import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import { analyticsJsAnswer, analyticsJsChunkAnswer } from '../../../lib/ingest/analytics-js';
import { findRoute } from '../../../lib/ingest/routes';

const FOLDER = join(__dirname, '../../../node_modules/@segment/analytics-next/dist/umd');
const ORIGINAL = readFileSync(join(FOLDER, 'standalone.js'), 'utf8');

const inflate = (base64: string | undefined): string =>
  gunzipSync(Buffer.from(base64 ?? '', 'base64')).toString('utf8');

describe('analyticsJsAnswer', () => {
  it("is Segment's own build, for browsers to keep", async () => {
    const answer = await analyticsJsAnswer(undefined);

    expect(answer?.statusCode).toBe(200);
    expect(answer?.headers).toEqual({
      'content-type': 'application/javascript; charset=utf-8',
      'cache-control': 'public, max-age=3600, stale-while-revalidate=86400',
      vary: 'Accept-Encoding, Origin',
    });
    expect(answer?.body.endsWith(ORIGINAL)).toBe(true);
  });

  it('is compressed for who can read that', async () => {
    const plain = await analyticsJsAnswer('br');
    const compressed = await analyticsJsAnswer('gzip, deflate, br');

    expect(compressed).toMatchObject({ isBase64Encoded: true, headers: { 'content-encoding': 'gzip' } });
    expect(inflate(compressed?.body)).toBe(plain?.body);
    expect(compressed?.body.length ?? 0).toBeLessThan(ORIGINAL.length / 2);
  });

  describe('what it runs first', () => {
    const hostFoundFrom = async (src: string, analytics: { _cdn?: string } = {}): Promise<unknown> => {
      const answer = await analyticsJsAnswer(undefined);
      const [prelude = ''] = answer?.body.split('\n') ?? [];
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

describe('analyticsJsChunkAnswer', () => {
  it('serves every part that analytics.js may load, for good', async () => {
    const chunks = readdirSync(FOLDER).filter((file) => /\.bundle\.[0-9a-f]+\.js$/.test(file));

    expect(chunks.length).toBeGreaterThan(5);
    for (const file of chunks) {
      expect(findRoute('GET', `/analytics-next/bundles/${file}`)).toEqual({
        kind: 'analytics_js_chunk',
        file,
      });
      const answer = await analyticsJsChunkAnswer(file, undefined);
      expect(answer?.body).toBe(readFileSync(join(FOLDER, file), 'utf8'));
      expect(answer?.headers['cache-control']).toContain('immutable');
    }
  });

  it('has no answer for a part that is not there', async () => {
    expect(await analyticsJsChunkAnswer('none.bundle.0000.js', undefined)).toBeUndefined();
  });
});
