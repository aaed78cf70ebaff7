import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { deadLetterQueueUrl, isDryRun, maxConsumers, queueUrl } from '../../../lib/config/environment';
import { loadSources, SETTINGS_MAX_AGE_SECONDS } from '../../../lib/config/load-sources';
import { parseSources } from '../../../lib/config/parse-sources';

const VALID = { name: 'shop', writeKey: 'wk', siteId: 'site', apiKey: 'hush' };
const parse = (...sources: unknown[]) => parseSources(JSON.stringify(sources));
const mistakeOf = (...sources: unknown[]): string => {
  try {
    parse(...sources);
  } catch (error) {
    return String((error as Error).message);
  }
  throw new Error('the settings were taken');
};

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
    });
  });

  it('of the EU region goes to the EU', () => {
    expect(parse({ ...VALID, region: 'eu' })[0]?.trackUrl).toBe('https://track-eu.customer.io');
  });

  it('may name a base URL of its own', () => {
    const trackUrl = 'http://127.0.0.1:3030';

    expect(parse({ ...VALID, region: 'eu', trackUrl })[0]?.trackUrl).toBe(trackUrl);
  });

  it.each([
    [{ name: undefined }, 'source 0: name is required and must be a string'],
    [{ name: 'a b' }, 'source 0 ("a b"): name may hold letters'],
    [{ name: '' }, 'source 0: name must not be empty'],
    [{ writeKey: ' ' }, 'source 0 ("shop"): writeKey must not be empty'],
    [{ siteId: 7 }, 'source 0 ("shop"): siteId is required and must be a string'],
    [{ apiKey: null }, 'source 0 ("shop"): apiKey is required and must be a string'],
    [{ region: 'uk' }, 'source 0 ("shop"): region must be `us` or `eu`'],
    [{ trackUrl: 'ftp://x.example' }, 'source 0 ("shop"): trackUrl must be an http or https URL'],
    [{ trackUrl: 'hush' }, 'source 0 ("shop"): trackUrl must be an http or https URL'],
    [
      { workspaceIdentifiers: 'email' },
      'source 0 ("shop"): workspaceIdentifiers must be `email_or_id` or `id`',
    ],
    [{ requestsPerSecond: '9' }, 'source 0 ("shop"): requestsPerSecond must be a number'],
    [{ requestsPerSecond: 0 }, 'source 0 ("shop"): requestsPerSecond must be at least 1'],
    [{ requestsPerSecond: 1.5 }, 'source 0 ("shop"): requestsPerSecond must be a whole number'],
    [{ requestsPerSecond: 1_001 }, 'source 0 ("shop"): requestsPerSecond must be at most 1000'],
    [{ convertTimestamps: 'yes' }, 'source 0 ("shop"): convertTimestamps must be true or false'],
    [{ integrationNames: 'hush' }, 'source 0 ("shop"): integrationNames must be an array of names'],
    [
      { integrationNames: ['hush', '()'] },
      'source 0 ("shop"): integrationNames.1 must have a letter or digit',
    ],
    [{ allowIdentifiers: 'hush' }, 'source 0 ("shop"): allowIdentifiers must be an array of ids'],
    [{ longNames: 'hush' }, 'source 0 ("shop"): longNames must be `cut` or `reject`'],
    [{ writekey: 'hush' }, 'source 0 ("shop"): unknown field(s) writekey'],
  ])('with a mistake (%j) is refused by source and field', (changes, message) => {
    expect(mistakeOf({ ...VALID, ...changes })).toContain(message);
    expect(mistakeOf({ ...VALID, ...changes })).not.toContain('hush');
  });

  it.each([[null], ['text'], [7], [[]]])('that is no object (%j) is refused', (source) => {
    expect(mistakeOf(source)).toContain('source 0: must be an object');
  });
});

describe('the sources', () => {
  it('report all their mistakes at once', () => {
    const message = mistakeOf(
      { ...VALID, region: 'uk', siteId: '' },
      { ...VALID, name: 'blog', writeKey: '' },
    );

    expect(message).toContain('SOURCES has 3 mistake(s)');
    expect(message).toContain('source 0 ("shop"): region');
    expect(message).toContain('source 0 ("shop"): siteId');
    expect(message).toContain('source 1 ("blog"): writeKey');
  });

  it('have names and write keys of their own', () => {
    const message = mistakeOf(VALID, VALID);

    expect(message).toContain('source 1 ("shop"): name is used by an earlier source too');
    expect(message).toContain('source 1 ("shop"): writeKey is used by an earlier source too');
  });

  it.each(['', 'hush', '{}', '[]', 'null'])('written as %j are refused with what to do', (json) => {
    expect(() => parseSources(json)).toThrow(/SOURCES is not .* Set SOURCES to a JSON array of sources/);
    expect(() => parseSources(json)).not.toThrow('hush');
  });
});

describe('loading the sources', () => {
  const ssmMock = mockClient(SSMClient);
  const parameterHolding = (name: string): string => JSON.stringify([{ ...VALID, name }]);
  beforeEach(() => {
    ssmMock.reset();
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  // First, because the module remembers the last settings it has read.
  it('fails while the parameter store has never answered', async () => {
    ssmMock.on(GetParameterCommand).rejects(new Error('throttled'));

    await expect(loadSources({ SOURCES_PARAMETER: '/p' })).rejects.toThrow('throttled');
  });

  it('reads SOURCES', async () => {
    const [source] = await loadSources({ SOURCES: parameterHolding('direct') });

    expect(source?.name).toBe('direct');
  });

  it('parses the same text once', async () => {
    const env = { SOURCES: parameterHolding('once') };

    expect(await loadSources(env)).toBe(await loadSources({ ...env }));
  });

  it('reads the parameter decrypted, and again when it has aged: a key is rotated without a deploy', async () => {
    const env = { SOURCES_PARAMETER: '/cio-relay/prod/sources' };
    ssmMock.on(GetParameterCommand).resolvesOnce({ Parameter: { Value: parameterHolding('old') } });
    const first = await loadSources(env);
    ssmMock.on(GetParameterCommand).resolves({ Parameter: { Value: parameterHolding('new') } });
    const cached = await loadSources(env);
    jest.setSystemTime(Date.now() + SETTINGS_MAX_AGE_SECONDS * 1_000 + 1);
    const aged = await loadSources(env);

    expect([first, cached, aged].map(([source]) => source?.name)).toEqual(['old', 'old', 'new']);
    expect(ssmMock.commandCalls(GetParameterCommand).map(({ args }) => args[0].input)).toEqual([
      { Name: '/cio-relay/prod/sources', WithDecryption: true },
      { Name: '/cio-relay/prod/sources', WithDecryption: true },
    ]);
  });

  it('says which parameter is empty', async () => {
    ssmMock.on(GetParameterCommand).resolves({});

    await expect(loadSources({ SOURCES_PARAMETER: '/empty' })).rejects.toThrow(
      'The parameter "/empty" is empty.',
    );
  });

  it('goes on with the last settings while the parameter store does not answer', async () => {
    const env = { SOURCES_PARAMETER: '/cio-relay/dev/sources' };
    ssmMock.on(GetParameterCommand).resolvesOnce({ Parameter: { Value: parameterHolding('last') } });
    await loadSources(env);
    ssmMock.on(GetParameterCommand).rejects(new Error('throttled'));
    jest.setSystemTime(Date.now() + SETTINGS_MAX_AGE_SECONDS * 1_000 + 1);

    await expect(loadSources(env)).resolves.toMatchObject([{ name: 'last' }]);
  });

  it('says which setting is missing', async () => {
    await expect(loadSources({})).rejects.toThrow('Neither SOURCES nor SOURCES_PARAMETER is set.');
  });
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

  it.each(['0', '-1', '1.5', 'many', ''])('of %j is refused', (value) => {
    expect(() => maxConsumers({ MAX_CONSUMERS: value })).toThrow('MAX_CONSUMERS must be a whole number');
  });
});

it.each([
  ['1', true],
  ['true', true],
  ['0', false],
  ['', false],
  [undefined, false],
])('DRY_RUN=%j is %s', (value, expected) => {
  expect(isDryRun(value === undefined ? {} : { DRY_RUN: value })).toBe(expected);
});
