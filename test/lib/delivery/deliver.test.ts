import type { HttpAnswer, HttpRequest } from '../../../lib/delivery/connector';
import type { DeliveryContext, LaneResult } from '../../../lib/delivery/delivery';
import { Pacer, WINDOW_MS } from '../../../lib/delivery/limiter';
import { REQUEST_TIMEOUT_MS, SETTLE_RESERVE_MS } from '../../../lib/delivery/retry-policy';
import { contextOf, deliver, destinationOf, itemOf, namesIn, response } from '../../support/destination';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const DELIVERED = { kind: 'delivered' };
const retryAfter = (delay: object) => ({ kind: 'retry', delay, cause: expect.any(String) });
const RETRY = retryAfter({ kind: 'backoff' });
const NOT_TRIED = retryAfter({ kind: 'at_once' });

/** Each of the short-named items of these tests is a request of its own. */
const ONE_ITEM_EACH = destinationOf({ maxBatchBytes: 27 });

/** Lets time pass until the delivery has ended. */
const ended = async (delivery: Promise<LaneResult>): Promise<LaneResult> => {
  await jest.runAllTimersAsync();
  return delivery;
};

/** Answers the requests one after the other; the last answer repeats. */
const scripted = (...answers: HttpAnswer[]) => {
  const requests: string[][] = [];
  const send = async (request: HttpRequest): Promise<HttpAnswer> => {
    requests.push(namesIn(request));
    return answers[Math.min(requests.length, answers.length) - 1] ?? response(200);
  };
  return { requests, send };
};

/** What is sent when, in milliseconds since now; each answer comes after `answerAfterMs`. */
const timed = (answerAfterMs: number, answerTo: (name: string, times: number) => HttpAnswer) => {
  const startedAt = Date.now();
  const sent: [name: string, atMs: number][] = [];
  const send = async (request: HttpRequest): Promise<HttpAnswer> => {
    const name = namesIn(request).join();
    sent.push([name, Date.now() - startedAt]);
    const times = sent.filter(([other]) => other === name).length;
    await new Promise((resolve) => setTimeout(resolve, answerAfterMs));
    return answerTo(name, times);
  };
  return { sent, send };
};

const throughout = async (...answers: HttpAnswer[]) => {
  const { requests, send } = scripted(...answers);
  const delivery = await ended(deliver([itemOf('a'), itemOf('b')], destinationOf(), contextOf(send)));
  return { ...delivery, requests };
};

describe('a request that is taken', () => {
  it('delivers all its items', async () => {
    const { outcomes, report, requests } = await throughout(response(200));

    expect(outcomes).toEqual([DELIVERED, DELIVERED]);
    expect(requests).toEqual([['a', 'b']]);
    expect(report).toMatchObject({ requests: 1, failed: 0, throttled: 0 });
    expect(report.fillPercents).toEqual([(100 * '{"batch":[{"name":"a"},{"name":"b"}]}'.length) / 500_000]);
  });

  it('rejects the item an error names, with all that was said of it', async () => {
    const errors = [
      { batch_index: 1, field: 'x', message: 'is long' },
      { batch_index: 1, message: 'is odd' },
    ];

    const { outcomes } = await throughout(response(207, { errors }));

    expect(outcomes).toEqual([DELIVERED, { kind: 'rejected', detail: 'x: is long; is odd' }]);
  });

  it('carries the credentials and the timeout of every request', async () => {
    const seen: unknown[] = [];
    const send = async (request: HttpRequest, timeoutMs: number) => {
      seen.push(request, timeoutMs);
      return response(200);
    };

    await ended(deliver([itemOf('a')], destinationOf(), contextOf(send)));

    const body = Buffer.from('{"batch":[{"name":"a"}]}');
    expect(seen).toEqual([{ ...destinationOf().request, body }, REQUEST_TIMEOUT_MS]);
  });

  it('holds no more items than the destination takes', async () => {
    const { requests, send } = scripted();
    const items = ['a', 'b', 'c'].map((name) => itemOf(name));

    await ended(deliver(items, destinationOf({ maxItems: 2 }), contextOf(send)));

    expect(requests).toEqual([['a', 'b'], ['c']]);
  });

  it('is not made for nothing', async () => {
    const { requests, send } = scripted();

    const { outcomes } = await ended(deliver([], destinationOf(), contextOf(send)));

    expect(outcomes).toEqual([]);
    expect(requests).toEqual([]);
  });
});

describe('a request that fails for now', () => {
  it.each([
    ['429', response(429)],
    ['500', response(500)],
    ['408', response(408)],
    ['a reset', { kind: 'no_response', cause: 'network', code: 'ECONNRESET' } as const],
  ])('with %s is made again within the invocation', async (_, failure) => {
    const { outcomes, requests, report } = await throughout(failure, failure, response(200));

    expect(outcomes).toEqual([DELIVERED, DELIVERED]);
    expect(requests).toHaveLength(3);
    expect(report).toMatchObject({ requests: 3, failed: 2 });
  });

  it('three times over leaves its items to the queue', async () => {
    const { outcomes, requests } = await throughout(response(503));

    expect(outcomes).toEqual([RETRY, RETRY]);
    // Then each alone, for it might have been the other's fault.
    expect(requests).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b'], ['a'], ['b']]);
  });

  it('in silence is not made again: the invocation has no time for another', async () => {
    const { outcomes, requests } = await throughout({
      kind: 'no_response',
      cause: 'timeout',
      code: 'ETIMEDOUT',
    });

    expect(outcomes).toEqual([RETRY, RETRY]);
    expect(requests).toHaveLength(1);
  });

  it('with a long Retry-After is left to the queue at once', async () => {
    const { outcomes, requests } = await throughout(response(429, {}, { 'retry-after': '60' }));

    const later = retryAfter({ kind: 'backoff', retryAfterSeconds: 60 });
    expect(outcomes).toEqual([later, later]);
    expect(requests).toHaveLength(1);
  });

  it('with a short Retry-After waits for it', async () => {
    const { send } = scripted(response(429, {}, { 'retry-after': '3' }), response(200));
    const startedAt = Date.now();

    await ended(deliver([itemOf('a')], destinationOf(), contextOf(send)));

    // The rest of the timers are those of the deadline.
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(3_000);
  });

  it('waits for what each answer asks, and leaves to the queue what the last one asks', async () => {
    const { sent, send } = timed(0, (_, times) => response(503, {}, { 'retry-after': String(times) }));

    const { outcomes } = await ended(deliver([itemOf('a')], destinationOf(), contextOf(send)));

    expect(sent).toEqual([
      ['a', 0],
      ['a', 1_000],
      ['a', 3_000],
    ]);
    expect(outcomes).toEqual([retryAfter({ kind: 'backoff', retryAfterSeconds: 3 })]);
  });

  it('halves the pace when it was a 429', async () => {
    const { send } = scripted(response(429), response(429), response(429));
    const context = contextOf(send);
    const before = context.pacer.spacingMs;

    const { report } = await ended(deliver([itemOf('a')], destinationOf(), context));

    expect(context.pacer.spacingMs).toBe(8 * before);
    expect(report.throttled).toBe(3);
  });

  it('keeps the pace when it was anything else, and success takes it back', async () => {
    const { send } = scripted(response(429), response(503), response(200));
    const context = contextOf(send);
    const before = context.pacer.spacingMs;

    await ended(deliver([itemOf('a')], destinationOf(), context));

    expect(before / context.pacer.spacingMs).toBe(0.625);
  });
});

describe('the rate', () => {
  it('is counted by when a request has left, not by when it began or was answered', async () => {
    const startedAt = Date.now();
    const began: [name: string, atMs: number][] = [];
    const send: DeliveryContext['send'] = async (request, _, hasLeft) => {
      began.push([namesIn(request).join(), Date.now() - startedAt]);
      setTimeout(hasLeft, 400);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return response(200);
    };
    const context = { ...contextOf(async () => response(200)), pacer: new Pacer(1), send };

    await ended(deliver([itemOf('a'), itemOf('b')], ONE_ITEM_EACH, context));

    expect(began).toEqual([
      ['a', 0],
      ['b', 400 + WINDOW_MS],
    ]);
  });
});

describe('a stale connection', () => {
  const STALE = { kind: 'no_response', cause: 'stale_socket', code: 'ECONNRESET' } as const;

  it('costs one immediate request more and none of the attempts', async () => {
    const { outcomes, requests } = await throughout(
      STALE,
      response(503),
      STALE,
      response(503),
      response(200),
    );

    expect(outcomes).toEqual([DELIVERED, DELIVERED]);
    expect(requests).toHaveLength(5);
  });

  it('twice in a row counts as a failed attempt', async () => {
    const { outcomes, requests, report } = await throughout(STALE);

    expect(outcomes).toEqual([RETRY, RETRY]);
    expect(requests).toHaveLength(10);
    expect(report).toMatchObject({ requests: 10, throttled: 0 });
  });
});

describe('a request refused whole', () => {
  it.each([400, 413, 422])('with %i is halved until the culprit stands alone', async (status) => {
    const requests: string[][] = [];
    const send = async (request: HttpRequest) => {
      const names = namesIn(request);
      requests.push(names);
      return names.includes('d') ? response(status, { meta: { errors: ['d is wrong'] } }) : response(200);
    };
    const items = ['a', 'b', 'c', 'd', 'e'].map((name) => itemOf(name));

    const { outcomes } = await ended(deliver(items, destinationOf(), contextOf(send)));

    const rejected = { kind: 'rejected', detail: `HTTP ${status}: d is wrong` };
    expect(outcomes).toEqual([DELIVERED, DELIVERED, DELIVERED, rejected, DELIVERED]);
    expect(requests).toEqual([['a', 'b', 'c', 'd', 'e'], ['a', 'b', 'c'], ['d', 'e'], ['d'], ['e']]);
  });

  it('meets an outage in its halves: each is tried, and nothing more', async () => {
    const { outcomes, requests } = await throughout(response(400), response(503));

    expect(outcomes).toEqual([RETRY, RETRY]);
    expect(requests).toEqual([['a', 'b'], ['a'], ['a'], ['a'], ['b'], ['b'], ['b']]);
  });
});

describe('an answer only an operator can mend', () => {
  it.each([401, 301, 302, 307, 308])('of %i dead-letters nothing and asks no further', async (status) => {
    const { outcomes, requests, report } = await throughout(response(status));

    expect(outcomes.map(({ kind }) => kind)).toEqual(['retry', 'retry']);
    expect(outcomes[0]).toEqual(retryAfter({ kind: 'operator' }));
    expect(requests).toHaveLength(1);
    expect(report.operatorAdvice).toMatch(/^Customer\.io .* check /);
  });
});

describe('a request that others come after', () => {
  const ofOnePerson = ['a', 'b', 'c', 'd'].map((name, index) => itemOf(name, 'one person', index));

  it('has its answer before the next one leaves', async () => {
    const { sent, send } = timed(500, () => response(200));

    await ended(deliver(ofOnePerson.slice(0, 3), ONE_ITEM_EACH, contextOf(send)));

    expect(sent).toEqual([
      ['a', 0],
      ['b', 500],
      ['c', 1_000],
    ]);
  });

  it('has it for its first half before its second half leaves, and for that before anything else', async () => {
    const { sent, send } = timed(500, (name) => response(name === 'a,b' ? 400 : 200));

    const { outcomes } = await ended(
      deliver(ofOnePerson.slice(0, 3), destinationOf({ maxBatchBytes: 39 }), contextOf(send)),
    );

    expect(sent).toEqual([
      ['a,b', 0],
      ['a', 500],
      ['b', 1_000],
      ['c', 1_500],
    ]);
    expect(outcomes).toEqual([DELIVERED, DELIVERED, DELIVERED]);
  });
});

describe('while a request is tried again', () => {
  const failsOnce =
    (retryAfterSeconds: Readonly<Record<string, number>>) => (name: string, times: number) => {
      const seconds = retryAfterSeconds[name];
      if (seconds === undefined || times > 1) return response(200);
      return response(503, {}, { 'retry-after': String(seconds) });
    };

  it('no other starts, and then all the others do', async () => {
    const { sent, send } = timed(0, failsOnce({ a: 2 }));
    const items = ['a', 'b', 'c'].map((name) => itemOf(name));
    const context = contextOf(send, { pacer: new Pacer(100) });

    const { outcomes } = await ended(deliver(items, ONE_ITEM_EACH, context));

    expect(outcomes).toEqual([DELIVERED, DELIVERED, DELIVERED]);
    expect(sent.map(([name]) => name)).toEqual(['a', 'a', 'b', 'c']);
    expect(sent[1]).toEqual(['a', 2_000]);
  });

  it('and a second one too, no other starts before both have come through', async () => {
    const { sent, send } = timed(150, failsOnce({ a: 1, b: 3 }));
    const items = ['a', 'b', 'c'].map((name) => itemOf(name));
    // One request in 105 ms: the second leaves before the first is answered, the third does not.
    const context = contextOf(send, { pacer: new Pacer(10) });

    const { outcomes } = await ended(deliver(items, ONE_ITEM_EACH, context));

    expect(outcomes).toEqual([DELIVERED, DELIVERED, DELIVERED]);
    expect(sent.map(([name]) => name)).toEqual(['a', 'b', 'a', 'b', 'c']);
  });
});

describe('the circuit', () => {
  const small = destinationOf({ maxBatchBytes: 30 });

  it('keeps the rest of the destination from being tried after a failure', async () => {
    const { requests, send } = scripted(response(503));
    const items = Array.from({ length: 40 }, (_, index) => itemOf(`${index}`));

    const { outcomes } = await ended(deliver(items, small, contextOf(send)));

    expect(outcomes).toEqual(items.map(() => RETRY));
    // Those in flight when the first one failed, each with its three attempts at the most.
    expect(requests.length).toBeLessThanOrEqual(6);
  });

  it('leaves each request in flight its own answer, and what was not tried the first one', async () => {
    const answers: Readonly<Record<string, HttpAnswer>> = {
      a: response(503, {}, { 'retry-after': '60' }),
      b: response(401),
    };
    const { sent, send } = timed(150, (name) => answers[name] ?? response(200));
    const items = ['a', 'b', 'c'].map((name) => itemOf(name));
    const context = contextOf(send, { pacer: new Pacer(10) });

    const { outcomes } = await ended(deliver(items, ONE_ITEM_EACH, context));

    expect(sent.map(([name]) => name)).toEqual(['a', 'b']);
    const afterTheFirst = retryAfter({ kind: 'backoff', retryAfterSeconds: 60 });
    const afterTheSecond = retryAfter({ kind: 'operator' });
    expect(outcomes).toEqual([afterTheFirst, afterTheSecond, afterTheFirst]);
    expect(outcomes[2]).toMatchObject({ cause: 'not tried after HTTP 503: {}' });
  });

  it('leaves what was delivered before it opened', async () => {
    const { send } = scripted(response(200), response(401));
    const items = ['a', 'b', 'c'].map((name, index) => itemOf(name, 'one person', index));

    const { outcomes } = await ended(deliver(items, small, contextOf(send)));

    const waiting = retryAfter({ kind: 'operator' });
    expect(outcomes).toEqual([DELIVERED, waiting, waiting]);
  });
});

describe('the order of one person', () => {
  it('holds across requests although several are in flight', async () => {
    const items = Array.from({ length: 24 }, (_, index) =>
      itemOf(String(index + 10), `person ${index % 3}`, index),
    );
    const arrived: number[] = [];
    let [inFlight, most] = [0, 0];
    const send = async (request: HttpRequest) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setTimeout(resolve, (97 * (arrived.length + 1)) % 50));
      arrived.push(...namesIn(request).map(Number));
      inFlight -= 1;
      return response(200);
    };

    await ended(deliver(items, destinationOf({ maxBatchBytes: 67 }), contextOf(send)));

    for (const person of [0, 1, 2]) {
      const ofPerson = arrived.filter((number) => (number - 10) % 3 === person);
      expect(ofPerson).toEqual([...ofPerson].sort((a, b) => a - b));
      expect(ofPerson).toHaveLength(8);
    }
    expect(most).toBeGreaterThan(1);
  });
});

describe('the deadline', () => {
  it('lets no request start that could not end before it', async () => {
    const { requests, send } = scripted();
    const remainingMs = () => REQUEST_TIMEOUT_MS + SETTLE_RESERVE_MS - 1;

    const { outcomes } = await ended(
      deliver([itemOf('a')], destinationOf(), contextOf(send, { remainingMs })),
    );

    expect(outcomes).toEqual([NOT_TRIED]);
    expect(requests).toEqual([]);
  });

  it('is looked at again before each request: the process may have been frozen since the first', async () => {
    let remaining = 60_000;
    const { requests, send } = scripted();
    const untilFrozen = async (request: HttpRequest) => {
      remaining = REQUEST_TIMEOUT_MS + SETTLE_RESERVE_MS - 1;
      return send(request);
    };
    const items = ['a', 'b'].map((name, index) => itemOf(name, 'one person', index));
    const context = contextOf(untilFrozen, { remainingMs: () => remaining });

    const { outcomes, report } = await ended(deliver(items, ONE_ITEM_EACH, context));

    expect(outcomes).toEqual([DELIVERED, NOT_TRIED]);
    expect(requests).toEqual([['a']]);
    expect(report.requests).toBe(1);
  });

  it('is looked at again before a request is made once more', async () => {
    let remaining = 60_000;
    const { requests, send } = scripted(response(503));
    const untilFrozen = async (request: HttpRequest) => {
      remaining = REQUEST_TIMEOUT_MS + SETTLE_RESERVE_MS - 1;
      return send(request);
    };
    const context = contextOf(untilFrozen, { remainingMs: () => remaining });

    const { outcomes } = await ended(deliver([itemOf('a')], destinationOf(), context));

    expect(outcomes).toEqual([RETRY]);
    expect(requests).toHaveLength(1);
  });

  it('ends the waiting of requests, which are then not tried', async () => {
    const items = Array.from({ length: 20 }, (_, index) => itemOf(`${index}`));
    const startedAt = Date.now();
    const endsAt = startedAt + REQUEST_TIMEOUT_MS + SETTLE_RESERVE_MS + 1_000;
    const { requests, send } = scripted();
    const context = contextOf(send, {
      pacer: new Pacer(2),
      remainingMs: () => endsAt - Date.now(),
    });

    const delivery = deliver(items, ONE_ITEM_EACH, context);
    const endedAt = delivery.then(() => Date.now());
    const { outcomes } = await ended(delivery);

    // Two a second: one at once, one in the middle of the second that is left, and none after it.
    expect(requests).toEqual([['0'], ['1']]);
    expect(outcomes).toEqual(items.map((_, position) => (position < 2 ? DELIVERED : NOT_TRIED)));
    expect((await endedAt) - startedAt).toBe(1_000);
  });

  it('cuts short a wait before the next attempt', async () => {
    const { requests, send } = scripted(response(503, {}, { 'retry-after': '5' }));
    const endsAt = Date.now() + REQUEST_TIMEOUT_MS + SETTLE_RESERVE_MS + 1_000;
    const context = contextOf(send, { remainingMs: () => endsAt - Date.now() });

    const { outcomes } = await ended(deliver([itemOf('a')], destinationOf(), context));

    expect(outcomes).toEqual([retryAfter({ kind: 'backoff', retryAfterSeconds: 5 })]);
    expect(requests).toHaveLength(1);
    expect(endsAt - Date.now()).toBeGreaterThanOrEqual(REQUEST_TIMEOUT_MS + SETTLE_RESERVE_MS);
  });

  it('leaves no timer and no request behind', async () => {
    const { send } = scripted(response(503));
    let isOver = false;
    const items = [itemOf('a'), itemOf('b')];

    void deliver(items, destinationOf({ maxBatchBytes: 30 }), contextOf(send)).then(() => {
      isOver = true;
    });
    // No further than its end: what were left behind would still be there to count.
    while (!isOver) await jest.advanceTimersByTimeAsync(10);

    expect(jest.getTimerCount()).toBe(0);
  });
});
