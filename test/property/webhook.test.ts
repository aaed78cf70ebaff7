import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { handler } from '../../functions/webhook';
import { anyCharacter } from '../support/any-character';
import { QUEUE_URLS, storedBy, takeAll } from '../support/stored-webhooks';
import { lambdaContext, sourceOf, webhookOf, webhookRequest } from '../support/webhook-request';

const sqs = mockClient(SQSClient);

beforeEach(() => {
  sqs.reset();
  sqs.on(SendMessageBatchCommand).callsFake(takeAll);
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  Object.assign(process.env, QUEUE_URLS, { SOURCES: JSON.stringify([sourceOf()]) });
});

describe('the webhook function, fuzzed', () => {
  const mutated = fc
    .tuple(fc.constantFrom('event_id', 'object_type', 'metric', 'timestamp', 'data'), fc.jsonValue())
    .map(([field, value]) => webhookOf({ [field]: value }));
  const cut = fc.nat(webhookOf().length).map((length) => webhookOf().slice(0, length));
  const anyBody: fc.Arbitrary<string | Buffer> = fc.oneof(
    fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: anyCharacter, maxLength: 200 }).filter((text) => text.isWellFormed()),
    fc.json(),
    mutated,
    cut,
    fc
      .nat(60_000)
      .map((length) => webhookOf({ data: { identifiers: { id: '1' }, content: 'é'.repeat(length) } })),
  );

  it('with a signature that holds: always 200, and exactly one message or one dead letter', async () => {
    await fc.assert(
      fc.asyncProperty(anyBody, async (body) => {
        sqs.resetHistory();

        const result = await handler(webhookRequest({ body }), lambdaContext);

        expect(result.statusCode).toBe(200);
        const { activity, deadLetters } = storedBy(sqs);
        expect(activity.length + deadLetters.length).toBe(1);
        for (const { MessageBody } of [...activity, ...deadLetters]) {
          expect(MessageBody).not.toBe('');
          expect(MessageBody).toMatch(/^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u);
        }
      }),
    );
  });

  it('with anything in headers, path and body: 200 or 401, and stored only with 200', async () => {
    const anyRequest = fc.record({
      headers: fc.dictionary(fc.constantFrom('x-cio-signature', 'x-cio-timestamp', 'host'), fc.string()),
      pathParameters: fc.option(fc.dictionary(fc.constant('source'), fc.string()), { nil: undefined }),
      requestContext: fc.constant({ requestId: 'request-1' }),
      body: fc.option(fc.string(), { nil: undefined }),
      isBase64Encoded: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(anyRequest, async (request) => {
        sqs.resetHistory();

        const { statusCode } = await handler(request as unknown as APIGatewayProxyEventV2, lambdaContext);

        expect([200, 401]).toContain(statusCode);
        expect(sqs.calls()).toHaveLength(statusCode === 200 ? 1 : 0);
      }),
    );
  });
});
