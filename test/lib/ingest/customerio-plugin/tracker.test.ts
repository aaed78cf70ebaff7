import { Tracker } from '../../../../lib/ingest/customerio-plugin/tracker';
import type { TrackerCall } from '../../../../lib/ingest/customerio-plugin/tracker-call';
import { TestPage } from '../../../support/plugin-page';

const SETTINGS = {
  siteId: 'site',
  scriptUrl: 'https://tracker.example.com/t.js',
  convertTimestamps: true,
  integrationNames: [],
};
const TRACK: TrackerCall = { method: 'track', name: 'Signed Up', properties: {} };

const trackerOn = (page: TestPage): Tracker => new Tracker(page, SETTINGS);

describe('Tracker.load', () => {
  it('adds the script as the snippet of Customer.io does, without page views of its own', async () => {
    const page = new TestPage();
    const loading = trackerOn(page).load();
    page.endScript();

    expect(await loading).toBe(true);
    expect(page.scripts).toMatchObject([
      {
        id: 'cio-tracker',
        src: 'https://tracker.example.com/t.js',
        async: true,
        attributes: {
          'data-site-id': 'site',
          'data-use-array-params': 'true',
          'data-auto-track-page': 'false',
          'data-use-in-app': 'true',
        },
      },
    ]);
  });

  it('keeps what the page calls by itself until the script is there', () => {
    const page = new TestPage();
    void trackerOn(page).load();

    page._cio?.track?.('Own', { a: 1 });

    expect(Array.from(Object.values(page._cio ?? {})).slice(0, 1)).toEqual([['track', 'Own', { a: 1 }]]);
  });

  it('waits for a script that the page has added, and adds none', async () => {
    const page = new TestPage();
    page.addScript('cio-tracker');
    const loading = trackerOn(page).load();
    page.endScript();

    expect(await loading).toBe(true);
    expect(page.scripts).toHaveLength(1);
  });

  it('is at once done when the tracker already runs', async () => {
    const page = new TestPage();
    page.startTracker();

    expect(await trackerOn(page).load()).toBe(true);
    expect(page.scripts).toEqual([]);
  });

  it('is a no on a page that allows no such script', async () => {
    const page = new TestPage();
    jest.spyOn(page.document.head, 'appendChild').mockImplementation(() => {
      throw new TypeError('This document requires TrustedScriptURL assignment.');
    });

    expect(await trackerOn(page).load()).toBe(false);
  });
});

describe('Tracker.send', () => {
  const running = (): [TestPage, Tracker] => {
    const page = new TestPage();
    page.startTracker();
    return [page, trackerOn(page)];
  };

  it('names a person whom the tracker has not been told of on this page, once', () => {
    const [page, tracker] = running();

    tracker.send(TRACK, 'u1');
    tracker.send(TRACK, 'u1');
    tracker.send(TRACK, 7);

    expect(page.calls).toEqual([
      ['identify', { id: 'u1' }],
      ['track', 'Signed Up', {}],
      ['track', 'Signed Up', {}],
      ['identify', { id: '7' }],
      ['track', 'Signed Up', {}],
    ]);
  });

  it.each([undefined, null])('leaves a visitor, whose userId is %j, to the tracker', (userId) => {
    const [page, tracker] = running();

    tracker.send({ method: 'page', name: 'Home', properties: { a: 1 } }, userId);

    expect(page.calls).toEqual([['page', 'Home', { a: 1 }]]);
  });
});

it('forgetting does nothing while no tracker runs', () => {
  const page = new TestPage();

  trackerOn(page).forget();

  expect(page.calls).toEqual([]);
});
