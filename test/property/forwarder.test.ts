// Whatever is put on the activity queue: what is sent is an event that Segment takes and that does not loop.

import fc from 'fast-check';
import type { Item, Prepared } from '../../lib/delivery/connector';
import { prepareForSegment } from '../../lib/destinations/segment/prepare';
import { readId } from '../../lib/event/ids';
import { isForCustomerIo } from '../../lib/event/integrations';
import { readEvents, readMessage } from '../../lib/queue/message';
import { readWebhook } from '../../lib/webhook/reporting-webhook';
import { anyJson, segmentEvent } from '../support/event-arbitrary';
import { runs } from '../support/property-runs';
import { parseSources } from '../support/sources';
import { recordOf, SENT_AT } from '../support/sqs-record';

const [SOURCE] = parseSources(
  '[{"name":"n","writeKey":"w","siteId":"s","apiKey":"a","segmentWriteKey":"k"}]',
);

const prepareAll = (body: unknown): Prepared[] => {
  if (SOURCE === undefined) throw new Error('No source.');
  const events = readEvents(readMessage(recordOf({ body: JSON.stringify(body) }))) ?? [];
  return events.map(({ event, raw }) => prepareForSegment(event, SOURCE, raw));
};

const webhook = fc.record(
  {
    event_id: fc.oneof(fc.uuid(), anyJson),
    object_type: fc.constantFrom('email', 'push', 'x'),
    metric: fc.oneof(fc.constantFrom('sent', 'clicked'), anyJson),
    timestamp: fc.oneof(fc.integer({ min: 0, max: 2_000_000_000 }), anyJson),
    data: fc.oneof(fc.record({ identifiers: fc.record({ id: fc.string() }) }), anyJson),
    messageId: anyJson,
  },
  { requiredKeys: [] },
);
const anyBody = fc.oneof(segmentEvent, webhook, anyJson);

/** Everything that is to be sent of a body. */
const itemsOf = (body: unknown): Item[] =>
  prepareAll(body).flatMap((prepared) => (prepared.kind === 'items' ? prepared.items : []));

it('every event becomes one that Segment takes, with the loop guard, or has a reason why not', () => {
  fc.assert(
    fc.property(anyBody, (body) => {
      expect(prepareAll(body).filter(({ kind }) => kind === 'skipped')).toEqual([]);
      for (const { json, timestampMs } of itemsOf(body)) {
        const sent = JSON.parse(json.toString()) as Record<string, unknown>;
        expect(json.length).toBeLessThanOrEqual(32_768);
        expect(Number.isNaN(timestampMs)).toBe(false);
        expect(readId(sent['userId']) ?? readId(sent['anonymousId'])).toEqual(expect.any(String));
        expect(sent['messageId']).toEqual(expect.any(String));
        expect(sent['integrations']).toMatchObject({ 'Customer.io': false });
        expect(isForCustomerIo(sent['integrations'])).toBe(false);
      }
    }),
    { numRuns: runs(500) },
  );
});

it('the same message is prepared the same on every delivery', () => {
  const asText = (body: unknown) =>
    prepareAll(body).map((prepared) =>
      prepared.kind === 'items'
        ? prepared.items.map((item) => ({ ...item, json: item.json.toString() }))
        : prepared,
    );

  fc.assert(fc.property(anyBody, (body) => expect(asText(body)).toEqual(asText(body))));
});

it('an event of the webhook function loses and gains nothing on its way', () => {
  const event = fc.record({
    type: fc.constant('track'),
    event: fc.stringMatching(/^[A-Z][a-z]{1,9}$/),
    userId: fc.uuid(),
    messageId: fc.uuid(),
    timestamp: fc
      .date({ min: new Date(1), max: SENT_AT, noInvalidDate: true })
      .map((date) => date.toISOString()),
    properties: fc.dictionary(fc.string(), fc.jsonValue()),
    integrations: fc.constant({ 'Customer.io': false }),
  });

  fc.assert(
    fc.property(event, (sent) => {
      const [item] = itemsOf(sent);
      expect(item?.json.toString()).toBe(JSON.stringify(JSON.parse(JSON.stringify(sent))));
    }),
  );
});

it('a webhook that is moved back becomes the event that it was at first, whatever privacy keeps back', () => {
  const key = fc.constantFrom('href', 'recipient', 'token', 'ip', 'email', 'id', 'metric', 'subject');
  const value = fc.oneof(
    fc.constantFrom('a@example.com', 'https://example.com/?token=x&y=1', '192.0.2.77', '{"token":1}'),
    fc.jsonValue(),
  );
  const reported = fc.record({
    event_id: fc.uuid(),
    object_type: fc.constantFrom('email', 'push'),
    metric: fc.constantFrom('sent', 'clicked'),
    timestamp: fc.integer({ min: 1, max: SENT_AT.getTime() / 1_000 }),
    data: fc
      .tuple(fc.dictionary(key, value), fc.record({ id: fc.option(fc.uuid()), cio_id: fc.uuid() }))
      .map(([fields, identifiers]) => ({ ...fields, identifiers })),
  });
  const privacy = fc.record({ deny: fc.uniqueArray(key), ip: fc.constantFrom('keep', 'truncate', 'drop') });
  const receipt = { requestId: 'r', receivedAt: SENT_AT };

  fc.assert(
    fc.property(reported, privacy, (webhook, settings) => {
      const [source] = parseSources(
        JSON.stringify([{ name: 'n', writeKey: 'w', siteId: 's', apiKey: 'a', privacy: settings }]),
      );
      if (source === undefined) throw new Error('No source.');
      const body = JSON.stringify(webhook);
      const { message } = readWebhook(Buffer.from(body), source, receipt);
      const deadLetter = { reason: 'invalid_event', messageId: 'm', failedAt: SENT_AT.toISOString() };

      const [first, again] = [recordOf(message), recordOf({ body, attributes: deadLetter })].map((record) => {
        const [queued] = readEvents(readMessage(record));
        const prepared = prepareForSegment(queued?.event, source, queued?.raw);
        return prepared.kind === 'items' ? prepared.items.map(({ json }) => json.toString()) : prepared;
      });
      expect(again).toEqual(first);
    }),
    { numRuns: runs(300) },
  );
});
