import { messageBytes } from '../../../lib/queue/outgoing-message';
import { readWebhook, type StoredWebhook } from '../../../lib/webhook/reporting-webhook';
import { parseSources } from '../../support/sources';
import { sourceOf, webhookOf } from '../../support/webhook-request';

const MAX_MESSAGE_BYTES = 1_048_576;
const RECEIPT = { requestId: 'request-1', receivedAt: new Date(1_613_063_089_000) };

const read = (body: string, over: object = {}): StoredWebhook => {
  const [source] = parseSources(JSON.stringify([sourceOf(over)]));
  if (source === undefined) throw new Error('no source');
  return readWebhook(Buffer.from(body), source, RECEIPT);
};

const eventIn = (body: string): unknown => (JSON.parse(body) as { batch: unknown[] }).batch[0];

/** No JSON, so that the message is the text itself. */
const textOfMessageBytes = (bytes: number): string => {
  const others = messageBytes(read('x').message) - 1;
  return 'x'.repeat(bytes - others);
};

describe('the message that is stored for a webhook', () => {
  it('is an event that names its source', () => {
    const { queue, message } = read(webhookOf());

    expect(queue).toBe('activity');
    expect(message.attributes).toEqual({ source: 'shop' });
  });

  it('has no character that SQS refuses, and the event keeps each', () => {
    const { message } = read(webhookOf({ note: 'a\uFFFF\u0000b' }));

    for (const refused of ['\u0000', '\uFFFF']) expect(message.body).not.toContain(refused);
    expect(eventIn(message.body)).toMatchObject({ properties: { note: 'a\uFFFF\u0000b' } });
  });

  it('is a dead letter with reason, detail, source, time and event_id when it cannot be an event', () => {
    const stored = read(webhookOf({ metric: '' }));

    expect(stored).toMatchObject({ queue: 'dead_letter', reason: 'invalid_event' });
    expect(stored.message.attributes).toEqual({
      reason: 'invalid_event',
      detail: 'metric: expected a string that is not blank',
      source: 'shop',
      messageId: '01E4C4CT6YDC7Y5M7FE1GWWPQJ',
      failedAt: '2021-02-11T17:04:49.000Z',
    });
  });

  it('as a dead letter is the webhook byte for byte, whatever fields it has', () => {
    const text = '{ "metric":"", "type":"track", "batch":[1e20], "delivery": 12345678901234567890 }';

    expect(read(text)).toMatchObject({ queue: 'dead_letter', message: { body: text } });
  });

  it('of exactly SQS’s limit is whole', () => {
    const text = textOfMessageBytes(MAX_MESSAGE_BYTES);

    const { message } = read(text);

    expect(messageBytes(message)).toBe(MAX_MESSAGE_BYTES);
    expect(message.body).toBe(text);
  });

  it('of one byte more is cut to the limit, and its detail says from what', () => {
    const text = textOfMessageBytes(MAX_MESSAGE_BYTES + 1);

    const { message } = read(text);

    expect(messageBytes(message)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    expect(text.startsWith(message.body)).toBe(true);
    expect(message.attributes['detail']).toContain(`; cut from ${text.length} bytes`);
  });
});

describe('what privacy keeps back', () => {
  const data = {
    identifiers: { id: '42', email: 'ada@example.com', cio_id: 'd9c1' },
    href: 'https://example.com/reset?token=planted&step=1',
    content: '{"pin":"planted","step":1}',
    machine: { ip: '192.0.2.77' },
  };

  it('is in no event', () => {
    const { message } = read(webhookOf({ data }), { privacy: { deny: ['token', 'pin'], ip: 'truncate' } });

    expect(eventIn(message.body)).toMatchObject({
      properties: {
        link_url: 'https://example.com/reset?token=&step=1',
        content: '{"step":1}',
        machine: { ip: '192.0.2.0' },
      },
    });
  });

  it('names nobody', () => {
    const anonymous = { ...data, identifiers: { ...data.identifiers, id: null } };

    const { message } = read(webhookOf({ data: anonymous }), { privacy: { deny: ['email'] } });

    expect(eventIn(message.body)).toMatchObject({ anonymousId: 'd9c1' });
    expect(message.body).not.toContain('ada@example.com');
  });

  it('costs no webhook a field that every one has', () => {
    const { queue } = read(webhookOf({ data }), { privacy: { deny: ['metric', 'event_id', 'data'] } });

    expect(queue).toBe('activity');
  });

  it.each([
    ['as_it_came', webhookOf({ metric: '', data })],
    [
      'cleaned',
      webhookOf({ metric: '', data: { ...data, href: 'https://example.com/reset?token=&step=1' } }),
    ],
  ])('is in a dead letter only where those are %s', (deadLetters, body) => {
    const { message } = read(webhookOf({ metric: '', data }), { privacy: { deny: ['token'], deadLetters } });

    expect(message.body).toBe(body);
  });

  it('is looked for in a webhook that nests too deeply to be handled, and what is deeper than that goes too', () => {
    const nested = `${'['.repeat(20_000)}"planted"${']'.repeat(20_000)}`;

    const stored = read(`{"pin":"planted","step":1,"data":${nested}}`, {
      privacy: { deny: ['pin'], deadLetters: 'cleaned' },
    });

    expect(stored).toMatchObject({ queue: 'dead_letter' });
    expect(stored.message.body).toMatch(/^\{"step":1,"data":\[{99}null\]{99}\}$/);
  });
});
