// The parameter store at its worst: it takes the connection and never answers.

import {
  loadSettings,
  READ_AGAIN_AFTER_MS,
  SETTINGS_MAX_AGE_SECONDS,
} from '../../../lib/config/load-settings';
import { startServer, type TestServer } from '../../support/http-server';

const ENVIRONMENT = { SOURCES_PARAMETER: '/cio-relay/prod/sources' };
const SOURCES = JSON.stringify([{ name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'k' }]);
const SHOP = { entries: [{ source: { name: 'shop' } }] };
const load = () => loadSettings(undefined, ENVIRONMENT);
/** Attempts of a second each begin for four seconds, well before the first SDK gives up. */
const GIVES_UP_FIRST_WITHIN_MS = 6_500;
/** Two of them, and a pause between them. */
const GIVES_UP_WITHIN_MS = 4_000;

let store: TestServer;
let requests: number;
let isHanging: boolean;

beforeAll(async () => {
  store = await startServer((request, response) => {
    request.resume();
    requests += 1;
    if (!isHanging) response.end(JSON.stringify({ Parameter: { Value: SOURCES } }));
  });
  process.env['AWS_ENDPOINT_URL_SSM'] = store.url;
});

afterAll(() => store.close());

beforeEach(() => {
  requests = 0;
  isHanging = true;
});

const elapsedMsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
};

// In this order, because the module remembers the last settings it has read.
it('A first read that gets no answer fails soon, and says so', async () => {
  const elapsedMs = await elapsedMsOf(() =>
    expect(load()).rejects.toThrow('could not be read: TimeoutError.'),
  );

  expect(elapsedMs).toBeLessThan(GIVES_UP_FIRST_WITHIN_MS);
  expect(requests).toBeGreaterThanOrEqual(3);
});

it('A later read that gets no answer soon leaves the last settings in use, and the store in peace for a while', async () => {
  isHanging = false;
  jest.spyOn(Date, 'now').mockReturnValue(Date.now() + READ_AGAIN_AFTER_MS);
  await load();
  isHanging = true;
  requests = 0;
  const later = Date.now() + SETTINGS_MAX_AGE_SECONDS * 1_000 + 1;
  const clock = jest.spyOn(Date, 'now').mockReturnValue(later);

  const elapsedMs = await elapsedMsOf(async () => {
    expect(await load()).toMatchObject(SHOP);
    clock.mockReturnValue(later + 29_000);
    expect(await load()).toMatchObject(SHOP);
  });

  expect(elapsedMs).toBeLessThan(GIVES_UP_WITHIN_MS);
  expect(requests).toBe(2);
});

it('Once the store answers again, so do the new settings', async () => {
  isHanging = false;
  jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 2 * SETTINGS_MAX_AGE_SECONDS * 1_000);

  await load();

  expect(requests).toBe(1);
});
