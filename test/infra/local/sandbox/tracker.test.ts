// The stand-in of Customer.io's tracker: its script in a page made by hand, and what the sandbox makes of its calls.

import { runInNewContext } from 'node:vm';
import { type Sandbox, startSandbox } from '../../../../infra/local/sandbox/server';
import { until } from '../../../support/until';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});

afterAll(() => sandbox.close());
beforeEach(() => sandbox.reset());

class Storage {
  private readonly items = new Map<string, string>();
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: unknown) => this.items.set(key, String(value));
  removeItem = (key: string) => this.items.delete(key);
}

interface Tracker {
  identify(traits: object): void;
  track(name: string, properties?: object): void;
  page(name?: string): void;
  reset(): void;
  push(call: unknown[]): void;
}

/** @param queued what the page has called before the script came. */
const openPage = async (
  queued: unknown[][] = [],
  { localStorage = new Storage(), autoTrackPage = false } = {},
): Promise<Tracker> => {
  const response = await fetch(`${sandbox.url}/assets/track.js`);
  const attributes: Record<string, string> = {
    'data-site-id': 'local',
    'data-auto-track-page': String(autoTrackPage),
  };
  const currentScript = {
    id: 'cio-tracker',
    src: response.url,
    getAttribute: (name: string) => attributes[name] ?? null,
  };
  const window: { _cio: unknown } = { _cio: queued };
  const location = { href: 'https://shop.example/' };
  runInNewContext(await response.text(), {
    window,
    document: { currentScript },
    localStorage,
    location,
    fetch,
    URL,
    console,
    Array,
  });
  return window._cio as Tracker;
};

const lines = (): string[] =>
  sandbox.workspace
    .activities()
    .map(({ activity_type: type, activity_name: name, connection_mode: mode }) => `${mode} ${type} ${name}`);

const arrived = (line: string) => until(() => lines().includes(line));

it('takes what was queued and what is called later, and says of it that it came from a page', async () => {
  const tracker = await openPage([['identify', { id: 'u1', plan: 'pro' }]]);
  await arrived('device Attribute Change plan, anonymous_id');
  tracker.track('Ordered', { total: 3 });
  tracker.page('Home');
  tracker.push(['track', 'Pushed']);

  await arrived('device event Ordered');
  await arrived('device Page View Home');
  await arrived('device event Pushed');
  for (const { identifiers } of sandbox.workspace.activities()) {
    expect(identifiers).toMatchObject({ id: 'u1' });
  }
});

it('ignores an identify without an id', async () => {
  const tracker = await openPage([['identify', { plan: 'pro' }]]);
  tracker.track('Ordered');

  await arrived('device event Ordered');
  expect(lines()).toEqual(['device event Ordered']);
});

it('knows a person from page to page, until it is reset', async () => {
  const localStorage = new Storage();
  await openPage([['identify', { id: 'u1' }]], { localStorage });
  const tracker = await openPage([['track', 'Known']], { localStorage });
  tracker.reset();
  tracker.track('Unknown');

  await arrived('device event Known');
  await arrived('device event Unknown');
  const personOf = (event: string) =>
    sandbox.workspace.activities().find(({ activity_name: name }) => name === event)?.identifiers;
  expect(personOf('Known')).toMatchObject({ id: 'u1' });
  expect(personOf('Unknown')).toEqual({ anonymous_id: expect.any(String) });
});

it('makes a page view of its own unless told not to', async () => {
  await openPage([], { autoTrackPage: true });

  await arrived('device Page View https://shop.example/');
});

it.each([
  [404, '/assets/none', '{}'],
  [400, '/assets/calls', 'not JSON'],
  [400, '/assets/calls', '[]'],
  [401, '/assets/calls', '{"site_id":"other"}'],
  [400, '/assets/calls', '{"site_id":"local","action":"event"}'],
])('answers %i to %s with %s', async (status, path, body) => {
  const response = await fetch(sandbox.url + path, { method: 'POST', body });

  expect(response.status).toBe(status);
  expect(lines()).toEqual([]);
});

it('marks nothing that comes by the Track API', async () => {
  await fetch(`${sandbox.url}/api/v2/entity`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('local:local')}` },
    body: JSON.stringify({ type: 'person', action: 'event', identifiers: { id: 'u1' }, name: 'Ordered' }),
  });

  expect(lines()).toContain('undefined event Ordered');
});
