import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { readBody } from '../../../lib/ingest/read-body';
import { MAX_BODY_BYTES } from '../../../lib/ingest/request-limits';
import { startCpuClock } from '../../support/cpu';

const base64 = (bytes: Buffer | string) => ({
  body: Buffer.from(bytes).toString('base64'),
  isBase64Encoded: true,
});

describe('readBody', () => {
  it('takes text as it is', () => {
    expect(readBody({ body: '{"a":"ü"}', isBase64Encoded: false })).toBe('{"a":"ü"}');
  });

  it('decodes base64, as API Gateway sends what it does not take for text', () => {
    expect(readBody(base64('{"a":"ü🎉"}'))).toBe('{"a":"ü🎉"}');
  });

  it('inflates gzip by its first bytes, whatever the headers say', () => {
    expect(readBody(base64(gzipSync('{"a":"ü"}')))).toBe('{"a":"ü"}');
  });

  it.each([undefined, null, ''])('reads no body (%p) as empty', (body) => {
    expect(readBody({ body })).toBe('');
  });

  it('drops a byte order mark', () => {
    expect(readBody({ body: '\uFEFF{}' })).toBe('{}');
    expect(readBody(base64('\uFEFF{}'))).toBe('{}');
  });

  describe('of bytes that are no UTF-8', () => {
    const asLatin1 = Buffer.from('{"a":"caf\xe9 \x80"}', 'latin1');
    const utf16 = Buffer.from('{"a":"ü🎉"}', 'utf16le');
    const marked = Buffer.from('\uFEFF["ü🎉"]', 'utf16le');
    const typed = (type: string) => ({ headers: { 'content-type': type } });

    it.each(['iso-8859-1', 'ISO-8859-1', '"latin1"', 'windows-1252 ; x=1'])(
      'reads the charset %s that the content type names',
      (charset) => {
        const headers = typed(`application/json; charset=${charset}`);

        expect(readBody({ ...base64(asLatin1), ...headers })).toBe('{"a":"café €"}');
        expect(readBody({ ...base64(gzipSync(asLatin1)), ...headers })).toBe('{"a":"café €"}');
      },
    );

    it.each(['application/json', 'application/json; charset=utf-8', 'text/plain; charset=klingon'])(
      'guesses no charset where the content type is %j',
      (type) => {
        expect(readBody({ ...base64(asLatin1), ...typed(type) })).toBe('{"a":"caf\uFFFD \uFFFD"}');
      },
    );

    it('takes what is UTF-8 for that, whatever the content type says', () => {
      expect(readBody({ ...base64('{"a":"é"}'), ...typed('text/plain; charset=iso-8859-1') })).toBe(
        '{"a":"é"}',
      );
    });

    it.each([
      ['of the order of Windows', utf16, '{"a":"ü🎉"}'],
      ['of the other order', Buffer.from(utf16).swap16(), '{"a":"ü🎉"}'],
      ['with a byte order mark', marked, '["ü🎉"]'],
      ['with one of the other order', Buffer.from(marked).swap16(), '["ü🎉"]'],
    ])('knows UTF-16 %s by its first two bytes, whatever the headers say', (_, bytes, text) => {
      expect(readBody(base64(bytes))).toBe(text);
      expect(readBody({ ...base64(gzipSync(bytes)), ...typed('application/json; charset=utf-8') })).toBe(
        text,
      );
    });

    it('reads UTF-16 that a gateway took for text, where nothing of it is lost by that', () => {
      const ascii = Buffer.from('{"a":"b"}', 'utf16le');

      expect(readBody({ body: ascii.toString() })).toBe('{"a":"b"}');
      expect(readBody({ body: Buffer.from(ascii).swap16().toString() })).toBe('{"a":"b"}');
      expect(readBody({ body: utf16.toString() })).toBe(utf16.toString());
    });

    it('reads what is left of such gzip that lost its end', () => {
      expect(readBody(base64(gzipSync(utf16).subarray(0, -6)))).toBe('{"a":"ü🎉"}');
    });
  });

  it.each([
    ['text', (text: string) => ({ body: text })],
    ['base64', (text: string) => base64(text)],
    ['gzip', (text: string) => base64(gzipSync(text))],
  ])('takes %s up to the limit in bytes and refuses it beyond', (_, toBody) => {
    const atLimit = 'ü'.repeat(MAX_BODY_BYTES / 2);

    expect(readBody(toBody(atLimit))).toBe(atLimit);
    expect(readBody(toBody(`${atLimit}x`))).toMatchObject({ kind: 'refused', code: 'payload_too_large' });
  });

  it('refuses a body that inflates to gigabytes without inflating it', () => {
    const layer = gzipSync(Buffer.alloc(16 * 1024 * 1024));
    const bomb = base64(Buffer.concat(Array.from({ length: 64 }, () => layer)));
    const before = process.memoryUsage().arrayBuffers;

    const spentMs = startCpuClock();
    const result = readBody(bomb);

    expect(result).toMatchObject({ code: 'payload_too_large' });
    expect(spentMs()).toBeLessThan(500);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
  });

  it('reads what is left of gzip that lost its end', () => {
    expect(readBody(base64(gzipSync('{"batch":[]}').subarray(0, -6)))).toBe('{"batch":[]}');
    expect(readBody(base64(gzipSync('{"batch":[]}').subarray(0, -12)))).toMatch(/^\{"/);
  });

  it.each([
    ['of another checksum', Buffer.concat([gzipSync('{"batch":[]}').subarray(0, -8), Buffer.alloc(8)])],
    ['followed by something else', Buffer.concat([gzipSync('{"batch":[]}'), Buffer.from('garbage')])],
    ['only its first bytes', Buffer.from([0x1f, 0x8b])],
  ])('keeps the bytes of gzip that is %s', (_, bytes) => {
    expect(readBody(base64(bytes))).toEqual({
      kind: 'damaged',
      text: bytes.toString('base64'),
      why: ' (its gzip is damaged)',
    });
  });

  describe('of gzip that a gateway took for text', () => {
    const gzip = gzipSync('{"batch":["ü"]}');
    const LOST = { kind: 'refused', code: 'body_encoding_lost' };

    it.each([
      ['a character for each byte', gzip.toString('latin1')],
      ['base64 without its flag', gzip.toString('base64')],
      ['base64 with a line end', `${gzip.toString('base64')}\n`],
    ])('reads %s, for nothing of it is lost', (_, body) => {
      expect(readBody({ body })).toBe('{"batch":["ü"]}');
    });

    it('tells broken bytes from bad JSON', () => {
      const body = gzip.toString('utf8');

      expect(readBody({ body })).toMatchObject(LOST);
      expect(readBody(base64(body))).toMatchObject(LOST);
    });

    it.each([
      ['br', brotliCompressSync('{"batch":[]}'.repeat(20))],
      ['deflate', deflateSync('{"batch":[]}')],
    ])('tells it of %s by its header', (encoding, bytes) => {
      const body = bytes.toString('utf8');

      expect(readBody({ body, headers: { 'content-encoding': encoding } })).toMatchObject(LOST);
      expect(readBody({ body, headers: { 'content-encoding': 'identity' } })).toBe(body);
      expect(readBody({ body })).toBe(body);
    });

    it.each([
      ['br', brotliCompressSync('{"batch":[]}'.repeat(20))],
      ['deflate', deflateSync('{"batch":[]}')],
    ])('keeps the bytes of %s that came whole: no later try would have it read', (encoding, bytes) => {
      expect(readBody({ ...base64(bytes), headers: { 'content-encoding': encoding } })).toEqual({
        kind: 'damaged',
        text: bytes.toString('base64'),
        why: ' (it is compressed, and not by gzip)',
      });
    });

    it('does not say so of JSON whose header was left behind by what inflated it, nor of its U+FFFD', () => {
      const body = '{"batch":["\uFFFD"]}';

      expect(readBody({ body, headers: { 'content-encoding': 'gzip' } })).toBe(body);
    });
  });

  it('does not take other compressions for text that could be JSON', () => {
    expect(() => JSON.parse(readBody(base64(deflateSync('{}'))) as string)).toThrow(SyntaxError);
  });
});
