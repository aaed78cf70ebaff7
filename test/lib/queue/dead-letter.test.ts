import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { REASONS } from '../../../lib/errors';
import { type DeadLetter, sendDeadLetters, toMessage } from '../../../lib/queue/dead-letter';

const FAILED_AT = new Date('2026-11-24T06:00:00.000Z');

const deadLetter: DeadLetter = {
  raw: { type: 'track', event: 'Signed Up', properties: { note: null } },
  reason: 'missing_identifier',
  detail: 'userId: the event has none',
  source: 'shop',
  messageId: 'message-1',
};

describe('toMessage', () => {
  it('carries the event as it came and what an operator needs in attributes', () => {
    expect(toMessage(deadLetter, FAILED_AT)).toEqual({
      body: '{"type":"track","event":"Signed Up","properties":{"note":null}}',
      attributes: {
        reason: 'missing_identifier',
        detail: 'userId: the event has none',
        source: 'shop',
        messageId: 'message-1',
        failedAt: '2026-11-24T06:00:00.000Z',
      },
    });
  });

  it('carries a time for an event that has none of its own', () => {
    const { attributes } = toMessage({ ...deadLetter, timestamp: '2026-11-24T05:00:00.000Z' }, FAILED_AT);

    expect(attributes).toMatchObject({ timestamp: '2026-11-24T05:00:00.000Z' });
  });

  it('leaves out attributes without a value, which SQS would refuse', () => {
    const { attributes } = toMessage({ ...deadLetter, detail: '', source: undefined }, FAILED_AT);

    expect(Object.keys(attributes)).toEqual(['reason', 'messageId', 'failedAt']);
  });

  it('says what its reason means where nobody knows better', () => {
    const { attributes } = toMessage({ ...deadLetter, detail: undefined }, FAILED_AT);

    expect(attributes['detail']).toBe(REASONS.missing_identifier);
  });

  it('carries a body that is no JSON as it came', () => {
    const { body } = toMessage({ ...deadLetter, raw: '{"type": oops', reason: 'invalid_json' }, FAILED_AT);

    expect(body).toBe('{"type": oops');
  });

  it('writes an event that is a string as JSON', () => {
    const { body } = toMessage({ ...deadLetter, raw: 'oops', reason: 'invalid_event' }, FAILED_AT);

    expect(body).toBe('"oops"');
  });

  it('keeps every character of an event that nests too deeply to be written the usual way', () => {
    const raw = JSON.parse(`{"text":"\uFFFE\uD800é","deep":${'['.repeat(20_000)}${']'.repeat(20_000)}}`);

    const { body } = toMessage({ ...deadLetter, raw }, FAILED_AT);

    expect(body).toMatch(/^\{"text":"\\ufffe\\ud800é","deep":\[{20000}]{20000}\}$/);
  });

  it('keeps attributes short and free of characters that SQS refuses', () => {
    const { attributes } = toMessage({ ...deadLetter, detail: `\u0000${'🎉'.repeat(2_000)}` }, FAILED_AT);

    expect(attributes['detail']?.length).toBe(1_000);
    expect(attributes['detail']).toMatch(/^\uFFFD(🎉)+\uFFFD?…$/u);
  });
});

describe('a dead letter', () => {
  const attributesOf = (changes: Partial<DeadLetter>) =>
    toMessage({ ...deadLetter, ...changes }, FAILED_AT).attributes;

  it.each(['detail', 'messageId'])('cuts its %s to what fits, and not a character earlier', (name) => {
    const longest = 'x'.repeat(1_000);

    expect(attributesOf({ [name]: longest })[name]).toBe(longest);
    expect(attributesOf({ [name]: `${longest}x` })[name]).toBe(`${'x'.repeat(999)}…`);
  });

  it('that is no JSON holds no character that SQS refuses', () => {
    const { body } = toMessage({ ...deadLetter, raw: 'a\u0000\uFFFE{', reason: 'invalid_json' }, FAILED_AT);

    expect(body).toBe('a\uFFFD\uFFFD{');
  });

  it('of an event holds none either, and the event is the same', () => {
    const raw = { text: '\u0000\uFFFE\uFFFF' };

    const { body } = toMessage({ ...deadLetter, raw }, FAILED_AT);

    expect(body).toBe('{"text":"\\u0000\\ufffe\\uffff"}');
    expect(JSON.parse(body)).toEqual(raw);
  });
});

describe('sendDeadLetters', () => {
  it('sends one message for each event and tells which were not stored', async () => {
    const sqs = new SQSClient({});
    const sqsMock = mockClient(sqs);
    sqsMock.on(SendMessageBatchCommand).resolves({
      Successful: [{ Id: '0', MessageId: 'a', MD5OfMessageBody: '' }],
      Failed: [{ Id: '1', Code: 'InvalidMessageContents', SenderFault: true }],
    });

    const result = await sendDeadLetters(
      sqs,
      'https://queue.example.com',
      [deadLetter, deadLetter],
      FAILED_AT,
    );

    expect(result.notSent).toEqual([1]);
    expect(sqsMock.commandCalls(SendMessageBatchCommand)[0]?.args[0].input.Entries).toHaveLength(2);
  });
});
