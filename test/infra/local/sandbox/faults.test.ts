import type { ExchangeReport } from '../../../../infra/local/sandbox/api/exchange';
import { FaultPlan, type FaultSettings, parseFaults } from '../../../../infra/local/sandbox/api/faults';
import type { Sandbox } from '../../../../infra/local/sandbox/server';
import { until } from '../../../support/until';
import { call, event, get, post, putFaults, type Reply, sendBatch, start } from './client';

const VALID = event({ id: 'u1' });

/** The answer, or the code of the connection's end. */
const attempt = async (sandbox: Sandbox): Promise<number | string> =>
  sendBatch(sandbox, VALID).then(
    ({ status }: Reply) => status,
    (error: Error & { cause?: { code?: string } }) => error.cause?.code ?? error.name,
  );

const withFaults = async (faults: FaultSettings): Promise<Sandbox> => {
  const sandbox = await start();
  sandbox.setFaults(faults);
  return sandbox;
};

const accepted = (sandbox: Sandbox): number => sandbox.workspace.counts.accepted;

describe('an injected', () => {
  it('429 processes nothing and carries Retry-After when told so', async () => {
    const sandbox = await withFaults({ throttle: 1 });
    const silent = await sendBatch(sandbox, VALID);
    sandbox.setFaults({ throttle: 1, retryAfterSeconds: 7 });
    const telling = await sendBatch(sandbox, VALID);

    expect(silent.status).toBe(429);
    expect(silent.headers.get('retry-after')).toBeNull();
    expect(telling.headers.get('retry-after')).toBe('7');
    expect(accepted(sandbox)).toBe(0);
  });

  it('5xx is one of the statuses given, and processes nothing', async () => {
    const sandbox = await withFaults({ serverError: 1, serverErrorStatuses: [500, 502] });

    const statuses = new Set<number | string>();
    for (let request = 0; request < 20; request += 1) statuses.add(await attempt(sandbox));

    expect([...statuses].sort()).toEqual([500, 502]);
    expect(accepted(sandbox)).toBe(0);
  });

  it('reset cuts the connection and processes nothing', async () => {
    const sandbox = await withFaults({ reset: 1 });

    expect(await attempt(sandbox)).toBe('ECONNRESET');
    expect(accepted(sandbox)).toBe(0);
  });

  it('loss of the answer processes everything before it cuts the connection', async () => {
    const sandbox = await withFaults({ lostAnswer: 1 });

    expect(await attempt(sandbox)).toBe('ECONNRESET');
    expect(accepted(sandbox)).toBe(1);
    expect(sandbox.workspace.requests()).toMatchObject([{ operations: 1, status: 0, fault: 'lostAnswer' }]);
  });

  it('truncation breaks the answer off', async () => {
    const sandbox = await withFaults({ truncatedAnswer: 1 });

    const response = await fetch(`${sandbox.url}/api/v1/accounts/region`, {
      headers: { authorization: 'Basic bG9jYWw6bG9jYWw=' },
    });

    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
  });

  it('slowness processes at once and answers after the client has lost its patience', async () => {
    const sandbox = await withFaults({ slow: 1, slowMs: 60_000 });

    const client = new AbortController();
    const init = { method: 'POST', body: JSON.stringify({ batch: [VALID] }), signal: client.signal };
    const reply = call(sandbox, '/api/v2/batch', init);
    while (accepted(sandbox) === 0) await new Promise(setImmediate);
    client.abort();

    await expect(reply).rejects.toThrow('aborted');
    expect(sandbox.workspace.requests()).toMatchObject([{ operations: 1, status: 0, fault: 'slow' }]);
  });

  it('each request that left and got no answer is told to who watches, with its operations and its cause', async () => {
    const seen: ExchangeReport[] = [];
    const sandbox = await start({ onExchange: (report) => seen.push(report) });
    const told = async (faults: FaultSettings, patienceMs?: number) => {
      sandbox.setFaults(faults);
      const signal = patienceMs === undefined ? null : AbortSignal.timeout(patienceMs);
      const init = { method: 'POST', body: JSON.stringify({ batch: [VALID] }), signal };
      await call(sandbox, '/api/v2/batch', init).catch(() => {});
      await until(() => seen.length > 0);
      return seen.splice(0).map(({ path, body, status, fault }) => [path, body, status, fault]);
    };
    const sent = ['/api/v2/batch', { batch: [VALID] }, 0] as const;

    expect(await told({ reset: 1 })).toEqual([[...sent, 'reset']]);
    expect(await told({ lostAnswer: 1 })).toEqual([[...sent, 'lostAnswer']]);
    expect(await told({ slow: 1, slowMs: 60_000 }, 100)).toEqual([[...sent, 'slow']]);
    expect(await told({ latencyMs: 60_000 }, 100)).toEqual([[...sent, 'latency']]);
  });

  it('latency delays every answer', async () => {
    const sandbox = await withFaults({ latencyMs: 30, jitterMs: 5 });

    const startedAt = performance.now();
    await sendBatch(sandbox, VALID);

    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(29);
  });

  it('outage answers 503 to everything', async () => {
    const sandbox = await withFaults({ unavailable: true, retryAfterSeconds: 3 });

    const reply = await sendBatch(sandbox, VALID);

    expect(reply.status).toBe(503);
    expect(reply.headers.get('retry-after')).toBe('3');
    expect(accepted(sandbox)).toBe(0);
  });

  it('401 comes in spite of right credentials', async () => {
    const sandbox = await withFaults({ unauthorized: true });

    expect(await attempt(sandbox)).toBe(401);
  });

  it('redirect leads to the same path elsewhere', async () => {
    const sandbox = await withFaults({ redirectTo: 'http://127.0.0.1:9/' });

    const reply = await sendBatch(sandbox, VALID);

    expect(reply.status).toBe(307);
    expect(reply.headers.get('location')).toBe('http://127.0.0.1:9/api/v2/batch');
  });

  it('strictness refuses a batch whole for one invalid operation', async () => {
    const sandbox = await withFaults({ strictBatch: true });

    const reply = await sendBatch(sandbox, VALID, event({ id: 'u1' }, ''));
    const alone = await sendBatch(sandbox, VALID);

    expect(reply).toMatchObject({ status: 400, body: { errors: [{ field: 'name' }] } });
    expect(alone.status).toBe(200);
    expect(accepted(sandbox)).toBe(1);
  });

  it('200 may carry the errors of single operations', async () => {
    const sandbox = await withFaults({ errorsOnOk: true });

    const reply = await sendBatch(sandbox, VALID, event({ id: 'u1' }, ''));

    expect(reply).toMatchObject({ status: 200, body: { errors: [{ batch_index: 1, field: 'name' }] } });
  });
});

describe('faults', () => {
  it('are set over HTTP, shown with their defaults, and gone after a reset', async () => {
    const sandbox = await start();

    const reply = await putFaults(sandbox, { throttle: 1 });
    const throttled = await attempt(sandbox);
    const shown = await get(sandbox, '/sandbox/faults');
    await post(sandbox, '/sandbox/reset', '');

    expect(reply).toMatchObject({ status: 200, body: { faults: { throttle: 1, latencyMs: 0 } } });
    expect(throttled).toBe(429);
    expect(shown).toEqual(reply.body);
    expect(await attempt(sandbox)).toBe(200);
  });

  it('replace the ones before', async () => {
    const sandbox = await withFaults({ throttle: 1 });

    await putFaults(sandbox, {});

    expect(await attempt(sandbox)).toBe(200);
  });

  it('leave the endpoints of the sandbox itself alone', async () => {
    const sandbox = await withFaults({ unavailable: true, reset: 1 });

    expect(await get(sandbox, '/sandbox/people')).toEqual({ people: [], suppressed: [] });
  });

  it.each<[string, unknown, string]>([
    ['no object', [], 'must be an object with any of latencyMs'],
    ['an unknown field', { trottle: 1 }, 'trottle: unknown; there are latencyMs'],
    ['a rate above 1', { throttle: 1.5 }, 'throttle must be a number from 0 to 1'],
    ['a rate below 0', { reset: -0.1 }, 'reset must be a number from 0 to 1'],
    ['a rate in words', { slow: 'often' }, 'slow must be a number from 0 to 1'],
    ['negative time', { latencyMs: -1 }, 'latencyMs must be a number of milliseconds, 0 or more'],
    [
      'a status that is no 5xx',
      { serverErrorStatuses: [404] },
      'serverErrorStatuses.0 must be a status from 500 to 599',
    ],
    ['no statuses', { serverErrorStatuses: [] }, 'serverErrorStatuses must name at least one status'],
    ['a flag that is no boolean', { unavailable: 1 }, 'unavailable must be true or false'],
    ['an address that is none', { redirectTo: 'elsewhere' }, 'redirectTo must be an http or https URL'],
    ['a seed with a fraction', { seed: 0.5 }, 'seed must be a whole number'],
    [
      'rates of more than 1 together',
      { throttle: 0.6, reset: 0.6 },
      'the rates together must not be more than 1',
    ],
    [
      'several mistakes',
      { throttle: 2, seed: 'x' },
      'throttle must be a number from 0 to 1; seed must be a whole number',
    ],
  ])('with %s are refused with what is allowed', async (_, faults, message) => {
    const sandbox = await withFaults({ throttle: 1 });

    const reply = await putFaults(sandbox, faults);

    expect(reply.status).toBe(400);
    expect(reply.body['error']).toContain(message);
    expect(await attempt(sandbox)).toBe(429);
  });

  it('that are no JSON are refused', async () => {
    const sandbox = await start();

    const reply = await call(sandbox, '/sandbox/faults', { method: 'PUT', body: '{' });

    expect(reply).toMatchObject({ status: 400, body: { error: 'the body is not valid JSON' } });
  });

  it('with a mistake in the code that sets them throw', async () => {
    const sandbox = await start();

    expect(() => sandbox.setFaults({ throttle: 2 })).toThrow('throttle must be a number from 0 to 1');
  });
});

describe('a plan of faults', () => {
  const draw = (settings: FaultSettings, count: number) => {
    const parsed = parseFaults(settings);
    if (!parsed.ok) throw new Error(parsed.mistakes.join());
    const plan = new FaultPlan(parsed.faults);
    return Array.from({ length: count }, () => plan.next());
  };
  const RATES = { throttle: 0.1, serverError: 0.05, reset: 0.02, lostAnswer: 0.02, slow: 0.01 };

  it('is the same for the same seed, and another for another', () => {
    const settings = { ...RATES, jitterMs: 10 };

    expect(draw({ ...settings, seed: 7 }, 200)).toEqual(draw({ ...settings, seed: 7 }, 200));
    expect(draw({ ...settings, seed: 7 }, 200)).not.toEqual(draw({ ...settings, seed: 8 }, 200));
  });

  it('strikes as often as its rates say', () => {
    const kinds = draw(RATES, 20_000).map(({ kind }) => kind);

    for (const [kind, rate] of Object.entries(RATES)) {
      const share = kinds.filter((drawn) => drawn === kind).length / kinds.length;
      expect(Math.abs(share - rate)).toBeLessThan(0.01);
    }
  });

  it('does not change the fate of other requests with its latency', () => {
    const kinds = (settings: FaultSettings) => draw(settings, 200).map(({ kind }) => kind);

    expect(kinds({ ...RATES, latencyMs: 5, jitterMs: 100 })).toEqual(kinds(RATES));
  });

  it('spares everybody when it is empty', () => {
    expect(new Set(draw({}, 1_000).map(({ kind, delayMs }) => `${kind} ${delayMs}`))).toEqual(
      new Set(['undefined 0']),
    );
  });
});

it('answers content it is told not to bear with that status, each time, and takes the rest', async () => {
  const sandbox = await withFaults({ poison: [{ text: 'bad', status: 403 }] });
  const send = async (id: string): Promise<number> => (await sendBatch(sandbox, event({ id }))).status;

  expect(await send('a bad one')).toBe(403);
  expect(await send('a good one')).toBe(200);
  expect(await send('a bad one')).toBe(403);
  expect(accepted(sandbox)).toBe(1);
});

it('keeps count of what it took, answered or not', async () => {
  const sandbox = await withFaults({ throttle: 0.2, serverError: 0.2, reset: 0.1, lostAnswer: 0.1, seed: 3 });

  const outcomes: (number | string)[] = [];
  for (let request = 0; request < 100; request += 1) outcomes.push(await attempt(sandbox));

  const lost = sandbox.workspace.requests().filter(({ fault }) => fault === 'lostAnswer').length;
  expect(lost).toBeGreaterThan(0);
  expect(accepted(sandbox)).toBe(outcomes.filter((outcome) => outcome === 200).length + lost);
  expect(sandbox.workspace.requests()).toHaveLength(100);
});
