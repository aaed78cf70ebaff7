import {
  Limiter,
  MAX_REQUESTS_IN_FLIGHT,
  Pacer,
  pacerFor,
  type RunResult,
  WINDOW_MS,
} from '../../../lib/delivery/limiter';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const mostInAnySecond = (starts: readonly number[]): number =>
  Math.max(0, ...starts.map((from) => starts.filter((at) => at >= from && at < from + 1_000).length));

/** Runs a job that makes one request. */
const runOne = async <T>(limiter: Limiter, request: () => Promise<T>): Promise<RunResult<T>> => {
  const run = await limiter.run((start) => start(request));
  return run.started ? run.value : run;
};

/** Runs `count` jobs of `durationMs` through one limiter and answers when each started. */
const startsOf = async (pacer: Pacer, count: number, durationMs = 5): Promise<number[]> => {
  const limiter = new Limiter(pacer);
  const starts: number[] = [];
  const jobs = Array.from({ length: count }, () =>
    runOne(limiter, async () => {
      starts.push(performance.now());
      await new Promise((resolve) => setTimeout(resolve, durationMs));
    }),
  );
  await jest.runAllTimersAsync();
  await Promise.all(jobs);
  return starts;
};

describe('the share of the rate', () => {
  it.each([1, 2, 5, 20, 50, 100])(
    'of %i requests a second is never exceeded, and used to 90 %%',
    async (share) => {
      const starts = await startsOf(new Pacer(share), share * 5);

      expect(mostInAnySecond(starts)).toBeLessThanOrEqual(share);
      const seconds = ((starts.at(-1) ?? 0) - (starts[0] ?? 0)) / 1_000;
      expect((starts.length - 1) / seconds).toBeGreaterThanOrEqual(share * 0.9);
    },
  );

  it('with a fraction keeps the whole part of it', async () => {
    const starts = await startsOf(new Pacer(3.9), 12);

    expect(mostInAnySecond(starts)).toBe(3);
  });

  it('below one a second is one request in as many seconds', async () => {
    const starts = await startsOf(new Pacer(0.25), 3);

    expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual(4_000);
    expect((starts[2] ?? 0) - (starts[1] ?? 0)).toBeGreaterThanOrEqual(4_000);
  });

  it('holds across invocations that follow each other closely', async () => {
    const pacer = new Pacer(4);

    const starts = [
      ...(await startsOf(pacer, 4)),
      ...(await startsOf(pacer, 4)),
      ...(await startsOf(pacer, 4)),
    ];

    expect(mostInAnySecond(starts)).toBeLessThanOrEqual(4);
  });

  it('holds after the process was frozen and all its timers fire at once', async () => {
    const pacer = new Pacer(10);
    const limiter = new Limiter(pacer);
    const starts: number[] = [];
    const jobs = Array.from({ length: 40 }, () =>
      runOne(limiter, async () => {
        starts.push(performance.now());
      }),
    );
    await jest.advanceTimersByTimeAsync(500);

    jest.setSystemTime(Date.now() + 30_000);
    await jest.runAllTimersAsync();
    await Promise.all(jobs);

    expect(starts).toHaveLength(40);
    expect(mostInAnySecond(starts)).toBeLessThanOrEqual(10);
  });

  it('counts a request from when it has left, however long its way out was', async () => {
    const limiter = new Limiter(new Pacer(2));
    const left: number[] = [];
    const waysOutMs = [400, 0, 0, 900, 0, 0, 0];
    const jobs = waysOutMs.map((wayOutMs) =>
      limiter.run((start) =>
        start(async (hasLeft) => {
          await new Promise((resolve) => setTimeout(resolve, wayOutMs));
          left.push(performance.now());
          hasLeft();
        }),
      ),
    );
    await jest.runAllTimersAsync();
    await Promise.all(jobs);

    expect(left).toHaveLength(waysOutMs.length);
    expect(mostInAnySecond(left)).toBe(2);
  });

  it('counts a request that failed on its way out from when it ended', async () => {
    const pacer = new Pacer(1);
    let endedAt = 0;
    const failing = new Limiter(pacer).run((start) =>
      start(async () => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        endedAt = performance.now();
        throw new Error('no connection');
      }),
    );
    const failed = expect(failing).rejects.toThrow('no connection');
    await jest.runAllTimersAsync();
    await failed;

    expect(pacer.waitMs(endedAt)).toBe(WINDOW_MS);
  });

  it('has room again when the first of its requests has left long enough ago, not the last', () => {
    const pacer = new Pacer(2);
    pacer.takePlace().leftAtMs = 100;
    pacer.takePlace().leftAtMs = 900;

    expect(pacer.waitMs(1_000)).toBe(100 + WINDOW_MS - 1_000);
    expect(pacer.waitMs(100 + WINDOW_MS)).toBe(0);
  });

  it('lets only so many requests be in flight', async () => {
    const limiter = new Limiter(new Pacer(1_000));
    let [inFlight, most] = [0, 0];
    const jobs = Array.from({ length: 50 }, () =>
      runOne(limiter, async () => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        inFlight -= 1;
      }),
    );
    await jest.runAllTimersAsync();
    await Promise.all(jobs);

    expect(most).toBe(MAX_REQUESTS_IN_FLIGHT);
  });
});

describe('the pace', () => {
  it('is halved by each 429 down to a sixteenth', () => {
    const pacer = new Pacer(10);
    const spacings = Array.from({ length: 6 }, () => {
      pacer.slowDown();
      return pacer.spacingMs / (WINDOW_MS / 10);
    });

    expect(spacings).toEqual([2, 4, 8, 16, 16, 16]);
  });

  it('comes back step by step with success, and no further than the share', () => {
    const pacer = new Pacer(10);
    pacer.slowDown();
    const paces = Array.from({ length: 6 }, () => {
      pacer.speedUp();
      return WINDOW_MS / 10 / pacer.spacingMs;
    });

    expect(paces).toEqual([0.625, 0.75, 0.875, 1, 1, 1]);
  });

  it('of a running limiter changes, but for the requests that have their turn already', async () => {
    const limiter = new Limiter(new Pacer(10));
    const changes = new Map([
      [5, () => limiter.slowDown()],
      [30, () => limiter.speedUp()],
    ]);
    const starts: number[] = [];
    const jobs = Array.from({ length: 60 }, (_, number) =>
      runOne(limiter, async () => {
        starts.push(performance.now());
        changes.get(number)?.();
      }),
    );
    await jest.runAllTimersAsync();
    await Promise.all(jobs);

    const gapAfter = (number: number): number => (starts[number + 1] ?? 0) - (starts[number] ?? 0);
    const afterTurns = MAX_REQUESTS_IN_FLIGHT + 2;
    const gaps = [5, 5 + afterTurns, 30, 30 + afterTurns, 58].map(gapAfter).map(Math.round);
    expect(gaps).toEqual([105, 210, 210, 168, 168]);
  });

  it('is kept for a workspace, whichever source delivers to it, and begun anew for another rate', () => {
    const destination = {
      name: 'a',
      requestsPerSecond: 5,
      request: { url: 'u', username: 'n', password: 'p' },
    };
    const of = (changes: object) =>
      pacerFor({ ...destination, ...changes } as Parameters<typeof pacerFor>[0]);

    expect(of({})).toBe(of({}));
    expect(of({ name: 'b', request: { url: 'u', username: 'n', password: 'a newer key' } })).toBe(of({}));
    expect(of({ request: { url: 'u', username: 'another', password: 'p' } })).not.toBe(of({}));
    expect(of({ request: { url: 'another', username: 'n', password: 'p' } })).not.toBe(of({}));
    const before = of({});
    expect(of({ requestsPerSecond: 6 })).not.toBe(before);
  });
});

describe('the turn of what waits', () => {
  it('comes the sooner the lower it is, and is the first where none is said', async () => {
    const limiter = new Limiter(new Pacer(10));
    const started: string[] = [];
    const waiting = { last: 9, middle: 4, sooner: 1, first: undefined };
    const busy = Array.from({ length: MAX_REQUESTS_IN_FLIGHT }, () => runOne(limiter, async () => undefined));
    const jobs = Object.entries(waiting).map(([name, turn]) =>
      limiter.run((start) => start(async () => started.push(name)), turn),
    );
    await jest.runAllTimersAsync();
    await Promise.all([...busy, ...jobs]);

    expect(started).toEqual(['first', 'sooner', 'middle', 'last']);
  });
});

describe('a stopped limiter', () => {
  it('starts nothing that waits, and nothing new', async () => {
    const limiter = new Limiter(new Pacer(1));
    const started: number[] = [];
    const jobs = [1, 2, 3].map((number) => runOne(limiter, async () => started.push(number)));
    await jest.advanceTimersByTimeAsync(10);

    limiter.stop();
    limiter.stop();
    await jest.runAllTimersAsync();

    expect((await Promise.all(jobs)).map(({ started: hasStarted }) => hasStarted)).toEqual([
      true,
      false,
      false,
    ]);
    expect(await runOne(limiter, async () => started.push(4))).toEqual({ started: false });
    expect(started).toEqual([1]);
  });

  it('cuts short the wait for the window', async () => {
    const pacer = new Pacer(1);
    await startsOf(pacer, 1);
    const limiter = new Limiter(pacer);
    const job = runOne(limiter, async () => 'started');
    await jest.advanceTimersByTimeAsync(10);

    const stoppedAt = performance.now();
    limiter.stop();
    await jest.advanceTimersByTimeAsync(5);

    await expect(job).resolves.toEqual({ started: false });
    expect(performance.now() - stoppedAt).toBeLessThan(10);
  });

  it('lets what has started end', async () => {
    const limiter = new Limiter(new Pacer(1));
    const job = runOne(limiter, () => new Promise((resolve) => setTimeout(() => resolve('done'), 100)));
    await jest.advanceTimersByTimeAsync(10);

    limiter.stop();
    await jest.runAllTimersAsync();

    await expect(job).resolves.toEqual({ started: true, value: 'done' });
  });
});

it('passes on an error of the job itself', async () => {
  const limiter = new Limiter(new Pacer(1));
  const job = runOne(limiter, () => Promise.reject(new RangeError('a bug')));
  const failure = expect(job).rejects.toThrow(RangeError);
  await jest.runAllTimersAsync();

  await failure;
});

it('takes one timer for a request at full speed: none to count it, and none to stay at that speed', async () => {
  jest.useRealTimers();
  const timers = jest.spyOn(globalThis, 'setTimeout');
  const limiter = new Limiter(new Pacer(100));
  await runOne(limiter, async () => limiter.speedUp());
  limiter.stop();

  expect(timers).toHaveBeenCalledTimes(1);
});
