import fc from 'fast-check';
import { checkSignature, sign } from '../../../lib/webhook/webhook-signature';

const KEY = 's3cr3t-signing-key';
const OTHER_KEY = 'clé-ключ';
const TIMESTAMP = '1613063089';
const SENT_MS = 1_613_063_089_000;

const settings = (webhookSigningKeys: string[], webhookReplayWindowSeconds = 0) => ({
  webhookSigningKeys,
  webhookReplayWindowSeconds,
});

const JSON_BODY = Buffer.from(
  '{"metric":"sent","event_id":"01E4C4CT6YDC7Y5M7FE1GWWPQJ","object_type":"email"}',
);
const UTF8_BODY = Buffer.from('{ "subject" : "Grüße 👋" }\n');
/** No UTF-8: a signature over decoded text would differ. */
const BINARY_BODY = Buffer.from('//4AAWJpbmFyeQ==', 'base64');

/** Made by `(printf 'v0:1613063089:'; cat body) | openssl dgst -sha256 -hmac key`, not by this code. */
const VECTORS = [
  ['a JSON body', KEY, JSON_BODY, 'c57e88fc1583025741ba303e0e60a2cbfdd9f935ced70627ac6440885d2d5270'],
  ['a JSON body', OTHER_KEY, JSON_BODY, '0289871dcb775265a9bfe947409a699126b8a3c7bbd4ad0f9f93b783afd2a31b'],
  ['an empty body', KEY, Buffer.alloc(0), 'f62aa2b7263aee41e5cd81ae3b886418e7ef663d77583db63c315111f04bafc2'],
  [
    'UTF-8 and whitespace',
    KEY,
    UTF8_BODY,
    '3819d92d72ede9f2afc0b53f7b8443e923891536fc843fa598e413b3cc523655',
  ],
  [
    'UTF-8 and whitespace',
    OTHER_KEY,
    UTF8_BODY,
    'cba0eb032b6dd02fbc6bfee4e14a1ebcfc4515816e189b41d4bea5f8ac86f642',
  ],
  [
    'bytes that are no text',
    KEY,
    BINARY_BODY,
    '33ec2a807f86a4b5b74006e2b3dc818b2994592c4ab4ab089a76420d4cf25eef',
  ],
] as const;

const SIGNATURE = VECTORS[0][3];

describe('the signature of a reporting webhook', () => {
  it.each(VECTORS)('%s, signed with %s, is valid', (_, key, body, signature) => {
    const request = { signature, timestamp: TIMESTAMP, body };

    expect(checkSignature(request, settings([key]), SENT_MS)).toBe('valid');
    expect(sign(key, TIMESTAMP, body).toString('hex')).toBe(signature);
  });

  it('upper-case hex is the same signature', () => {
    const request = { signature: SIGNATURE.toUpperCase(), timestamp: TIMESTAMP, body: JSON_BODY };

    expect(checkSignature(request, settings([KEY]), SENT_MS)).toBe('valid');
  });

  it.each([
    ['the first', [KEY, OTHER_KEY]],
    ['the last', [OTHER_KEY, 'third', KEY]],
  ])('while a key is changed, %s of several may have signed', (_, keys) => {
    const request = { signature: SIGNATURE, timestamp: TIMESTAMP, body: JSON_BODY };

    expect(checkSignature(request, settings(keys), SENT_MS)).toBe('valid');
  });

  it.each([
    ['no signature', { signature: undefined }, 'no_signature'],
    ['an empty signature', { signature: '' }, 'no_signature'],
    ['no timestamp', { timestamp: undefined }, 'no_signature'],
    ['another timestamp', { timestamp: '1613063090' }, 'wrong_signature'],
    ['a timestamp written otherwise', { timestamp: '01613063089' }, 'wrong_signature'],
    ['another body', { body: Buffer.from(`${JSON_BODY.toString()} `) }, 'wrong_signature'],
    ['a shortened signature', { signature: SIGNATURE.slice(0, 62) }, 'wrong_signature'],
    ['a lengthened signature', { signature: `${SIGNATURE}00` }, 'wrong_signature'],
    ['a signature that is no hex', { signature: `z${SIGNATURE.slice(1)}` }, 'wrong_signature'],
    ['a signature with the scheme in front', { signature: `v0=${SIGNATURE}` }, 'wrong_signature'],
  ])('%s is refused', (_, over, expected) => {
    const request = { signature: SIGNATURE, timestamp: TIMESTAMP, body: JSON_BODY, ...over };

    expect(checkSignature(request, settings([KEY]), SENT_MS)).toBe(expected);
  });

  it('the signature is of one timestamp and one body: the colon between them cannot be moved', () => {
    const text = JSON_BODY.toString();
    const colons = [...text.matchAll(/:/g)].map(({ index }) => index);

    expect(colons.length).toBeGreaterThan(2);
    for (const colon of colons) {
      const timestamp = `${TIMESTAMP}:${text.slice(0, colon)}`;
      const body = Buffer.from(text.slice(colon + 1));

      expect(sign(KEY, timestamp, body).toString('hex')).toBe(SIGNATURE);
      expect(checkSignature({ signature: SIGNATURE, timestamp, body }, settings([KEY]), SENT_MS)).toBe(
        'wrong_signature',
      );
    }
  });

  it.each(['yesterday', '1613063089.5', ' 1613063089', '-1', '1e9', '0x10'])(
    'a signed timestamp that is not digits alone (%j) is refused',
    (timestamp) => {
      const signature = sign(KEY, timestamp, JSON_BODY).toString('hex');

      expect(checkSignature({ signature, timestamp, body: JSON_BODY }, settings([KEY]), SENT_MS)).toBe(
        'wrong_signature',
      );
    },
  );

  it('a source without a key accepts nothing', () => {
    const request = { signature: SIGNATURE, timestamp: TIMESTAMP, body: JSON_BODY };

    expect(checkSignature(request, settings([]), SENT_MS)).toBe('no_signing_key');
  });

  it('one changed bit anywhere in body or signature is refused', () => {
    const signature = Buffer.from(SIGNATURE, 'hex');
    const flip = (bytes: Buffer, bit: number): Buffer => {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return flipped;
    };

    fc.assert(
      fc.property(fc.nat(JSON_BODY.length * 8 - 1), fc.nat(255), (bodyBit, signatureBit) => {
        const request = { timestamp: TIMESTAMP, body: JSON_BODY, signature: SIGNATURE };
        const changedBody = { ...request, body: flip(JSON_BODY, bodyBit) };
        const changedSignature = { ...request, signature: flip(signature, signatureBit).toString('hex') };

        expect(checkSignature(changedBody, settings([KEY]), SENT_MS)).toBe('wrong_signature');
        expect(checkSignature(changedSignature, settings([KEY]), SENT_MS)).toBe('wrong_signature');
      }),
    );
  });

  it('for any body and keys it holds exactly when one of the keys has signed', () => {
    const key = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(fc.uint8Array(), key, fc.array(key), fc.nat(), (bytes, signer, keys, seconds) => {
        const timestamp = String(seconds);
        const request = { signature: sign(signer, timestamp, bytes).toString('hex'), timestamp, body: bytes };

        expect(checkSignature(request, settings([...keys, signer]), 0)).toBe('valid');
        const others = keys.filter((other) => !sameHmacKey(other, signer));
        expect(checkSignature(request, settings(others), 0)).not.toBe('valid');
      }),
    );
  });
});

/** HMAC fills keys up with zero bytes: a key and the same with zeros behind it sign alike. */
const sameHmacKey = (a: string, b: string): boolean => a.replace(/\0+$/, '') === b.replace(/\0+$/, '');

describe('the replay window', () => {
  const request = { signature: SIGNATURE, timestamp: TIMESTAMP, body: JSON_BODY };
  const DAY_MS = 86_400_000;

  it.each([
    ['off, a webhook of a week ago is valid', 0, SENT_MS + 7 * DAY_MS, 'valid'],
    ['exactly the window old is valid', 300, SENT_MS + 300_000, 'valid'],
    ['a millisecond older is refused', 300, SENT_MS + 300_001, 'outside_replay_window'],
    ['as far ahead, by a clock that is slow, is valid', 300, SENT_MS - 300_000, 'valid'],
    ['further ahead is refused', 300, SENT_MS - 300_001, 'outside_replay_window'],
  ])('%s', (_, windowSeconds, nowMs, expected) => {
    expect(checkSignature(request, settings([KEY], windowSeconds), nowMs)).toBe(expected);
  });
});
