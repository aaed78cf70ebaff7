import {
  deadLetters,
  ingest,
  queuedEvents,
  SUCCESS,
  setIngestSettings,
  startAfresh,
} from '../support/ingest';
import {
  asApiGatewayEvent,
  RECORDED_CLIENTS,
  recordedBatch,
  recordedRequests,
} from '../support/recorded-request';

beforeEach(startAfresh);
afterEach(() => jest.useRealTimers());

describe.each(RECORDED_CLIENTS)('%s', (client) => {
  const requests = recordedRequests(client);

  beforeEach(() =>
    setIngestSettings({
      SOURCES: JSON.stringify([
        { name: 'recorded', writeKey: 'recorded-write-key', siteId: 'site', apiKey: 'key' },
      ]),
    }),
  );

  it('is understood in every request it made, byte for byte', async () => {
    for (const recorded of requests) {
      expect(await ingest(asApiGatewayEvent(recorded))).toMatchObject(SUCCESS);
    }

    const sent = requests.flatMap(recordedBatch) as Record<string, unknown>[];
    expect(deadLetters()).toEqual([]);
    expect(queuedEvents()).toHaveLength(sent.length);
    for (const [index, { sentAt, timestamp, originalTimestamp, ...event }] of sent.entries()) {
      expect(queuedEvents()[index]).toMatchObject(event);
      expect(queuedEvents()[index]).toHaveProperty('originalTimestamp', timestamp ?? originalTimestamp);
    }
    expect(
      queuedEvents()
        .map(({ type }) => type)
        .sort(),
    ).toEqual(['alias', 'group', 'identify', 'page', 'screen', 'track', 'track']);
  });

  it('keeps its own messageId and the time the caller gave', async () => {
    for (const recorded of requests) await ingest(asApiGatewayEvent(recorded));

    const event = queuedEvents().find(({ messageId }) => messageId === 'my-own-message-id');
    expect(event).toMatchObject({ event: 'Grüße 🎉', originalTimestamp: '2024-02-03T04:05:06.789Z' });
    expect(event?.['timestamp']).toMatch(/^2024-/);
  });
});
