import { SlidingSecond } from '../../../../infra/local/sandbox/sliding-second';
import { authorization, call, event, sendBatch, start } from './client';

const VALID = event({ id: 'u1' });

it('refuses requests over the rate with 429, until a second has passed', async () => {
  let nowMs = 10_000;
  const sandbox = await start({ requestsPerSecond: 2, clock: () => nowMs });
  const sendAt = async (time: number) => {
    nowMs = time;
    return (await sendBatch(sandbox, VALID)).status;
  };

  expect(await sendAt(10_000)).toBe(200);
  expect(await sendAt(10_600)).toBe(200);
  expect(await sendAt(10_999)).toBe(429);
  expect(await sendAt(11_000)).toBe(200);
  expect(await sendAt(11_599)).toBe(429);
  expect(await sendAt(11_600)).toBe(200);
  expect(sandbox.workspace.counts.accepted).toBe(4);
});

it('counts the requests of v1 and v2 together', async () => {
  const sandbox = await start({ requestsPerSecond: 1, clock: () => 0 });

  await call(sandbox, '/api/v1/accounts/region');

  expect((await sendBatch(sandbox, VALID)).status).toBe(429);
});

it('counts each workspace for itself', async () => {
  const workspaces = [
    { siteId: 'a', apiKey: 'a' },
    { siteId: 'b', apiKey: 'b' },
  ];
  const sandbox = await start({ workspaces, requestsPerSecond: 1, clock: () => 0 });
  const region = (siteId: string) =>
    call(sandbox, '/api/v1/accounts/region', {
      headers: { authorization: authorization(`${siteId}:${siteId}`) },
    });

  const statuses = [await region('a'), await region('b'), await region('a')].map(({ status }) => status);

  expect(statuses).toEqual([200, 200, 429]);
});

it('knows the most requests that arrived within one second, refused ones included', async () => {
  let nowMs = 900;
  const sandbox = await start({ requestsPerSecond: 2, clock: () => nowMs });
  for (nowMs of [900, 950, 1_500, 1_899, 1_900, 4_000]) await sendBatch(sandbox, VALID);

  expect(sandbox.workspace.arrivals.peak).toBe(4);
  expect((await call(sandbox, '/sandbox')).body).toMatchObject({ requests: 6, max_requests_per_second: 4 });
});

it('takes 1000 requests a second unless told otherwise', async () => {
  const { workspace } = await start({ clock: () => 0 });

  const admitted = Array.from({ length: 1_001 }, () => workspace.admit(workspace.recordRequest()));

  expect(admitted.indexOf(false)).toBe(1_000);
});

describe('a sliding second', () => {
  it('holds what began less than 1000 ms ago, for as many as come', () => {
    const window = new SlidingSecond();
    const counts = Array.from({ length: 5_000 }, (_, index) => {
      window.add(index);
      return window.count(index);
    });

    expect(counts.slice(0, 1_000)).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
    expect(new Set(counts.slice(1_000))).toEqual(new Set([1_000]));
    expect(window.peak).toBe(1_000);
    expect(window.count(5_998)).toBe(1);
    expect(window.count(5_999)).toBe(0);
  });
});
