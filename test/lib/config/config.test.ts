import {
  allowedOrigins,
  deadLetterQueueUrl,
  isDryRun,
  maxConsumers,
  queueUrl,
  servesAnalyticsJs,
} from '../../../lib/config/environment';
import { parseSettings } from '../../../lib/config/parse-settings';
import type { SourceEntry } from '../../../lib/config/settings';
import { logger } from '../../../lib/observability';
import { captureLogs, emittedMetrics } from '../../support/log-output';
import { parseSources } from '../../support/sources';

const VALID = { name: 'shop', writeKey: 'wk', siteId: 'site', apiKey: 'hush' };
const parse = (...sources: unknown[]) => parseSources(JSON.stringify(sources));
const GOOD = { name: 'good', writeKey: 'good-key', siteId: 'good-site', apiKey: 'good-api-key' };
const settingsOf = (...sources: unknown[]) => parseSettings(JSON.stringify(sources), 'SOURCES');
/** Of settings with one good source behind those given, so that there is always one to use. */
const mistakesOf = (...sources: unknown[]): readonly string[] => settingsOf(...sources, GOOD).mistakes;
const mistakeOf = (...sources: unknown[]): string => mistakesOf(...sources).join('\n');
const leftOut = (name: string | undefined, writeKey: string | undefined): SourceEntry => ({
  kind: 'left_out',
  name,
  writeKey,
});

describe('a source', () => {
  it('needs a name, a write key and credentials, and has defaults for the rest', () => {
    expect(parse(VALID)[0]).toMatchObject({
      ...VALID,
      region: 'us',
      trackUrl: 'https://track.customer.io',
      workspaceIdentifiers: 'email_or_id',
      requestsPerSecond: 100,
      convertTimestamps: true,
      integrationNames: [],
      allowIdentifiers: [],
      longNames: 'cut',
      reservedEvents: true,
      groups: 'objects',
      deviceEvents: 'lifecycle',
      connectionMode: 'cloud',
      trackerScriptUrl: 'https://assets.customer.io/assets/track.js',
      screens: 'event',
      pageName: 'name',
      anonymousEvents: 'deliver',
      createPeople: 'always',
      lastVisit: false,
      flattenAddress: false,
      oversizedAttributes: 'drop',
      limits: {
        requestsPerSecond: 1_000,
        attributes: 300,
        attributeNameBytes: 150,
        attributeValueBytes: 1_000,
      },
    });
  });

  it('has the limits of its workspace where Customer.io has raised them, and the documented ones beside', () => {
    const [source] = parse({ ...VALID, requestsPerSecond: 3_000, limits: { requestsPerSecond: 3_000 } });

    expect(source).toMatchObject({
      requestsPerSecond: 3_000,
      limits: { requestsPerSecond: 3_000, attributes: 300 },
    });
  });

  it('of the EU region goes to the EU', () => {
    expect(parse({ ...VALID, region: 'eu' })[0]).toMatchObject({
      trackUrl: 'https://track-eu.customer.io',
      trackerScriptUrl: 'https://assets.customer.io/assets/track-eu.js',
    });
  });

  it('may name a base URL of its own', () => {
    const trackUrl = 'http://127.0.0.1:3030';

    expect(parse({ ...VALID, region: 'eu', trackUrl })[0]?.trackUrl).toBe(trackUrl);
  });

  it.each([
    [{ name: undefined }, 'source 0: name is required and must be a string'],
    [{ name: 'a hush' }, 'source 0: name may hold letters'],
    [{ name: '' }, 'source 0: name must not be empty'],
    [{ writeKey: ' ' }, 'source 0 ("shop"): writeKey must not be empty'],
    [{ siteId: 7 }, 'source 0 ("shop"): siteId is required and must be a string'],
    [{ apiKey: null }, 'source 0 ("shop"): apiKey is required and must be a string'],
    [{ region: 'uk' }, 'source 0 ("shop"): region must be `us` or `eu`'],
    [{ trackUrl: 'ftp://x.example' }, 'source 0 ("shop"): trackUrl must be an http or https URL'],
    [{ trackUrl: 'hush' }, 'source 0 ("shop"): trackUrl must be an http or https URL'],
    ...['https://x.example/?key=hush', 'https://x.example#hush', 'https://u:hush@x.example'].map(
      (trackUrl) =>
        [
          { trackUrl },
          'source 0 ("shop"): trackUrl must not have a query, a fragment, a user or a password',
        ] as [object, string],
    ),
    ...['/api/v2/batch', '/hush/api/v2/batch/', '/api/v2', '/api/v1/'].map(
      (path) =>
        [
          { trackUrl: `https://x.example${path}` },
          'source 0 ("shop"): trackUrl must be the URL in front of `/api/v2/batch`, which is added to it',
        ] as [object, string],
    ),
    [{ connectionMode: 'browser' }, 'source 0 ("shop"): connectionMode must be `cloud` or `device`'],
    [{ trackerScriptUrl: 'hush' }, 'source 0 ("shop"): trackerScriptUrl must be an http or https URL'],
    [
      { workspaceIdentifiers: 'email' },
      'source 0 ("shop"): workspaceIdentifiers must be `email_or_id`, `id` or `email_phone_or_id`',
    ],
    [{ requestsPerSecond: '9' }, 'source 0 ("shop"): requestsPerSecond must be a number'],
    [{ requestsPerSecond: 0 }, 'source 0 ("shop"): requestsPerSecond must be at least 1'],
    [{ requestsPerSecond: 1.5 }, 'source 0 ("shop"): requestsPerSecond must be a whole number'],
    [{ requestsPerSecond: 1_001 }, 'source 0 ("shop"): requestsPerSecond must be at most 1000'],
    ...['yes', null, {}, { except: 'hush' }].map(
      (convertTimestamps) =>
        [
          { convertTimestamps },
          'source 0 ("shop"): convertTimestamps must be true, false, or `{"except": […]}`',
        ] as [object, string],
    ),
    [{ convertTimestamps: { except: [] } }, 'source 0 ("shop"): convertTimestamps.except must name a path'],
    ...['hush', 'traits', 'traits.', 'context.traits.x'].map(
      (path) =>
        [
          { convertTimestamps: { except: ['traits.x', path] } },
          'source 0 ("shop"): convertTimestamps.except.1 must begin with `traits.` or `properties.`',
        ] as [object, string],
    ),
    [
      { convertTimestamps: { except: ['traits.raw.*'] } },
      'source 0 ("shop"): convertTimestamps.except.0 must not have a `*`: what is named is spared with all in it',
    ],
    [{ writekey: 'hush', siteID: 'hush' }, 'source 0 ("shop"): unknown field(s) writekey, siteID'],
    [{ a1b2c3d4hush: true }, 'source 0 ("shop"): unknown field(s) (a name that is not repeated here)'],
    [{ ['hush'.repeat(8)]: true }, 'source 0 ("shop"): unknown field(s) (a name that is not repeated here)'],
    [{ integrationNames: 'hush' }, 'source 0 ("shop"): integrationNames must be an array of names'],
    [
      { integrationNames: ['hush', '()'] },
      'source 0 ("shop"): integrationNames.1 must have a letter or digit',
    ],
    [{ allowIdentifiers: 'hush' }, 'source 0 ("shop"): allowIdentifiers must be an array of ids'],
    [{ longNames: 'hush' }, 'source 0 ("shop"): longNames must be `cut` or `reject`'],
    [{ reservedEvents: 'hush' }, 'source 0 ("shop"): reservedEvents must be true or false'],
    [{ groups: 'hush' }, 'source 0 ("shop"): groups must be `objects` or `person_attributes`'],
    [{ deviceEvents: ['hush', ''] }, 'source 0 ("shop"): deviceEvents.1 must not be empty'],
    ...['hush', 7].map((deviceEvents): [object, string] => [
      { deviceEvents },
      'source 0 ("shop"): deviceEvents must be `lifecycle`, `any` or an array of event names',
    ]),
    [{ screens: 'hush' }, 'source 0 ("shop"): screens must be `event` or `screen`'],
    [{ pageName: 'hush' }, 'source 0 ("shop"): pageName must be `name` or `url`'],
    [{ anonymousEvents: 'hush' }, 'source 0 ("shop"): anonymousEvents must be `deliver` or `skip`'],
    [{ createPeople: 'hush' }, 'source 0 ("shop"): createPeople must be `always` or `never`'],
    [{ lastVisit: 'hush' }, 'source 0 ("shop"): lastVisit must be true or false'],
    [{ flattenAddress: 'hush' }, 'source 0 ("shop"): flattenAddress must be true or false'],
    [
      { oversizedAttributes: 'hush' },
      'source 0 ("shop"): oversizedAttributes must be `drop`, `truncate`, `reject` or `send`',
    ],
    [{ limits: 'hush' }, 'source 0 ("shop"): limits must be an object of limits'],
    [{ limits: { events: 7 } }, 'source 0 ("shop"): limits has unknown field(s) events'],
    [
      { limits: { attributes: 299 } },
      'source 0 ("shop"): limits.attributes must be at least 300, the documented limit',
    ],
    [
      { limits: { attributeValueBytes: 'hush' } },
      'source 0 ("shop"): limits.attributeValueBytes must be a number',
    ],
    [
      { requestsPerSecond: 3_001, limits: { requestsPerSecond: 3_000 } },
      'source 0 ("shop"): requestsPerSecond must be at most 3000, Customer.io\'s own limit',
    ],
    [
      { requestsPerSecond: 1_001, region: 'hush' },
      'source 0 ("shop"): requestsPerSecond must be at most 1000, Customer.io\'s own limit',
    ],
    [
      { preset: 'hush' },
      'source 0 ("shop"): preset must be `segment-classic`, `segment-actions` or `rudderstack`',
    ],
    [{ preset: '__proto__' }, 'source 0 ("shop"): preset must be '],
  ])('with a mistake (%j) is refused by source and field', (changes, message) => {
    expect(mistakeOf({ ...VALID, ...changes })).toContain(message);
    expect(mistakeOf({ ...VALID, ...changes })).not.toContain('hush');
  });

  it.each([[null], ['text'], [7], [[]]])('that is no object (%j) is refused', (source) => {
    expect(mistakeOf(source)).toContain('source 0: must be an object');
  });
});

describe('the sources', () => {
  it('report all their mistakes at once, each by source and field', () => {
    const mistakes = mistakesOf(
      { ...VALID, region: 'uk', siteId: '' },
      { ...VALID, name: 'blog', writeKey: '' },
    );

    expect(mistakes).toEqual([
      expect.stringMatching(/^source 0 \("shop"\): siteId /),
      expect.stringMatching(/^source 0 \("shop"\): region /),
      expect.stringMatching(/^source 1 \("blog"\): writeKey /),
    ]);
  });

  it('with a mistake are left out, by name and key where these can be read, and the others work', () => {
    const { entries } = settingsOf(
      { ...VALID, region: 'uk' },
      { ...VALID, name: 'not a name' },
      { ...VALID, name: 'keyless', writeKey: 7 },
      null,
      GOOD,
    );

    expect(entries).toMatchObject([
      leftOut('shop', 'wk'),
      leftOut(undefined, 'wk'),
      leftOut('keyless', undefined),
      leftOut(undefined, undefined),
      { kind: 'source', source: expect.objectContaining(GOOD) },
    ]);
  });

  it('that share a name or a write key are all left out: an event in the wrong workspace cannot be taken back', () => {
    const { entries, mistakes } = settingsOf(
      VALID,
      { ...VALID, writeKey: 'other' },
      { ...VALID, name: 'blog', writeKey: ' other ' },
      GOOD,
    );

    expect(entries.map(({ kind }) => kind)).toEqual(['left_out', 'left_out', 'left_out', 'source']);
    expect(mistakes).toEqual([
      'source 0 ("shop"): name is that of source 1 too; each source needs its own',
      'source 1 ("shop"): name is that of source 0 too; each source needs its own',
      'source 1 ("shop"): writeKey is that of source 2 too; each source needs its own',
      'source 2 ("blog"): writeKey is that of source 1 too; each source needs its own',
    ]);
  });

  it('share a name with one that has another mistake no more than with one that has none', () => {
    expect(settingsOf({ ...VALID, region: 'uk' }, { ...VALID, writeKey: 'b' }, GOOD).entries).toEqual([
      leftOut('shop', 'wk'),
      leftOut('shop', 'b'),
      expect.objectContaining({ kind: 'source' }),
    ]);
  });

  it('of one workspace agree in its rate; the one that differs from the first is left out, and both are named', () => {
    const second = { ...VALID, name: 'second', writeKey: 'w2', requestsPerSecond: 50 };
    const { entries, mistakes } = settingsOf(VALID, {
      ...second,
      trackUrl: 'https://Track.customer.io:443//',
    });

    expect(entries.map(({ kind }) => kind)).toEqual(['source', 'left_out']);
    expect(mistakes).toEqual([
      'source 1 ("second"): requestsPerSecond must be that of source 0 ("shop"): trackUrl and siteId are the same',
    ]);
  });

  it('of one Segment source agree in its rate too', () => {
    const activity = { segmentWriteKey: 'segment-key', segmentRequestsPerSecond: 5 };
    const second = { ...VALID, name: 'second', writeKey: 'w2', segmentWriteKey: 'segment-key' };

    expect(settingsOf({ ...VALID, ...activity }, second).mistakes).toEqual([
      expect.stringContaining(
        'source 1 ("second"): segmentRequestsPerSecond must be that of source 0 ("shop")',
      ),
    ]);
  });

  it.each([
    ['another API key, as while one is changed', { apiKey: 'new' }],
    ['another site', { siteId: 'other', requestsPerSecond: 50 }],
    ['another region', { region: 'eu', requestsPerSecond: 50 }],
  ])('with %s do not disturb each other', (_, over) => {
    expect(settingsOf(VALID, { ...VALID, name: 'second', writeKey: 'w2', ...over }).mistakes).toEqual([]);
  });

  it('of which none can be used are an error that names every mistake', () => {
    expect(() => settingsOf({ ...VALID, region: 'uk' }, { name: 'blog' })).toThrow(
      /^SOURCES has 4 mistake\(s\):\n- source 0 \("shop"\): region .*\n- source 1 \("blog"\): writeKey /,
    );
  });

  it('are named by their place alone where the name is the value of another field: it may be a key', () => {
    expect(mistakeOf({ ...VALID, name: 'hush', region: 'uk' })).toMatch(/^source 0: region must be/);
    expect(
      mistakeOf({ ...VALID, name: 'other-hush', region: 'uk' }, { segmentWriteKey: 'other-hush' }),
    ).toMatch(/^source 0: region must be/);
    expect(mistakeOf({ ...VALID, name: 'other-hush', apiKey: ' other-hush', region: 'uk' })).toMatch(
      /^source 0: region/,
    );
    expect(
      mistakeOf({ ...VALID, name: 'other-hush', webhookSigningKeys: ['k', 'other-hush '], region: 'uk' }),
    ).toMatch(/^source 0: region/);
  });

  it.each(['', 'hush', '{}', '[]', 'null'])(
    'written as %j are refused, by the place they stand in',
    (json) => {
      const parse = () => parseSettings(json, 'The parameter "/p"');

      expect(parse).toThrow(/^The parameter "\/p" is not .* It must be a JSON array of sources/);
      expect(parse).not.toThrow(/hush|SOURCES/);
    },
  );
});

describe('a queue URL', () => {
  it.each([
    ['QUEUE_URL', queueUrl],
    ['DEAD_LETTER_QUEUE_URL', deadLetterQueueUrl],
  ])('%s is read, and refused when it is none', (name, read) => {
    expect(read({ [name]: 'https://sqs.us-east-1.amazonaws.com/1/q' })).toBe(
      'https://sqs.us-east-1.amazonaws.com/1/q',
    );
    expect(() => read({ [name]: 'events' })).toThrow(`${name} must be the URL of an SQS queue.`);
    expect(() => read({})).toThrow(name);
  });
});

describe('MAX_CONSUMERS', () => {
  it.each([
    ['1', 1],
    ['50', 50],
    [undefined, 2],
  ])('of %j is %i', (value, expected) => {
    expect(maxConsumers(value === undefined ? {} : { MAX_CONSUMERS: value })).toBe(expected);
  });

  it.each(['0', '-1', '1.5', 'many', '', '1e1', '0x5', '1001'])('of %j is refused', (value) => {
    expect(() => maxConsumers({ MAX_CONSUMERS: value })).toThrow(
      'MAX_CONSUMERS must be a whole number from 1 to 1000',
    );
  });
});

describe('a switch', () => {
  it.each([
    ['1', true],
    ['true', true],
    ['0', false],
    ['false', false],
    ['', false],
    [undefined, false],
  ])('DRY_RUN=%j is %s', (value, expected) => {
    expect(isDryRun(value === undefined ? {} : { DRY_RUN: value })).toBe(expected);
  });

  it.each([
    ['1', true],
    ['0', false],
    ['false', false],
    ['', true],
    [undefined, true],
  ])('SERVE_ANALYTICS_JS=%j is %s', (value, expected) => {
    expect(servesAnalyticsJs(value === undefined ? {} : { SERVE_ANALYTICS_JS: value })).toBe(expected);
  });

  it.each([
    ['DRY_RUN', isDryRun],
    ['SERVE_ANALYTICS_JS', servesAnalyticsJs],
  ])('%s that is neither on nor off is refused: a dry run that is none would send', (name, read) => {
    expect(() => read({ [name]: 'hush' })).toThrow(`${name} must be \`1\`, \`true\`, \`0\` or \`false\`.`);
  });
});

describe('ALLOWED_ORIGINS', () => {
  it.each([
    [undefined, ['*']],
    ['', ['*']],
    ['*', ['*']],
    ['https://a.example', ['https://a.example']],
    [' https://A.example/ , http://localhost:8080,', ['https://a.example', 'http://localhost:8080']],
    ['capacitor://localhost,null', ['capacitor://localhost', 'null']],
  ])('of %j is %j', (value, expected) => {
    expect(allowedOrigins(value === undefined ? {} : { ALLOWED_ORIGINS: value })).toEqual(expected);
  });

  it('leaves out what no browser sends, and tells it once, by its place', () => {
    const log = jest.spyOn(logger, 'error');
    const env = { ALLOWED_ORIGINS: 'hush.example,https://b.example,https://c.example/hush,*.hush.example' };
    const output = captureLogs();

    for (let request = 0; request < 3; request += 1) {
      expect(allowedOrigins({ ...env })).toEqual(['https://b.example']);
    }
    output.release();

    expect(log.mock.calls).toEqual([
      [
        'The settings have mistakes; what has them is left out',
        {
          mistake:
            'ALLOWED_ORIGINS: origin 1, 3, 4 of the list must be like `https://shop.example.com`, with scheme and without path',
        },
      ],
    ]);
    expect(emittedMetrics(output.lines)).toEqual([expect.objectContaining({ name: 'SettingsMistakes' })]);
  });
});
