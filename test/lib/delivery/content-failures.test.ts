// Failures that follow the content, told from an outage: what is halved, what is left to the queue and how, and how
// few requests an outage sees.

import type { HttpAnswer, HttpRequest, Item } from '../../../lib/delivery/connector';
import { deliver } from '../../../lib/delivery/deliver';
import type { Lane, LaneResult } from '../../../lib/delivery/delivery';
import { Pacer } from '../../../lib/delivery/limiter';
import type { RetryDelay } from '../../../lib/delivery/retry-policy';
import { contextOf, destinationOf, itemOf, namesIn, response } from '../../support/destination';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const RESET: HttpAnswer = { kind: 'no_response', cause: 'network', code: 'ECONNRESET' };
const SILENCE: HttpAnswer = { kind: 'no_response', cause: 'timeout', code: 'ETIMEDOUT' };

const FAILED_ALONE: RetryDelay = { kind: 'backoff', failedAlone: true };
const CULPRIT: RetryDelay = { kind: 'culprit', isProven: true };

const laneOf = (names: readonly string[], changes: Partial<Lane> = {}): Lane => ({
  destination: destinationOf(),
  items: names.map((name) => itemOf(name)),
  standing: 'fresh',
  ...changes,
});

interface Delivered {
  readonly results: readonly LaneResult[];
  /** Names of the items of each request. */
  readonly requests: readonly string[][];
}

const deliverLanes = async (
  lanes: readonly Lane[],
  answer: (names: string[], request: HttpRequest) => HttpAnswer,
  answerMs = 1,
  pacer = new Pacer(1_000),
): Promise<Delivered> => {
  const requests: string[][] = [];
  const send = async (request: HttpRequest): Promise<HttpAnswer> => {
    requests.push(namesIn(request));
    await new Promise((resolve) => setTimeout(resolve, answerMs));
    return answer(namesIn(request), request);
  };
  const endsAt = Date.now() + 60_000;
  const context = contextOf(send, { pacer, remainingMs: () => endsAt - Date.now() });
  const delivery = deliver(lanes, context);
  await jest.runAllTimersAsync();
  return { results: await delivery, requests };
};

/** Any request that holds one of `poison` gets `failure`, every other one is taken. */
const poisonous =
  (poison: readonly string[], failure: HttpAnswer) =>
  (names: readonly string[]): HttpAnswer =>
    names.some((name) => poison.includes(name)) ? failure : response(200);

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `e${index}`);

const kindsOf = ({ outcomes }: LaneResult): string[] =>
  outcomes.map((outcome) => (outcome.kind === 'retry' ? outcome.delay.kind : outcome.kind));

const leftOf = ({ outcomes }: LaneResult): number[] =>
  outcomes.flatMap((outcome, index) => (outcome.kind === 'retry' ? [index] : []));

const only = ({ results: [result] }: Delivered): LaneResult => {
  if (result === undefined) throw new Error('There was one lane.');
  return result;
};

describe('content that always fails', () => {
  it.each([
    ['500', response(500, { meta: { error: 'cannot' } }), 'HTTP 500: {"meta":{"error":"cannot"}}'],
    ['502 of a proxy', response(502, ''), 'HTTP 502: ""'],
    ['403', response(403), 'HTTP 403: {}'],
    ['a reset', RESET, 'no answer: network (ECONNRESET)'],
    ['an answer that cannot be read', response(200, 'cut'), 'HTTP 200: "cut"'],
  ])('with %s stands alone in the end, and all others are delivered', async (_, failure, cause) => {
    const delivered = await deliverLanes([laneOf(numbered(100))], poisonous(['e57'], failure));

    const { outcomes, report } = only(delivered);
    expect(leftOf(only(delivered))).toEqual([57]);
    expect(outcomes[57]).toEqual({ kind: 'retry', delay: FAILED_ALONE, cause });
    expect(outcomes.filter(({ kind }) => kind === 'delivered')).toHaveLength(99);
    expect(report).not.toHaveProperty('operatorAdvice');
    expect(delivered.requests.length).toBeLessThan(25);
  });

  it('is a culprit when it fails alone in a second invocation, and not for having been received before', async () => {
    const suspects = laneOf(numbered(30), { standing: 'suspect' });
    const failedAlone = new Set(suspects.items.filter((_, index) => index === 7 || index === 8));

    const { results } = await deliverLanes(
      [laneOf(['new']), { ...suspects, failedAlone }],
      poisonous(['e7', 'e20'], response(403, 'no')),
    );

    expect(results[1]?.outcomes.filter(({ kind }) => kind !== 'delivered')).toEqual([
      { kind: 'retry', delay: { kind: 'culprit', isProven: true }, cause: 'HTTP 403: "no"' },
      { kind: 'retry', delay: FAILED_ALONE, cause: 'HTTP 403: "no"' },
    ]);
  });

  it('has all its attempts before it becomes one', async () => {
    const suspects = laneOf(numbered(3), { standing: 'suspect' });

    const { requests } = await deliverLanes(
      [laneOf(['new']), { ...suspects, failedAlone: new Set(suspects.items.slice(0, 1)) }],
      poisonous(['e0', 'e1'], response(500)),
    );

    expect(requests.filter(([name]) => name === 'e0')).toEqual([['e0', 'e1', 'e2'], ['e0'], ['e0'], ['e0']]);
    expect(requests.filter(([name]) => name === 'e1')).toEqual([['e1']]);
  });

  it('that is refused when it is asked alone is rejected, with the words of the refusal', async () => {
    const refusal = response(400, { errors: [{ reason: 'invalid', field: 'name', message: 'no' }] });

    const delivered = await deliverLanes([laneOf(['a', 'b', 'c', 'd'])], (names) => {
      if (names.length === 4) return response(500);
      return names.includes('a') ? refusal : response(200);
    });

    const [first, ...others] = only(delivered).outcomes;
    expect(first).toMatchObject({ kind: 'rejected', detail: expect.stringContaining('no') });
    expect(others.map(({ kind }) => kind)).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it('is found several times over in one request', async () => {
    const poison = ['e3', 'e40', 'e41', 'e99', 'e100', 'e250', 'e399'];

    const delivered = await deliverLanes([laneOf(numbered(400))], poisonous(poison, response(500)));

    expect(leftOf(only(delivered)).map((index) => `e${index}`)).toEqual(poison);
    expect(only(delivered).outcomes.filter(({ kind }) => kind === 'delivered')).toHaveLength(393);
  });

  it('is found where the very items that are asked first are such', async () => {
    const delivered = await deliverLanes([laneOf(numbered(64))], poisonous(['e0'], response(500)));

    expect(leftOf(only(delivered))).toEqual([0]);
  });

  it.each([
    ['for the first time', false, FAILED_ALONE],
    ['once more', true, CULPRIT],
  ] as const)('alone in its request is found when others are taken after it: %s', async (_, again, delay) => {
    const bad = laneOf(['bad'], { destination: destinationOf({ name: 'shop' }), standing: 'suspect' });
    const good = laneOf(['good'], { destination: destinationOf({ name: 'blog' }), standing: 'suspect' });

    const { results } = await deliverLanes(
      [{ ...bad, failedAlone: new Set(again ? bad.items : []) }, good],
      poisonous(['bad'], response(500)),
    );

    expect(results[0]?.outcomes).toMatchObject([{ delay }]);
    expect(results[1]?.outcomes).toEqual([{ kind: 'delivered' }]);
  });

  it('is tried alone, and three times, before it is blamed: it may have been chance', async () => {
    const { requests } = await deliverLanes([laneOf(['a', 'b'])], poisonous(['b'], response(500)));

    expect(requests).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b'], ['a'], ['b'], ['b'], ['b']]);
  });

  it('with a 403 asks for no operator where its probes fail for something else', async () => {
    const delivered = await deliverLanes([laneOf(numbered(20))], (names) =>
      response(names.length > 1 ? 403 : 429),
    );

    expect(new Set(kindsOf(only(delivered)))).toEqual(new Set(['backoff']));
    expect(only(delivered).report).not.toHaveProperty('operatorAdvice');
  });

  it('keeps the order of one person on its way', async () => {
    const items = Array.from({ length: 12 }, (_, index) => itemOf(`e${index}`, 'one person', index));

    const delivered = await deliverLanes([laneOf([], { items })], poisonous(['e5'], response(500)));

    const taken = delivered.requests.filter((names) => !names.includes('e5')).flat();
    expect(taken).toEqual(items.map((_, index) => `e${index}`).filter((name) => name !== 'e5'));
    expect(leftOf(only(delivered))).toEqual([5]);
  });
});

describe('an outage', () => {
  it.each([
    ['500', response(500), 5, 'backoff'],
    ['a reset', RESET, 5, 'backoff'],
    ['403', response(403), 3, 'operator'],
    ['401', response(401), 1, 'operator'],
    ['429', response(429), 3, 'backoff'],
    ['503 with a time to come back', response(503, {}, { 'retry-after': '1' }), 3, 'backoff'],
    ['408', response(408), 3, 'backoff'],
    ['silence', SILENCE, 1, 'backoff'],
    [
      'nobody listening',
      { kind: 'no_response', cause: 'network', code: 'ECONNREFUSED' } as const,
      3,
      'backoff',
    ],
  ])('of %s sees few requests, whatever is waiting', async (_, failure, most, kind) => {
    const fresh = laneOf(numbered(500));
    const suspects = laneOf(numbered(300), { standing: 'suspect' });

    const { results, requests } = await deliverLanes([fresh, suspects], () => failure);

    expect(requests.length).toBeLessThanOrEqual(most);
    expect(new Set(results.flatMap(kindsOf))).toEqual(new Set([kind]));
  });

  it.each([
    ['500', response(500), 10 + 4],
    ['a reset', RESET, 10 + 4],
    ['403', response(403), 10 + 2],
    ['429', response(429), 10 + 2],
  ])(
    'of %s that takes its time to answer sees those in flight, and the attempts of one',
    async (_, failure, most) => {
      const small = destinationOf({ maxBatchBytes: 60 });
      const lanes = [laneOf(numbered(400), { destination: small })];

      const { results, requests } = await deliverLanes(lanes, () => failure, 300);

      expect(requests.length).toBeLessThanOrEqual(most);
      expect(results.flatMap(kindsOf)).not.toContain('culprit');
    },
  );

  it('of which a request has a 403 asks for no operator, because nothing is left to probe it with', async () => {
    const lanes = [laneOf(numbered(40), { destination: destinationOf({ maxBatchBytes: 60 }) })];

    const delivered = await deliverLanes(lanes, ([first]) => response(first === 'e3' ? 403 : 500), 300);

    expect(new Set(kindsOf(only(delivered)))).toEqual(new Set(['backoff']));
    expect(only(delivered).report.operatorAdvice).toBeUndefined();
  });

  it('that is over when the first is tried again holds none of the others', async () => {
    const small = destinationOf({ maxBatchBytes: 60 });
    let request = 0;
    const startedAt = Date.now();

    const delivered = await deliverLanes(
      [laneOf(numbered(40), { destination: small })],
      () => {
        request += 1;
        return request <= 10 ? response(429, {}, { 'retry-after': '1' }) : response(200);
      },
      300,
    );

    expect(new Set(kindsOf(only(delivered)))).toEqual(new Set(['delivered']));
    expect(Date.now() - startedAt).toBeLessThan(60_000);
  });

  it('that begins in the middle of the work ends it after a dozen failures, and blames nobody', async () => {
    let taken = 0;
    const small = destinationOf({ maxBatchBytes: 60 });
    const lane = laneOf(numbered(400), { destination: small });

    const delivered = await deliverLanes([lane], () => {
      taken += 1;
      return taken > 20 ? response(500) : response(200);
    });

    // Those in flight when it began, the failures in a row, and the last probes.
    expect(delivered.requests.length - 20).toBeLessThan(35);
    expect(kindsOf(only(delivered))).not.toContain('culprit');
  });

  it('of half the requests leaves little behind', async () => {
    let request = 0;
    const delivered = await deliverLanes([laneOf(numbered(400))], () => {
      request += 1;
      return request % 2 === 1 ? response(500) : response(200);
    });

    const left = kindsOf(only(delivered)).filter((kind) => kind !== 'delivered');
    expect(left.length).toBeLessThan(100);
  });
});

describe('items that must arrive one after the other', () => {
  it.each(['fresh', 'suspect'] as const)(
    'are not swapped by one failure of the first: %s',
    async (standing) => {
      const items = ['a', 'bad', 'c', 'd'].map((name) => itemOf(name, 'the same person'));
      let failures = 0;

      const delivered = await deliverLanes([laneOf(['other']), laneOf([], { standing, items })], (names) => {
        if (names.includes('bad')) return response(500);
        if (names.length > 1 || names[0] !== 'a') return response(200);
        failures += 1;
        return response(failures === 1 ? 503 : 200);
      });

      expect(leftOf(delivered.results[1] ?? only(delivered))).toEqual([1]);
    },
  );
});

describe('what failed before', () => {
  it('shares no request with fresh items', async () => {
    const lanes = [laneOf(['new 1', 'new 2']), laneOf(['old 1', 'old 2'], { standing: 'suspect' })];

    const { requests } = await deliverLanes(lanes, () => response(200));

    expect(requests).toEqual([
      ['new 1', 'new 2'],
      ['old 1', 'old 2'],
    ]);
  });

  it('stops no fresh item when it fails, and the fresh ones tell it from an outage', async () => {
    const old = Array.from({ length: 20 }, (_, index) => `old ${index}`);
    const lanes = [laneOf(old, { standing: 'suspect' }), laneOf(numbered(50))];

    const { results, requests } = await deliverLanes(lanes, poisonous(old, response(500)));

    expect(results[0]?.outcomes).toMatchObject(old.map(() => ({ delay: FAILED_ALONE })));
    expect(results.slice(1).flatMap(kindsOf)).toEqual(Array(50).fill('delivered'));
    expect(requests.length).toBeLessThanOrEqual(1 + 1 + 2 * old.length);
  });

  it('is given up for now when too much of it fails in a row', async () => {
    const old = Array.from({ length: 400 }, (_, index) => `old ${index}`);
    const lanes = [laneOf(old, { standing: 'suspect' }), laneOf(numbered(50))];

    const { results, requests } = await deliverLanes(lanes, poisonous(old, response(500)));

    expect(new Set(results.slice(1).flatMap(kindsOf))).toEqual(new Set(['delivered']));
    expect(requests.length).toBeLessThan(60);
  });

  it('waits for the first answer to a fresh request', async () => {
    const lanes = [laneOf(['old'], { standing: 'suspect' }), laneOf(['new'])];

    const { requests } = await deliverLanes(lanes, () => response(200));

    expect(requests).toEqual([['new'], ['old']]);
  });
});

describe('two sources of one workspace', () => {
  const shop = destinationOf({ name: 'shop' });
  const blog = destinationOf({ name: 'blog', request: { ...shop.request, password: 'another key' } });

  it('share what an outage tells: it sees the requests of one', async () => {
    const lanes = [
      laneOf(numbered(100), { destination: shop }),
      laneOf(numbered(100), { destination: blog }),
    ];

    const { results, requests } = await deliverLanes(lanes, () => response(503));

    expect(new Set(results.flatMap(kindsOf))).toEqual(new Set(['backoff']));
    // One of each was in flight when the first failed.
    expect(requests.length).toBeLessThanOrEqual(10);
  });

  it('do not share a key that is no longer good', async () => {
    const lanes = [laneOf(numbered(10), { destination: shop }), laneOf(numbered(10), { destination: blog })];

    const { results } = await deliverLanes(lanes, (_, { password }) =>
      response(password === 'another key' ? 200 : 401),
    );

    expect(results.map((result) => new Set(kindsOf(result)))).toEqual([
      new Set(['operator']),
      new Set(['delivered']),
    ]);
  });

  it('that refuses one key for all it sends is not taken for content, although the other is good', async () => {
    const lanes = [
      laneOf(numbered(100), { destination: shop }),
      laneOf(numbered(100), { destination: blog }),
    ];

    const { results, requests } = await deliverLanes(lanes, (_, { password }) =>
      response(password === 'another key' ? 200 : 403),
    );

    expect(results.map((result) => new Set(kindsOf(result)))).toEqual([
      new Set(['operator']),
      new Set(['delivered']),
    ]);
    expect(results[0]?.report.operatorAdvice).toMatch(/^Customer\.io answered 403/);
    expect(requests.length).toBeLessThan(6);
  });
});

describe('a request refused whole', () => {
  it('of which half is wrong is sorted out within an invocation, its halves beside each other', async () => {
    const names = numbered(400);
    const wrong = names.filter((_, index) => index % 2 === 0);
    const startedAt = Date.now();
    let endedAt = 0;

    const delivered = await deliverLanes(
      [laneOf(names)],
      (sent) => {
        endedAt = Date.now();
        return poisonous(wrong, response(400))(sent);
      },
      100,
    );

    expect(kindsOf(only(delivered))).toEqual(names.map((_, index) => (index % 2 ? 'delivered' : 'rejected')));
    // One after the other they would have taken 80 s.
    expect(endedAt - startedAt).toBeLessThan(15_000);
  });
});

describe('a request refused whole for which the time is short', () => {
  const names = numbered(4_000);
  /** One of two is wrong: to find them all takes more requests than there is time for at this rate. */
  const wrong = new Set(names.filter((_, index) => index % 2 === 0));
  const REQUESTS_PER_SECOND = 20;
  const answer = (sent: readonly string[]): HttpAnswer =>
    sent.some((name) => wrong.has(name)) ? response(400) : response(200);
  const deliverSlowly = (lane: Lane) => deliverLanes([lane], answer, 100, new Pacer(REQUESTS_PER_SECOND));
  const countOf = (results: readonly LaneResult[], kind: string) =>
    results.flatMap(kindsOf).filter((one) => one === kind).length;

  it.each(['fresh', 'suspect'] as const)(
    'is sorted out in part, so that the next invocation has less to do (%s)',
    async (standing) => {
      const { results } = await deliverSlowly(laneOf(names, { standing }));

      expect(countOf(results, 'rejected')).toBeGreaterThan(100);
      expect(countOf(results, 'delivered')).toBeGreaterThan(100);
      expect(countOf(results, 'at_once')).toBeGreaterThan(0);
    },
  );

  it('lets what was not asked yet go first', async () => {
    const all = [...names, ...numbered(4_000).map((name) => `good ${name}`)];
    const destination = destinationOf({ maxBatchBytes: 10_000 });
    const { requests } = await deliverSlowly(laneOf(all, { destination }));

    const known = new Set<string>();
    const isPart = requests.map((sent) => {
      const wasAsked = sent.every((name) => known.has(name));
      for (const name of sent) known.add(name);
      return wasAsked;
    });
    expect(known.size).toBe(all.length);
    expect(isPart.lastIndexOf(false) - isPart.indexOf(true)).toBeLessThan(12);
  });

  it('is cut into more parts where it was received before', async () => {
    const { requests } = await deliverSlowly(laneOf(numbered(64), { standing: 'suspect' }));

    expect(requests.map(({ length }) => length).slice(0, 3)).toEqual([64, 8, 8]);
  });
});

describe('what the destination gives no order of its own', () => {
  const unordered = (name: string): Item => ({ ...itemOf(name, 'p'), isUnordered: true });

  it('is no probe after what failed before it of the same person', async () => {
    const { results, requests } = await deliverLanes(
      [laneOf([], { items: [itemOf('identify', 'p'), unordered('delete')] })],
      poisonous(['identify'], response(500)),
    );

    expect(requests.filter((names) => !names.includes('identify'))).toEqual([]);
    expect(requests.at(-1)).toEqual(['identify']);
    expect(results.flatMap(kindsOf)).toEqual(['backoff', 'backoff']);
  });

  it('waits also for what waits itself, by whatever person the two have in common', async () => {
    const of = (item: Item, keys: readonly string[]): Item => ({ ...item, keys });
    const merge = of(unordered('merge'), ['old', 'new']);
    const deletion = of(unordered('delete'), ['new', 'device']);
    const device = of(unordered('device'), ['device']);
    const { results, requests } = await deliverLanes(
      [laneOf([], { items: [itemOf('poison', 'old'), merge, deletion, device, itemOf('other')] })],
      poisonous(['poison'], response(500)),
    );

    expect(results.flatMap(kindsOf)).toEqual(['backoff', 'backoff', 'backoff', 'backoff', 'delivered']);
    expect(requests.filter((names) => names.length > 1 && !names.includes('poison'))).toEqual([]);
  });

  it('is passed over for a probe that has an order, which tells whose fault it was', async () => {
    const { results, requests } = await deliverLanes(
      [laneOf([], { items: [itemOf('identify', 'p'), unordered('delete'), itemOf('event', 'p')] })],
      poisonous(['identify'], response(500)),
    );

    expect(requests.slice(-2)).toEqual([['identify'], ['event']]);
    expect(results.flatMap(kindsOf)).toEqual(['backoff', 'backoff', 'delivered']);
    expect(results[0]?.outcomes[0]).toMatchObject({ delay: FAILED_ALONE });
  });

  const items = [
    unordered('add'),
    itemOf('event', 'p'),
    unordered('delete'),
    ...numbered(20).map((name) => itemOf(name)),
  ];

  it.each([
    ['fresh', 'fresh', [], 'backoff'],
    ['received before', 'suspect', [], 'backoff'],
    ['that failed alone before', 'suspect', items.slice(0, 1), 'culprit'],
  ] as const)(
    'comes back with what failed before it of the same person, and holds nothing else (%s)',
    async (_, standing, failedAlone, kind) => {
      const { results, requests } = await deliverLanes(
        [laneOf([], { items, standing, failedAlone: new Set(failedAlone) })],
        poisonous(['add'], response(500)),
      );

      const [add, event, deletion, ...others] = results.flatMap(kindsOf);
      expect([add, event, deletion]).toEqual([kind, 'delivered', 'backoff']);
      expect(new Set(others)).toEqual(new Set(['delivered']));
      expect(requests.filter((names) => names.includes('delete') && !names.includes('add'))).toEqual([]);
    },
  );
});

describe('what removes a person or lets one in again', () => {
  const barrier = (name: string): Item => ({ ...itemOf(name, 'p'), isUnordered: true, isBarrier: true });

  it('keeps what follows it of the same person back until it arrives, ordered or not', async () => {
    const items = [
      itemOf('before', 'p'),
      barrier('delete'),
      itemOf('identify', 'p'),
      ...numbered(20).map((name) => itemOf(name)),
    ];
    const { results, requests } = await deliverLanes(
      [laneOf([], { items })],
      poisonous(['delete'], response(500)),
    );

    const [before, deletion, identify, ...others] = results.flatMap(kindsOf);
    expect([before, deletion, identify]).toEqual(['delivered', 'backoff', 'backoff']);
    expect(new Set(others)).toEqual(new Set(['delivered']));
    expect(requests.filter((names) => names.includes('identify') && !names.includes('delete'))).toEqual([]);
  });

  it('keeps it back as well while it waits itself', async () => {
    const items = [
      { ...itemOf('merge', 'p'), isUnordered: true },
      barrier('delete'),
      itemOf('identify', 'p'),
      ...numbered(20).map((name) => itemOf(name)),
    ];
    const { results } = await deliverLanes([laneOf([], { items })], poisonous(['merge'], response(500)));

    expect(results.flatMap(kindsOf).slice(0, 4)).toEqual(['backoff', 'backoff', 'backoff', 'delivered']);
  });

  it('keeps nothing back once it is refused', async () => {
    const items = [barrier('delete'), itemOf('identify', 'p'), itemOf('other')];
    const { results } = await deliverLanes([laneOf([], { items })], poisonous(['delete'], response(400)));

    expect(results.flatMap(kindsOf)).toEqual(['rejected', 'delivered', 'delivered']);
  });
});
