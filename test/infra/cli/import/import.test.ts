import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { startServer } from '../../../support/http-server';
import { type Stage, startStage } from '../../../support/relay-cli';

let stage: Stage;
let folder: string;

const SOURCE = { name: 'shop', writeKey: 'w', siteId: 's', apiKey: 'k' };

beforeEach(async () => {
  stage = await startStage();
  stage.setSources([SOURCE]);
  folder = await mkdtemp(join(tmpdir(), 'relay-import-'));
});

afterEach(async () => {
  await stage.stop();
  await rm(folder, { recursive: true });
});

const OLD = '2025-03-01T10:00:00.000Z';
const track = (fields: object = {}) => ({
  type: 'track',
  userId: 'u1',
  event: 'Ordered',
  timestamp: OLD,
  ...fields,
});
const lines = (...events: readonly unknown[]): string =>
  events.map((one) => `${JSON.stringify(one)}\n`).join('');

const put = async (name: string, content: string | Buffer): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};

/** Texts of the events that are on the queue. */
const queued = async (): Promise<string[]> =>
  (await stage.takeAll('events')).map(({ Body = '' }) => Body.slice('{"batch":['.length, -']}'.length));

const queuedEvents = async (): Promise<Record<string, unknown>[]> =>
  (await queued()).flatMap((texts) => JSON.parse(`[${texts}]`));

describe('what is read', () => {
  it('takes lines of JSON to the last digit, and names the source', async () => {
    const path = await put(
      'a.ndjson',
      '{"messageId":"m1","type":"track","userId":"u1","event":"A\u2028B","timestamp":"2025-03-01","properties":{"total":1.10}}\n',
    );
    expect(await stage.run(`import ${path} --yes`)).toMatchObject({
      code: 0,
      out: `${path} is imported: 1 event.\n`,
    });
    const [message] = await stage.takeAll('events');
    expect(message?.Body).toContain(
      '"event":"A\u2028B","timestamp":"2025-03-01","properties":{"total":1.10}',
    );
    expect(message?.MessageAttributes?.['source']?.StringValue).toBe('shop');
  });

  it('takes gzip, JSON arrays and standard input, told by their content', async () => {
    const gzip = await put('a.gz', gzipSync(lines(track({ messageId: 'gzip' }))));
    const array = await put(
      'b.txt',
      JSON.stringify([track({ messageId: 'array-1' }), track({ messageId: 'array-2' })]),
    );
    expect(await stage.run(`import ${gzip} ${array} --yes`)).toMatchObject({ code: 0 });
    const stdin = Readable.from([Buffer.from(lines(track({ messageId: 'stdin' })))]);
    expect(await stage.run('import - --yes', { stdin })).toMatchObject({ code: 0 });
    const ids = (await queuedEvents()).map(({ messageId }) => messageId).sort();
    expect(ids).toEqual(['array-1', 'array-2', 'gzip', 'stdin']);
  });

  it('keeps the receivedAt of an archive, and gives it to the events of an archived request', async () => {
    const receivedAt = '2025-03-01T10:00:01.000Z';
    const path = await put(
      'a.ndjson',
      lines(track({ receivedAt, messageId: 'm1' }), { receivedAt, batch: [track()] }),
    );
    await stage.run(`import ${path} --yes`);
    expect(await queuedEvents()).toEqual([
      expect.objectContaining({ receivedAt, messageId: 'm1' }),
      expect.objectContaining({ receivedAt, messageId: expect.stringMatching(/^import-/) }),
    ]);
  });

  it('gives the events of an archived request what it says of all of them, and lets no sentAt move one to today', async () => {
    const request = {
      batch: [track({ messageId: 'm1', sentAt: OLD })],
      context: { locale: 'en' },
      integrations: { 'Customer.io': false },
      sentAt: OLD,
    };
    const path = await put('a.ndjson', lines(request));
    await stage.run(`import ${path} --yes`);
    expect(await queuedEvents()).toEqual([
      {
        ...track({ messageId: 'm1' }),
        context: { locale: 'en' },
        integrations: { 'Customer.io': false },
        sentAt: null,
      },
    ]);
  });

  it('makes people of a people export of Customer.io', async () => {
    const path = await put(
      'people.csv',
      'id,email,cio_id,created_at,plan,unsubscribed\nu1,ada@example.com,a1,1740000000,pro,true\n,,a2,,,\n',
    );
    await stage.run(`import ${path} --yes`);
    expect(await queuedEvents()).toMatchObject([
      {
        type: 'identify',
        userId: 'u1',
        traits: { email: 'ada@example.com', created_at: 1740000000, plan: 'pro', unsubscribed: true },
      },
      { type: 'identify', userId: 'cio_a2' },
    ]);
  });

  it('reads the rows of a warehouse', async () => {
    const path = await put(
      'orders.csv',
      `id,received_at,user_id,event,event_text,total,context_ip,timestamp\nm1,${OLD},u1,order_placed,Order Placed,12,1.2.3.4,${OLD}\n`,
    );
    await stage.run(`import ${path} --yes --as track`);
    expect(await queuedEvents()).toEqual([
      {
        type: 'track',
        messageId: 'm1',
        receivedAt: OLD,
        userId: 'u1',
        event: 'Order Placed',
        properties: { total: '12' },
        timestamp: OLD,
      },
    ]);
  });

  it('maps the columns of any other CSV by a file', async () => {
    const path = await put('a.csv', 'Customer,Age,Note\n7,36,private\n');
    const mapping = await put(
      'map.json',
      '{"type":"identify","columns":{"Customer":"userId","Age":{"to":"traits.age","as":"number"},"Note":null}}',
    );
    await stage.run(`import ${path} --yes --mapping ${mapping}`);
    expect(await queuedEvents()).toMatchObject([{ type: 'identify', userId: '7', traits: { age: 36 } }]);
  });
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
      'rejected: missing_event_name': { count: 1, lines: [4] },
      'rejected: operation_too_large': { count: 1, lines: [3] },
    });
    expect((await stage.run(`import ${path} --dry-run`)).out).toContain('what becomes of it');
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
          'rejected: missing_identifier': { count: 1, lines: [1] },
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
      response.writeHead(bodies.length === 1 ? 503 : 200).end('{}');
    });
    const path = await put('a.ndjson', lines(track({ messageId: 'm1' })));
    const { code } = await stage.run(`import ${path} --yes --via http --endpoint ${door.url}`);
    await door.close();
    expect(code).toBe(0);
    expect(bodies[1]).toEqual(['/v1/import', `Basic ${btoa('w:')}`, { batch: [track({ messageId: 'm1' })] }]);
    expect(bodies).toHaveLength(2);
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
