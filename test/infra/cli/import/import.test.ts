import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { startServer } from '../../../support/http-server';
import {
  folder,
  lines,
  OLD,
  put,
  queuedEvents,
  SOURCE,
  stage,
  track,
  useImportStage,
} from '../../../support/import-stage';

useImportStage();

it('What a rule of the source mends or skips is imported, to be so there', async () => {
  const rules = [
    { name: 'crm', move: { 'traits.crm': 'userId' } },
    { name: 'no tests', exclude: { event: 'Test' } },
  ];
  stage.setSources([{ ...SOURCE, rules }]);
  const identify = { type: 'identify', anonymousId: 'a1', timestamp: OLD };
  const path = await put(
    'a.ndjson',
    lines(
      { ...identify, messageId: 'm1', traits: { crm: 'u1' } },
      { ...identify, messageId: 'm2', traits: { plan: 'pro' } },
      track({ userId: undefined, event: 'Test', messageId: 'm3' }),
    ),
  );

  expect(await stage.run(`import ${path} --yes --json`)).toMatchObject({
    code: 1,
    out: expect.stringContaining('"events":2,"rejected":{"missing_identifier":1}'),
  });
  expect((await queuedEvents()).map(({ messageId }) => messageId)).toEqual(['m1', 'm3']);
});

describe('what is not imported', () => {
  const young = () =>
    track({ timestamp: new Date(Date.now() - 3_600_000).toISOString(), messageId: 'young' });

  it('stands in a file with line and reason, and the rest is imported', async () => {
    const path = await put(
      'a.ndjson',
      `${lines(track({ userId: 'undefined' }))}{"type":\n${lines(track({ messageId: 'good' }), track({ timestamp: 'soon' }))}`,
    );
    const { code, out, err } = await stage.run(`import ${path} --yes`);
    expect(code).toBe(1);
    expect(out).toContain('is imported: 1 event.');
    expect(err).toContain('3 events not imported.');
    const rejected = (await readFile(`${path}.rejected.ndjson`, 'utf8')).trim().split('\n');
    expect(rejected.map((line) => JSON.parse(line).rejected)).toMatchObject([
      { line: 1, reason: 'illegal_identifier' },
      { line: 2, reason: 'invalid_json' },
      { line: 4, reason: 'unreadable_time' },
    ]);
    expect(await queuedEvents()).toMatchObject([{ messageId: 'good' }]);
  });

  it('is activity of the last 72 hours, because campaigns would start for it', async () => {
    const path = await put(
      'a.ndjson',
      lines(
        young(),
        { type: 'track', userId: 'u1', event: 'Without A Time' },
        { type: 'identify', userId: 'u1' },
      ),
    );
    const { code, err } = await stage.run(`import ${path} --yes`);
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringContaining('Customer.io starts campaigns for activity of the last 72 hours'),
    });
    expect(await queuedEvents()).toMatchObject([{ type: 'identify', timestamp: expect.any(String) }]);
  });

  it('is imported after all from that file, when campaigns may start', async () => {
    const path = await put('a.ndjson', lines(young()));
    await stage.run(`import ${path} --yes`);
    expect(await stage.run(`import ${path}.rejected.ndjson --yes --allow-campaigns`)).toMatchObject({
      code: 0,
    });
    expect(await queuedEvents()).toMatchObject([{ messageId: 'young' }]);
  });
});

describe('how it is called', () => {
  it('rehearses: says what would become of each event, with lines, and sends nothing', async () => {
    const path = await put(
      'a.ndjson',
      lines(
        track(),
        track({ integrations: { All: false } }),
        track({ messageId: 'm', properties: { text: 'x'.repeat(32_640) } }),
        track({ event: '' }),
      ),
    );
    const { code, out } = await stage.run(`import ${path} --dry-run --json`);
    expect(code).toBe(0);
    expect(JSON.parse(out).fates).toEqual({
      deliverable: { count: 1, lines: [1] },
      'skipped: integrations_disabled': { count: 1, lines: [2] },
      'rejected: missing_event_name': {
        count: 1,
        lines: [4],
        detail: expect.stringContaining('event: expected'),
      },
      'rejected: operation_too_large': { count: 1, lines: [3], detail: expect.any(String) },
    });
    const { out: text } = await stage.run(`import ${path} --dry-run`);
    expect(text).toContain('what becomes of it');
    expect(text).toContain('Line 4: event: expected');
    expect(await stage.count('events')).toBe(0);
  });

  it('rehearses for each workspace of its source, and imports what one of them can take', async () => {
    const { siteId, apiKey, ...named } = SOURCE;
    const workspaces = [
      { name: 'old', siteId, apiKey, workspaceIdentifiers: 'id' },
      { name: 'new', siteId: 's2', apiKey, anonymousEvents: 'skip' },
    ];
    stage.setSources([{ ...named, destinations: workspaces }]);
    const path = await put(
      'a.ndjson',
      lines(
        { type: 'identify', traits: { email: 'ada@example.com' }, timestamp: OLD },
        track({ userId: undefined, anonymousId: 'visitor' }),
      ),
    );

    const { out } = await stage.run(`import ${path} --dry-run --json`);

    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {
        file: path,
        workspace: 'old',
        fates: {
          'rejected: missing_identifier': { count: 1, lines: [1], detail: expect.any(String) },
          deliverable: { count: 1, lines: [2] },
        },
      },
      {
        file: path,
        workspace: 'new',
        fates: {
          deliverable: { count: 1, lines: [1] },
          'skipped: anonymous_event': { count: 1, lines: [2] },
        },
      },
    ]);
    expect((await stage.run(`import ${path} --dry-run`)).out).toContain(`${path}, workspace new`);
    expect(await stage.run(`import ${path} --yes`)).toMatchObject({ code: 0 });
    expect(await stage.count('events')).toBeGreaterThan(0);
  });

  it('makes the same messageIds of the same lines, and others of equal lines', async () => {
    const path = await put('a.ndjson', lines(track(), track()));
    await stage.run(`import ${path} --yes`);
    const first = (await queuedEvents()).map(({ messageId }) => messageId);
    expect(new Set(first).size).toBe(2);
    await stage.run(`import ${path} --yes --restart`);
    expect((await queuedEvents()).map(({ messageId }) => messageId)).toEqual(first);
  });

  it('does nothing twice, and refuses to go on with another file under the name', async () => {
    const path = await put('a.ndjson', lines(track()));
    await stage.run(`import ${path} --yes`);
    expect(await stage.run(`import ${path} --yes`)).toMatchObject({
      code: 0,
      err: expect.stringContaining('imported before'),
    });
    expect(await queuedEvents()).toHaveLength(1);
    await put('a.ndjson', lines(track(), track()));
    expect(await stage.run(`import ${path} --yes`)).toMatchObject({
      code: 2,
      err: expect.stringContaining('--restart'),
    });
  });

  it('takes no file for a checkpoint that is none, and takes none away', async () => {
    const path = await put('a.ndjson', lines(track()));
    const notes = await put('notes.txt', 'mine');
    const command = `import ${path} --yes --checkpoint ${notes}`;
    const ends = [await stage.run(command), await stage.run(`${command} --restart`)];

    for (const { code, err } of ends)
      expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('is no checkpoint.') });
    expect(await readFile(notes, 'utf8')).toBe('mine');
    expect(await stage.count('events')).toBe(0);
  });

  it('is refused while another is at work by the same checkpoint', async () => {
    const path = await put('a.ndjson', lines(...Array.from({ length: 40 }, () => track())));
    const first = stage.run(`import ${path} --yes --rate 20`);
    while (!(await stat(`${path}.relay-checkpoint.json.lock`).catch(() => undefined))) await delay(10);
    const second = await stage.run(`import ${path} --yes`);

    expect({ code: second.code, err: second.err.replace(/\s+/g, ' ') }).toEqual({
      code: 1,
      err: expect.stringContaining('is in use by another command'),
    });
    expect((await first).code).toBe(0);
    expect(await queuedEvents()).toHaveLength(40);
  });

  it('ends at Ctrl-C, says how to go on, and goes on', async () => {
    const path = await put(
      'a.ndjson',
      lines(...Array.from({ length: 40 }, (_, index) => track({ messageId: `m${index}` }))),
    );
    const interruption = new AbortController();
    const running = stage.run(`import ${path} --yes --rate 20`, { signal: interruption.signal });
    setTimeout(() => interruption.abort(), 400);
    expect(await running).toMatchObject({
      code: 130,
      err: expect.stringContaining('The same command goes on from there.'),
    });
    expect(await stage.run(`import ${path} --yes --rate 1000`)).toMatchObject({ code: 0 });
    const ids = (await queuedEvents()).map(({ messageId }) => messageId);
    expect(new Set(ids).size).toBe(40);
  });

  it('keeps to the share of the source’s requests a second', async () => {
    stage.setSources([{ ...SOURCE, requestsPerSecond: 10 }]);
    const path = await put(
      'a.ndjson',
      lines(...Array.from({ length: 40 }, () => track({ properties: { text: 'x'.repeat(30_000) } }))),
    );
    const startedAt = Date.now();
    await stage.run(`import ${path} --yes --share 0.5`);
    // Forty events are twenty messages, and the first of five a second may go at once.
    expect(Date.now() - startedAt).toBeGreaterThan(2_500);
    expect(await stage.count('events')).toBe(20);
  });

  it('keeps to the share of the slowest of several workspaces', async () => {
    const { siteId, apiKey, ...named } = SOURCE;
    const fast = { name: 'fast', siteId, apiKey, requestsPerSecond: 1000 };
    const slow = { name: 'slow', siteId: 's2', apiKey, requestsPerSecond: 10 };
    stage.setSources([{ ...named, destinations: [fast, slow] }]);
    const large = () => track({ properties: { text: 'x'.repeat(30_000) } });
    const path = await put('a.ndjson', lines(...Array.from({ length: 24 }, large)));

    const startedAt = Date.now();
    await stage.run(`import ${path} --yes --share 0.5`);

    // Twelve messages, and the first of five a second may go at once.
    expect(Date.now() - startedAt).toBeGreaterThan(1_000);
  });

  it('goes by HTTP where it is told to', async () => {
    const bodies: unknown[] = [];
    const door = await startServer(async (request, response) => {
      bodies.push([request.url, request.headers.authorization, await json(request)]);
      response.writeHead(bodies.length === 1 ? 503 : 200).end('{"code":"settings_unavailable"}');
    });
    const path = await put('a.ndjson', lines(track({ messageId: 'm1' })));
    const { code, err } = await stage.run(`import ${path} --yes --via http --endpoint ${door.url}`);
    await door.close();
    expect(code).toBe(0);
    expect(err.replace(/\s+/g, ' ')).toContain(
      `${door.url}/v1/import: answered 503 {"code":"settings_unavailable"}. Tries again in 1 s.`,
    );
    expect(bodies[1]).toEqual(['/v1/import', `Basic ${btoa('w:')}`, { batch: [track({ messageId: 'm1' })] }]);
    expect(bodies).toHaveLength(2);
  });

  it('ends at Ctrl-C the wait for a door that is not ready, and goes on from there', async () => {
    const ctrlC = new AbortController();
    let requests = 0;
    const door = await startServer((_, response) => {
      requests += 1;
      response.writeHead(503, { 'retry-after': '60' }).end();
      if (!ctrlC.signal.aborted) setTimeout(() => ctrlC.abort(), 100);
    });
    const path = await put('a.ndjson', lines(track()));
    const startedAt = Date.now();
    const byHttp = `--via http --endpoint ${door.url}`;
    const { code, err } = await stage.run(`import ${path} --yes ${byHttp}`, { signal: ctrlC.signal });

    expect({ code, err }).toEqual({ code: 130, err: expect.stringContaining('Interrupted after 0 events.') });
    expect(Date.now() - startedAt).toBeLessThan(30_000);
    expect(requests).toBe(1);

    const sending = await stage.run(`send --user u1 --event x ${byHttp}`, { signal: ctrlC.signal });
    await door.close();
    expect(sending).toMatchObject({ code: 130, out: '' });
    expect(requests).toBe(2);
  });

  it.each([
    ['a file that is not there', 'import nowhere.ndjson --yes'],
    ['a source that is not there', 'import - --yes --source nobody'],
    ['a type that is none', 'import - --as events'],
  ])('fails for %s, and says what to do', async (_, line) => {
    const { code, err } = await stage.run(line);
    expect(code).not.toBe(0);
    expect(err).toMatchSnapshot();
  });
});

describe('where it leaves what is not imported', () => {
  it('overwrites neither the file it reads nor one that no import has left, and its own when it begins anew', async () => {
    const bad = await put('bad.ndjson', lines(track(), { type: 'track' }));
    const notes = await put('notes.txt', 'mine');
    for (const own of [notes, bad]) {
      const before = await readFile(own, 'utf8');
      const { code, err } = await stage.run(`import ${bad} --rejected ${own} --yes`);
      expect(code).toBe(2);
      expect(err.replaceAll(folder, 'FOLDER').replace(/\s+/g, ' ')).toMatchSnapshot();
      expect(await readFile(own, 'utf8')).toBe(before);
    }
    expect(await stage.count('events')).toBe(0);

    const rejected = await put('bad.ndjson.rejected.ndjson', '{"rej');
    for (const restart of ['', ' --restart', ' --restart'])
      expect((await stage.run(`import ${bad} --yes${restart}`)).code).toBe(1);
    expect((await readFile(rejected, 'utf8')).trim().split('\n')).toHaveLength(1);
    expect((await stage.run(`import ${rejected} --rejected ${rejected} --yes`)).code).toBe(2);
  });

  it.each(['--rejected', '--checkpoint'])(
    'is known to be no place before anything is sent: %s',
    async (option) => {
      const path = await put('a.ndjson', lines(track(), { type: 'none' }));
      for (const place of [join(folder, 'none/there'), folder]) {
        const { code, err } = await stage.run(`import ${path} --yes ${option} ${place}`);
        expect(code).toBe(1);
        expect(err.replaceAll(folder, 'FOLDER').replace(/\s+/g, ' ')).toMatch(
          /^FOLDER(\/none\/there cannot be written: ENOENT.*| cannot be written: it is a folder\.) Name another with --(checkpoint|rejected), in/,
        );
      }
      expect(await stage.count('events')).toBe(0);
    },
  );
});
