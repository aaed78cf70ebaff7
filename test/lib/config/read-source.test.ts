import { parseSettings } from '../../../lib/config/parse-settings';
import { lookUpName, usableSources, usableWorkspaces } from '../../../lib/config/settings';

const US = { name: 'us', siteId: 'us-site', apiKey: 'us-key' };
const EU = { name: 'eu', siteId: 'eu-site', apiKey: 'eu-key', region: 'eu' };
const WEB = { name: 'web', writeKey: 'wk', destinations: [US, EU] };
const GOOD = { name: 'good', writeKey: 'good-key', siteId: 'good-site', apiKey: 'good-api-key' };

const settingsOf = (...sources: unknown[]) => parseSettings(JSON.stringify(sources), 'SOURCES');
/** Of settings with one good source behind those given, so that there is always one to use. */
const mistakesOf = (...sources: unknown[]) => settingsOf(...sources, GOOD).mistakes;
const workspacesOf = (...sources: unknown[]) => {
  const settings = settingsOf(...sources);
  expect(settings.mistakes).toEqual([]);
  return usableWorkspaces(settings);
};

describe('a source with several destinations', () => {
  it('is its own settings once for each workspace, under the name of both', () => {
    expect(workspacesOf({ ...WEB, segmentWriteKey: 'sk' })).toMatchObject([
      { name: 'web', workspace: 'us', writeKey: 'wk', siteId: 'us-site', segmentWriteKey: 'sk' },
      { name: 'web', workspace: 'eu', writeKey: 'wk', siteId: 'eu-site', segmentWriteKey: 'sk' },
    ]);
  });

  it('has credentials, region, rate and mapping settings in each, with their presets', () => {
    const [us, eu] = workspacesOf({
      ...WEB,
      destinations: [
        { ...US, requestsPerSecond: 50, preset: 'segment-classic' },
        { ...EU, screens: 'screen' },
      ],
    });

    expect(us).toMatchObject({ requestsPerSecond: 50, groups: 'person_attributes', screens: 'event' });
    expect(eu).toMatchObject({ requestsPerSecond: 100, groups: 'objects', screens: 'screen' });
    expect(eu?.trackUrl).toBe('https://track-eu.customer.io');
  });

  it('is one source to who looks for it: pages load the tracker of the one workspace that wants it', () => {
    const settings = settingsOf({
      ...WEB,
      destinations: [
        { ...US, allowIdentifiers: ['None'], integrationNames: ['CIO US'] },
        { ...EU, allowIdentifiers: ['guest'], connectionMode: 'device' },
      ],
    });

    const [source] = usableSources(settings);

    expect(usableSources(settings)).toHaveLength(1);
    expect(source).toMatchObject({
      name: 'web',
      siteId: 'eu-site',
      connectionMode: 'device',
      allowIdentifiers: ['None', 'guest'],
      integrationNames: ['CIO US'],
    });
    expect(source).not.toHaveProperty('workspace');
    expect(lookUpName({ ...settings, readAtMs: 0, mayBeOutdated: false }, 'web')).toMatchObject({
      kind: 'source',
      workspaces: [{ workspace: 'us' }, { workspace: 'eu' }],
    });
  });

  it('has one privacy for all of them, under which each one’s rules are checked', () => {
    const privacy = { deny: ['ssn'] };
    const rules = [{ name: 'writes', set: { 'properties.ssn': 'x' } }];

    expect(workspacesOf({ ...WEB, privacy })).toMatchObject([{ privacy }, { privacy }]);
    expect(mistakesOf({ ...WEB, privacy, destinations: [US, { ...EU, rules }] })).toEqual([
      'source 0 ("web"): destinations.1 ("eu"): rules.0 must not write to a key that privacy.deny keeps back (rule "writes")',
    ]);
  });

  it('has no destination in device mode under a privacy that keeps something back', () => {
    const device = { ...EU, connectionMode: 'device' };
    const rules = [{ name: 'less', drop: ['traits.plan'] }];

    expect(mistakesOf({ ...WEB, privacy: { deny: ['ssn'] }, destinations: [US, device] })).toEqual([
      expect.stringContaining('destinations.1 ("eu"): connectionMode must be `cloud`'),
    ]);
    expect(mistakesOf({ ...WEB, destinations: [{ ...US, rules }, device] })).toEqual([]);
  });

  it('may have a single destination, which is none to who looks for the source', () => {
    const settings = settingsOf({ ...WEB, destinations: [US] });

    expect(usableSources(settings)[0]).not.toHaveProperty('workspace');
    expect(usableWorkspaces(settings)).toMatchObject([{ name: 'web', workspace: 'us' }]);
  });

  it('has the flat form beside it as the one workspace it is', () => {
    const [flat] = workspacesOf(GOOD);

    expect(flat).toMatchObject({ name: 'good' });
    expect(flat).not.toHaveProperty('workspace');
  });
});

describe('a mistake', () => {
  it.each([
    [
      'both forms',
      { siteId: 's', apiKey: 'k' },
      [
        'siteId must stand in each of `destinations`, not beside them',
        'apiKey must stand in each of `destinations`, not beside them',
      ],
    ],
    ['an unknown field', { colour: 'red' }, ['unknown field(s) colour']],
    ['no write key', { writeKey: '' }, ['writeKey must not be empty']],
    ['no destinations', { destinations: [] }, ['destinations must be an array of workspaces, 1 to 10']],
    ['no array', { destinations: US }, ['destinations must be an array of workspaces, 1 to 10']],
    [
      'too many destinations',
      { destinations: Array.from({ length: 11 }, (_, n) => ({ ...US, name: `n${n}`, siteId: `s${n}` })) },
      ['destinations must be an array of workspaces, 1 to 10'],
    ],
    ['no object', { destinations: [US, 7] }, ['destinations.1: must be an object']],
    [
      'a missing key and a wrong region',
      { destinations: [US, { name: 'eu', siteId: 's', region: 'uk' }] },
      [
        'destinations.1 ("eu"): apiKey is required and must be a string',
        'destinations.1 ("eu"): region must be `us` or `eu`',
      ],
    ],
    [
      'no name',
      { destinations: [{ ...US, name: undefined }] },
      ['destinations.0: name is required and must be a string'],
    ],
    [
      'a name that is a key',
      { destinations: [{ ...US, name: 'us-key', region: 'uk' }] },
      ['destinations.0: region must be `us` or `eu`'],
    ],
    [
      'a field of the source',
      { destinations: [{ ...US, writeKey: 'x' }] },
      ['destinations.0 ("us"): unknown field(s) writeKey'],
    ],
    [
      'privacy in one',
      { destinations: [{ ...US, privacy: {} }] },
      ['destinations.0 ("us"): privacy must stand beside `destinations`, for all of them'],
    ],
    [
      'a rate over the limit',
      { destinations: [{ ...US, requestsPerSecond: 1_001 }] },
      ['destinations.0 ("us"): requestsPerSecond must be at most 1000, Customer.io\'s own limit'],
    ],
    [
      'two of a name',
      { destinations: [US, { ...EU, name: 'us' }] },
      ['destinations.1 ("us"): name is that of destinations.0 too; each needs its own'],
    ],
    [
      'one workspace twice',
      { destinations: [US, { ...US, name: 'other' }] },
      [
        'destinations.1 ("other"): trackUrl and siteId are those of destinations.0: an event would come there twice',
      ],
    ],
    [
      'two trackers',
      { destinations: [US, EU].map((one) => ({ ...one, connectionMode: 'device' })) },
      ['destinations.1 ("eu"): connectionMode is `device` in destinations.0 already: a page has one tracker'],
    ],
  ])('is told: %s', (_, change, expected) => {
    expect(mistakesOf({ ...WEB, ...change })).toEqual(expected.map((text) => `source 0 ("web"): ${text}`));
  });

  it('in one destination leaves the whole source out, and the others work', () => {
    const { entries } = settingsOf({ ...WEB, destinations: [US, { ...EU, region: 'uk' }] }, GOOD);

    expect(entries).toMatchObject([{ kind: 'left_out', name: 'web', writeKey: 'wk' }, { kind: 'source' }]);
  });

  it('is another rate for a workspace that two sources share', () => {
    const flat = { ...GOOD, siteId: 'us-site', requestsPerSecond: 50 };

    expect(settingsOf(flat, WEB).mistakes).toEqual([
      'source 1 ("web"): destinations.0: requestsPerSecond must be that of source 0 ("good"): trackUrl and siteId are the same',
    ]);
  });

  it('is another rate for a Segment source that two sources share, and said once', () => {
    const flat = { ...GOOD, segmentWriteKey: 'sk', segmentRequestsPerSecond: 50 };

    expect(settingsOf(flat, { ...WEB, segmentWriteKey: 'sk' }).mistakes).toEqual([
      'source 1 ("web"): segmentRequestsPerSecond must be that of source 0 ("good"): segmentUrl and segmentWriteKey are the same',
    ]);
  });
});
