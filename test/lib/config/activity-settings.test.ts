import { activityDeadLetterQueueUrl, activityQueueUrl } from '../../../lib/config/environment';
import type { Source } from '../../../lib/config/source';
import { parseSources } from '../../support/sources';

const parse = (over: object): Source | undefined =>
  parseSources(JSON.stringify([{ name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'a', ...over }]))[0];

describe('the settings of message activity', () => {
  it('have defaults with which no webhook is accepted', () => {
    expect(parse({})).toMatchObject({
      webhookSigningKeys: [],
      webhookReplayWindowSeconds: 0,
      segmentUrl: 'https://api.segment.io',
      segmentRequestsPerSecond: 100,
      activityPropertyCase: 'snake',
    });
    expect(parse({})).not.toHaveProperty('segmentWriteKey');
  });

  it('are taken as given', () => {
    const settings = {
      webhookSigningKeys: ['new', 'old'],
      webhookReplayWindowSeconds: 300,
      segmentWriteKey: 'key',
      segmentUrl: 'http://127.0.0.1:3031',
      segmentRequestsPerSecond: 20,
      activityPropertyCase: 'camel',
    };

    expect(parse(settings)).toMatchObject(settings);
  });

  it.each([
    [{ webhookSigningKeys: 'hush' }, 'webhookSigningKeys must be an array of keys'],
    [{ webhookSigningKeys: ['hush', ''] }, 'webhookSigningKeys.1 must not be empty'],
    [{ webhookReplayWindowSeconds: -1 }, 'webhookReplayWindowSeconds must not be negative'],
    [{ webhookReplayWindowSeconds: 0.5 }, 'webhookReplayWindowSeconds must be a whole number'],
    [{ segmentWriteKey: '' }, 'segmentWriteKey must not be empty'],
    [{ segmentUrl: 'hush.example.com' }, 'segmentUrl must be an http or https URL'],
    [{ segmentUrl: 'https://x.example?hush' }, 'segmentUrl must not have a query, a fragment, a user'],
    [{ segmentUrl: 'https://x.example/hush/v1' }, 'segmentUrl must be the URL in front of `/v1/batch`'],
    [{ segmentUrl: 'https://x.example/v1/batch/' }, 'segmentUrl must be the URL in front of `/v1/batch`'],
    [{ segmentRequestsPerSecond: 0 }, 'segmentRequestsPerSecond must be at least 1'],
    [
      { segmentRequestsPerSecond: 1_001 },
      "segmentRequestsPerSecond must be at most 1000, Segment's own limit",
    ],
    [{ activityPropertyCase: 'kebab' }, 'activityPropertyCase must be `snake` or `camel`'],
  ])('a mistake names source and field and no secret: %p', (over, message) => {
    expect(() => parse(over)).toThrow(`source 0 ("shop"): ${message}`);
    expect(() => parse(over)).not.toThrow('hush');
  });

  it.each([
    ['ACTIVITY_QUEUE_URL', activityQueueUrl],
    ['ACTIVITY_DEAD_LETTER_QUEUE_URL', activityDeadLetterQueueUrl],
  ])('%s must be a URL', (name, read) => {
    const url = 'https://sqs.us-east-1.amazonaws.com/000000000000/activity';

    expect(read({ [name]: url })).toBe(url);
    expect(() => read({})).toThrow(`${name} must be the URL of an SQS queue.`);
    expect(() => read({ [name]: 'activity' })).toThrow(`${name} must be the URL of an SQS queue.`);
  });
});
