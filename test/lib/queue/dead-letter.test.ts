import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { REASONS } from '../../../lib/errors';
import { type DeadLetter, sendDeadLetters, toMessage } from '../../../lib/queue/dead-letter';
import { messageBytes } from '../../../lib/queue/outgoing-message';
import { MAX_MESSAGE_BYTES } from '../../../lib/queue/sqs-limits';

const FAILED_AT = new Date('2026-11-24T06:00:00.000Z');

const deadLetter: DeadLetter = {
  body: '{"type":"track","event":"Signed Up","properties":{"note":null}}',
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

  it.each(['{"n": 1e20, "id":12345678901234567890}', ' [1,\t2]', '"oops"', '"\\ufffe"'])(
    'keeps every byte of %s',
    (body) => {
      expect(toMessage({ ...deadLetter, body }, FAILED_AT).body).toBe(body);
    },
  );

  it('escapes what JSON may hold and SQS refuses, so that it stays the same event', () => {
    const body = '{"text":"\uFFFE\uD800é🎉\uDC00"}';

    const message = toMessage({ ...deadLetter, body }, FAILED_AT);

    expect(message.body).toBe('{"text":"\\ufffe\\ud800é🎉\\udc00"}');
    expect(JSON.parse(message.body)).toEqual(JSON.parse(body));
  });

  it('carries a body that is no JSON as it came, but for characters that SQS refuses', () => {
    const { body } = toMessage(
      { ...deadLetter, body: '{"type": oops\u0000\uFFFF', reason: 'invalid_json' },
      FAILED_AT,
    );

    expect(body).toBe('{"type": oops\uFFFD\uFFFD');
  });

  it.each([
    ['a', 1],
    ['é', 2],
    ['🎉', 4],
  ])('cuts a body of %s that does not fit with its attributes, and says so', (character, bytesEach) => {
    const body = character.repeat(MAX_MESSAGE_BYTES / bytesEach);

    const message = toMessage({ ...deadLetter, detail: 'x'.repeat(2_000), body }, FAILED_AT);

    expect(messageBytes(message)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    expect(messageBytes(message)).toBeGreaterThan(MAX_MESSAGE_BYTES - 4);
    expect(body.startsWith(message.body)).toBe(true);
    expect(message.attributes['detail']).toMatch(/^x+…; cut from 1048576 bytes$/);
  });

  it('leaves a body whole that just fits', () => {
    const overhead = messageBytes(toMessage({ ...deadLetter, body: '' }, FAILED_AT));
    const fitting = 'x'.repeat(MAX_MESSAGE_BYTES - overhead);

    expect(toMessage({ ...deadLetter, body: fitting }, FAILED_AT).body).toBe(fitting);
    expect(toMessage({ ...deadLetter, body: `${fitting}x` }, FAILED_AT).attributes['detail']).toMatch(
      /; cut/,
    );
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
