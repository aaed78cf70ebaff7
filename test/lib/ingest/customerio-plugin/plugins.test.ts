import type { Hook, Plugin, PluginSettings } from '../../../../lib/ingest/customerio-plugin/analytics';
import { createPlugins } from '../../../../lib/ingest/customerio-plugin/plugins';
import type { JsonObject } from '../../../../lib/json/json-object';
import { isDeliveredByBrowser } from '../../../../lib/mapping/device-mode';
import { TestAnalytics, TestContext, TestPage } from '../../../support/plugin-page';

const SETTINGS = {
  siteId: 'site',
  scriptUrl: 'https://tracker.example.com/t.js',
  convertTimestamps: true,
  integrationNames: ['our-crm'],
};

const start = async (
  end: (page: TestPage) => void = (page) => page.endScript(),
  settings: PluginSettings = SETTINGS,
) => {
  const page = new TestPage();
  const analytics = new TestAnalytics();
  const [marker, destination] = createPlugins(settings, page);
  if (marker === undefined || destination === undefined) throw new Error('There are not two plugins.');
  const loading = marker.load(undefined, analytics);
  end(page);
  await Promise.all([loading, destination.load(undefined, analytics)]);
  /** As analytics.js takes an event through. @returns it as it leaves for the relay. */
  const send = (event: JsonObject): JsonObject => {
    const context = new TestContext(event);
    const marked = hookOf(marker, event)?.(context);
    if (marked !== undefined) hookOf(destination, event)?.(marked);
    return context.event;
  };
  return { page, analytics, marker, destination, send };
};

const hookOf = (plugin: Plugin, { type }: JsonObject): Hook | undefined =>
  new Map<unknown, Hook>(Object.entries(plugin)).get(type);

const preferences = (categoryPreferences: JsonObject): JsonObject => ({
  context: { consent: { categoryPreferences } },
});

const TRACK = { type: 'track', event: 'Signed Up', properties: { plan: 'pro' } };

describe('The plugins', () => {
  it('are what analytics.js takes: one to wait for, one that is a destination, both by the name of pages', async () => {
    const { marker, destination } = await start();

    expect([marker.type, destination.type]).toEqual(['enrichment', 'destination']);
    for (const { name, version } of [marker, destination]) {
      expect({ name, version }).toEqual({ name: 'Customer.io', version: expect.any(String) });
    }
    expect([marker.isLoaded(), destination.isLoaded()]).toEqual([true, true]);
    expect(destination).not.toHaveProperty('alias');
    expect(destination).not.toHaveProperty('screen');
  });

  it('give the tracker what it takes, and mark it as the relay reads it', async () => {
    const { page, send } = await start();

    const sent = send(TRACK);

    expect(page.calls).toEqual([['track', 'Signed Up', { plan: 'pro' }]]);
    expect(sent['_metadata']).toEqual({
      bundled: ['Customer.io', 'Segment.io'],
      unbundled: [],
      bundledIds: [],
    });
    expect(isDeliveredByBrowser(sent)).toBe(true);
  });

  it.each<[string, JsonObject]>([
    ['an identify of nobody', { type: 'identify', traits: { plan: 'pro' } }],
    ['a group of nobody', { type: 'group', groupId: 'g1' }],
    ['a screen', { type: 'screen', name: 'Main' }],
    ['an alias', { type: 'alias', userId: 'u1', previousId: 'u0' }],
    ['a person known by cio_id', { ...TRACK, userId: 'cio_0200' }],
    ['what is not for Customer.io', { ...TRACK, integrations: { 'Customer.io': false } }],
    ['what is not for it in another spelling', { ...TRACK, integrations: { 'Actions Customerio': false } }],
    ['what is not for a name of the source', { ...TRACK, integrations: { 'Our CRM': false } }],
    ['what analytics.js keeps from it', { ...TRACK, integrations: { CUSTOMERIO: true, All: false } }],
    ['what is for nobody', { ...TRACK, integrations: { All: false } }],
  ])('leave %s to the relay', async (_, event) => {
    const { page, send } = await start();

    expect(send(event)).toEqual(event);
    expect(page.calls).toEqual([]);
  });

  it.each([{ 'Customer.io': true, All: false }, { 'Customer.io': {}, All: false }, { All: true }, undefined])(
    'take an event with the integrations %j',
    async (integrations) => {
      const { page, send } = await start();

      send({ ...TRACK, integrations });

      expect(page.calls).toHaveLength(1);
    },
  );

  it.each<[string, JsonObject, boolean]>([
    ['who have agreed', preferences({ Marketing: true, Ads: false }), true],
    ['who have refused', preferences({ Marketing: false }), false],
    ['of whom nothing is said, as the settings want', {}, false],
    [
      'who tell what they agree to',
      { ...preferences({ Marketing: true }), event: 'Segment Consent Preference Updated' },
      false,
    ],
    [
      'whose identify gets their preferences',
      { ...preferences({ Marketing: true }), type: 'identify', userId: 'u1' },
      false,
    ],
  ])('give the tracker events of people %s, or leave them to the relay', async (_, fields, isTaken) => {
    const consent = { require: ['Marketing'], onMissing: 'skip', attribute: 'preferences' } as const;
    const { page, send } = await start(undefined, { ...SETTINGS, consent });

    const sent = send({ ...TRACK, ...fields });

    expect(isDeliveredByBrowser(sent)).toBe(isTaken);
    expect(page.calls).toHaveLength(isTaken ? 1 : 0);
  });

  it('give the tracker an identify that gets no preferences', async () => {
    const consent = { require: ['Marketing'], onMissing: 'skip' } as const;
    const { page, send } = await start(undefined, { ...SETTINGS, consent });

    send({ type: 'identify', userId: 'u1', ...preferences({ Marketing: true }) });

    expect(page.calls[0]).toEqual(['identify', { id: 'u1' }]);
  });

  it.each<[string, (page: TestPage) => void]>([
    ['is blocked', (page) => page.scripts[0]?.end('error')],
    ['is an empty script', (page) => page.scripts[0]?.end('load')],
    ['never comes', (page) => page.runTimers()],
  ])('leave everything to the relay when the tracker %s, even should it come late', async (_, end) => {
    const { page, destination, send } = await start(end);

    page.startTracker();

    expect(send(TRACK)).toEqual(TRACK);
    expect(page.calls).toEqual([]);
    expect(destination.isLoaded()).toBe(false);
  });

  it('leave everything to the relay once a plugin of the page has failed, which writes over every mark', async () => {
    const { page, analytics, send } = await start();
    analytics.queue.failedInitializations.push('Other');

    expect(send(TRACK)).toEqual(TRACK);
    expect(page.calls).toEqual([]);
  });

  it('give the tracker nothing without a mark, because the relay delivers that', async () => {
    const { page, destination } = await start();

    destination.track(new TestContext(TRACK));

    expect(page.calls).toEqual([]);
  });

  it('tell the tracker that somebody has signed out', async () => {
    const { page, analytics, send } = await start();
    analytics.userId = 'u1';
    send({ type: 'identify', userId: 'u1', traits: {} });
    analytics.reset();
    send(TRACK);

    expect(page.calls.map(([method]) => method)).toEqual(['identify', 'reset', 'track']);
  });

  it('tell it once more after an event that was still under way', async () => {
    const { page, analytics, send } = await start();
    analytics.userId = 'u1';
    send({ type: 'identify', userId: 'u1', traits: {} });
    analytics.reset();
    send({ ...TRACK, userId: 'u1' });
    send(TRACK);

    expect(page.calls.map(([method]) => method)).toEqual([
      'identify',
      'reset',
      'identify',
      'track',
      'reset',
      'track',
    ]);
  });
});
