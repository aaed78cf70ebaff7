import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { Meter } from '../../../../infra/cli/import/meter';
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

  it('takes events that stand on several lines, to the last digit and without their indentation', async () => {
    const printed = (id: string): string =>
      `{\n  "messageId": "${id}",\n  "type": "track",\n  "userId": "u1",\n  "event": "A  B",\n  "timestamp": "2025-03-01",\n  "properties": {\n    "total": 1.10\n  }\n}\n`;
    const path = await put('a.json', `${printed('m1')}${printed('m2')}{"messageId":"m3",\n"type":"track"}\n`);
    const again = await put('b.json', printed('m4'));

    expect(await stage.run(`import ${path} --yes --json`)).toMatchObject({
      code: 1,
      out: expect.stringContaining('"events":2,"rejected":{"missing_identifier":1}'),
    });
    expect(await stage.run(`import ${again} --format json --yes`)).toMatchObject({ code: 0 });
    expect(JSON.parse(await readFile(`${path}.rejected.ndjson`, 'utf8')).rejected.line).toBe(21);
    const texts = (await queued()).join();
    expect(texts.match(/"m\d"/g)?.sort()).toEqual(['"m1"', '"m2"', '"m4"']);
    expect(texts).toContain('"event": "A  B","timestamp": "2025-03-01","properties": {"total": 1.10}}');
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

  /** What the row of a warehouse's table of orders is, however the warehouse writes its columns. */
  const ORDER_PLACED = {
    type: 'track',
    messageId: 'm1',
    receivedAt: OLD,
    userId: 'u1',
    event: 'Order Placed',
    properties: { total: '12' },
    timestamp: OLD,
  };

  it('reads the rows of a warehouse', async () => {
    const path = await put(
      'orders.csv',
      `id,received_at,user_id,event,event_text,total,context_ip,timestamp\nm1,${OLD},u1,order_placed,Order Placed,12,1.2.3.4,${OLD}\n`,
    );
    await stage.run(`import ${path} --yes --as track`);
    expect(await queuedEvents()).toEqual([ORDER_PLACED]);
  });

  it('reads the rows of a warehouse that writes its columns in capitals, as Snowflake does', async () => {
    const path = await put(
      'orders.csv',
      `ID,RECEIVED_AT,USER_ID,EVENT,EVENT_TEXT,TOTAL,CONTEXT_IP,TIMESTAMP\nm1,${OLD},u1,order_placed,Order Placed,12,1.2.3.4,${OLD}\n`,
    );
    expect(await stage.run(`import ${path} --yes`)).toMatchObject({ code: 0 });
    expect(await queuedEvents()).toEqual([ORDER_PLACED]);
  });

  it('knows the id of a warehouse’s table of people for theirs: no row of it is a message', async () => {
    const path = await put('users.csv', `id,received_at,email,plan\nu1,${OLD},ada@example.com,pro\n`);
    expect(await stage.run(`import ${path} --yes --as identify`)).toMatchObject({ code: 0 });
    expect(await queuedEvents()).toMatchObject([
      { type: 'identify', userId: 'u1', traits: { email: 'ada@example.com', plan: 'pro' } },
    ]);
  });

  it('keeps a property or trait of a warehouse’s table whose name is a field of other events', async () => {
    const header = `id,received_at,user_id,timestamp,event,event_text,name,type,group_id,previous_id,message_id`;
    const row = (id: string, type: string) =>
      `${id},${OLD},u1,${OLD},viewed,Viewed,Lamp,${type},g1,p1,chat-1`;
    const path = await put('viewed.csv', `${header}\n${row('m1', 'page')}\n${row('m2', 'lamp')}\n`);
    expect(await stage.run(`import ${path} --yes`)).toMatchObject({ code: 0 });
    const viewed = (messageId: string, type: string) => ({
      type: 'track',
      messageId,
      receivedAt: OLD,
      userId: 'u1',
      timestamp: OLD,
      event: 'Viewed',
      properties: { name: 'Lamp', type, group_id: 'g1', previous_id: 'p1', message_id: 'chat-1' },
    });
    expect(await queuedEvents()).toEqual([viewed('m1', 'page'), viewed('m2', 'lamp')]);

    const users = await put('users.csv', `id,received_at,type,event,group_id\nu1,${OLD},business,fair,g1\n`);
    expect(await stage.run(`import ${users} --yes --as identify`)).toMatchObject({ code: 0 });
    expect(await queuedEvents()).toMatchObject([
      { type: 'identify', userId: 'u1', traits: { type: 'business', event: 'fair', group_id: 'g1' } },
    ]);
  });

  it.each([
    ['pages', 'page', 'name,category', 'Home,Docs', { name: 'Home', properties: { category: 'Docs' } }],
    ['screens', 'screen', 'name', 'Main', { name: 'Main' }],
    ['aliases', 'alias', 'previous_id', 'u0', { previousId: 'u0' }],
    ['groups', 'group', 'group_id,name', 'g1,Acme', { groupId: 'g1', traits: { name: 'Acme' } }],
  ])('reads the rows of a warehouse’s table %s', async (table, type, columns, cells, fields) => {
    const path = await put(
      `${table}.csv`,
      `id,received_at,user_id,timestamp,${columns}\nm1,${OLD},u1,${OLD},${cells}\n`,
    );
    expect(await stage.run(`import ${path} --yes --as ${type}`)).toMatchObject({ code: 0 });
    const common = { type, messageId: 'm1', receivedAt: OLD, userId: 'u1', timestamp: OLD };
    expect(await queuedEvents()).toEqual([{ ...common, ...fields }]);
  });

  it('knows the id of a warehouse’s table of companies for theirs', async () => {
    const path = await put('accounts.csv', `id,received_at,name\ng1,${OLD},Acme\n`);
    expect(await stage.run(`import ${path} --yes --as group`)).toMatchObject({ code: 0 });
    expect(await queuedEvents()).toMatchObject([{ type: 'group', groupId: 'g1', traits: { name: 'Acme' } }]);
  });

  it('makes nobody of a message that says of nobody, nor of an event with columns of its own', async () => {
    const identifies = `id,received_at,user_id,anonymous_id,plan\nm1,${OLD},,,pro\nm2,${OLD},NULL,\\N,pro\n`;
    const path = await put('identifies.csv', identifies);
    expect(await stage.run(`import ${path} --dry-run --json --as identify`)).toMatchObject({
      out: expect.stringContaining('"rejected: missing_identifier":{"count":2'),
    });
    const event = track({ id: 'order-1', received_at: OLD, messageId: 'm1' });
    await stage.run(`import ${await put('a.ndjson', lines(event))} --yes`);
    expect(await queuedEvents()).toEqual([event]);
  });

  it('takes what a database writes for no value as none: nobody is called \\N', async () => {
    const path = await put(
      'orders.csv',
      `id,received_at,user_id,anonymous_id,event,event_text,total,coupon,note,timestamp\nm1,${OLD},\\N,a1,order_placed,Order Placed,12,NULL,,${OLD}\n`,
    );
    expect(await stage.run(`import ${path} --yes`)).toMatchObject({ code: 0 });
    const { userId: _, ...ofNobody } = ORDER_PLACED;
    expect(await queuedEvents()).toEqual([{ ...ofNobody, anonymousId: 'a1' }]);

    const people = await put('people.csv', 'cio_id,id,email,plan\nc1,\\N,\\N,pro\n');
    expect(await stage.run(`import ${people} --yes`)).toMatchObject({ code: 0 });
    expect(await queuedEvents()).toMatchObject([{ userId: 'cio_c1', traits: { plan: 'pro' } }]);

    const others = await put('others.csv', 'id,name,plan\nu1,NULL,\\N\n');
    expect(await stage.run(`import ${others} --yes --as identify`)).toMatchObject({ code: 0 });
    expect(await queuedEvents()).toMatchObject([{ userId: 'u1', traits: { name: 'NULL' } }]);
  });

  it.each([
    ['2024-03-01 10:00:00 UTC', '2024-03-01T10:00:00.000Z'],
    ['2024-03-01 10:00:00.123456 UTC', '2024-03-01T10:00:00.123Z'],
    ['2024-03-01 10:00:00.5+00', '2024-03-01T10:00:00.500Z'],
    ['2024-03-01 10:00:00.000 -0800', '2024-03-01T18:00:00.000Z'],
    ['2024-03-01 10:00:00.000 Z', '2024-03-01T10:00:00.000Z'],
    // No form of a warehouse's, or no time: as it is.
    ['2024-03-01 10:00:00', '2024-03-01 10:00:00'],
    ['2024-02-30 10:00:00 UTC', '2024-02-30 10:00:00 UTC'],
    ['10:00:00 UTC', '10:00:00 UTC'],
  ])(
    'writes a warehouse’s time %s as its sender wrote it, to become one at Customer.io',
    async (cell, iso) => {
      const users = await put('users.csv', `id,received_at,renewed\nu1,${OLD},${cell}\n`);
      await stage.run(`import ${users} --yes --as identify`);
      const others = await put('others.csv', `id,renewed\nu1,${cell}\n`);
      await stage.run(`import ${others} --yes --as identify`);
      expect(await queuedEvents()).toMatchObject([
        { traits: { renewed: iso } },
        { traits: { renewed: cell } },
      ]);
    },
  );

  it('makes lists of those that a warehouse keeps as text, and of nothing else', async () => {
    const header = 'id,received_at,user_id,timestamp,event,event_text,products,note,raw';
    const cells = `m1,${OLD},u1,${OLD},ordered,Ordered,"[{""sku"":""a"",""price"":12.5}]",[sic],"{""a"":1}"`;
    await stage.run(`import ${await put('ordered.csv', `${header}\n${cells}\n`)} --yes`);
    await stage.run(
      `import ${await put('b.csv', `userId,event,tags\nu1,Tagged,"[""a""]"\n`)} --yes --as track --allow-campaigns`,
    );
    expect(await queuedEvents()).toMatchObject([
      { properties: { products: [{ sku: 'a', price: 12.5 }], note: '[sic]', raw: '{"a":1}' } },
      { properties: { tags: '["a"]' } },
    ]);
  });

  it('reads the rows of a warehouse as JSON, with numbers and all', async () => {
    const row = {
      id: 'm1',
      received_at: OLD,
      user_id: 'u1',
      anonymous_id: null,
      event: 'order_placed',
      event_text: 'Order Placed',
      total: 12,
      is_gift: false,
      context_ip: '1.2.3.4',
      timestamp: OLD,
    };
    const inCapitals = Object.fromEntries(
      Object.entries(row).map(([column, cell]) => [column.toUpperCase(), cell]),
    );
    const placed = { ...ORDER_PLACED, properties: { total: 12, is_gift: false } };
    for (const content of [lines(row, inCapitals), JSON.stringify([row, inCapitals])]) {
      expect(await stage.run(`import ${await put('orders.json', content)} --yes --restart`)).toMatchObject({
        code: 0,
      });
      expect(await queuedEvents()).toEqual([placed, placed]);
    }
    const users = await put('users.json', lines({ id: 'u1', received_at: OLD, email: 'ada@example.com' }));
    expect(await stage.run(`import ${users} --yes --as identify`)).toMatchObject({ code: 0 });
    expect(await queuedEvents()).toMatchObject([{ userId: 'u1', traits: { email: 'ada@example.com' } }]);
  });

  it('takes a column of any other CSV for a field only where the event has that field', async () => {
    const orders = await put(
      'orders.csv',
      `userId,event,name,type,group_id,timestamp\nu1,Ordered,Lamp,lamp,g1,${OLD}\nu1,,Home,page,g1,${OLD}\n`,
    );
    expect(await stage.run(`import ${orders} --yes --as track`)).toMatchObject({ code: 0 });
    expect(await queuedEvents()).toMatchObject([
      { type: 'track', event: 'Ordered', properties: { name: 'Lamp', type: 'lamp', group_id: 'g1' } },
      { type: 'page', name: 'Home', properties: { group_id: 'g1' } },
    ]);
    const aliases = await put('aliases.csv', 'userId,previousId\nu1,u0\n');
    expect(await stage.run(`import ${aliases} --yes --as alias`)).toMatchObject({ code: 0 });
    expect(await queuedEvents()).toMatchObject([{ type: 'alias', userId: 'u1', previousId: 'u0' }]);
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

describe('a file that is cut off', () => {
  const texts = Array.from({ length: 3_000 }, (_, index) =>
    createHash('md5').update(`${index}`).digest('hex'),
  );
  const rows = texts.map((text, index) => track({ messageId: `m${index}`, properties: { text } }));

  /** Without its second half, and how many whole lines the first one has. */
  const cut = (content: string): { packed: Buffer; whole: number } => {
    const all = gzipSync(content);
    const packed = all.subarray(0, Math.floor(all.length / 2));
    const text = gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
    return { packed, whole: text.split('\n').length - 1 };
  };

  it('is imported to the last whole line, says how many that are, and goes on with the whole file', async () => {
    const { packed, whole } = cut(lines(...rows));
    const path = await put('a.ndjson.gz', packed);
    const { code, err } = await stage.run(`import ${path} --yes`);
    expect(code).toBe(1);
    expect(err).toContain(`Stopped after ${whole.toLocaleString('en')} events.`);
    expect(err.replace(/\s+/g, ' ')).toContain(
      `cannot be read as gzip after line ${whole}: unexpected end of file Get it whole`,
    );
    expect(whole).toBeGreaterThan(1_000);
    expect(await queuedEvents()).toHaveLength(whole);
    await put('a.ndjson.gz', gzipSync(lines(...rows)));
    expect(await stage.run(`import ${path} --yes --restart`)).toMatchObject({ code: 0 });
    expect(await queuedEvents()).toHaveLength(rows.length);
  });

  it('gives no half of a row, and a rehearsal says it too', async () => {
    const csv = texts.map((text, index) => `u${index},${text}`).join('\n');
    const { packed, whole } = cut(`id,name\n${csv}`);
    const path = await put('a.csv.gz', packed);
    const { err } = await stage.run(`import ${path} --yes --as identify`);
    expect(err).toContain(`Stopped after ${(whole - 1).toLocaleString('en')} events.`);
    const people = await queuedEvents();
    expect(people.every(({ traits }) => JSON.stringify(traits).length === '{"name":""}'.length + 32)).toBe(
      true,
    );
    const rehearsed = await stage.run(`import ${path} --dry-run --as identify`);
    expect(rehearsed).toMatchObject({ code: 1, err: expect.stringContaining('cannot be read as gzip') });
  });

  it('is told apart from one that is whole, in several parts', async () => {
    const path = await put('a.gz', Buffer.concat([gzipSync(lines(track())), gzipSync(lines(track()))]));
    expect(await stage.run(`import ${path} --yes`)).toMatchObject({
      code: 0,
      out: expect.stringContaining('2 events'),
    });
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

describe('what is not quite a file', () => {
  const run = async (name: string, content: string | Buffer, options: string) => {
    const path = await put(name, content);
    const { out, err } = await stage.run(`import ${path} --dry-run --json ${options}`.trim());
    return out === '' ? err : JSON.parse(out).fates;
  };

  it('is rejected line by line where bytes are no UTF-8, and where they are, U+FFFD stands for itself', async () => {
    const good = Buffer.from(lines(track()));
    const bad = Buffer.from(lines(track({ userId: 'é' })), 'latin1');
    expect(await run('a.ndjson', Buffer.concat([good, bad, good]), '')).toMatchObject({
      deliverable: { lines: [1, 3] },
      'rejected: not_utf8': { lines: [2], detail: expect.stringContaining('iconv') },
    });
    expect(await run('b.ndjson', lines(track({ userId: 'u2\uFFFD' })), '')).toMatchObject({
      deliverable: { lines: [1] },
    });
    const csv = Buffer.from('id,name\nu1,J\u00f6rg\nu2,Ada\n', 'latin1');
    expect(await run('a.csv', csv, '--as identify')).toMatchObject({
      'rejected: not_utf8': { lines: [2] },
      deliverable: { lines: [3] },
    });
  });

  it('is known across chunks: a character that is cut in two is no mistake', async () => {
    const check = new Meter();
    check.resume();
    for (const byte of Buffer.from('aäあ😀\uFFFD')) check.write(Buffer.from([byte]));
    check.end();
    await finished(check);
    expect(check.isBroken).toBe(false);
  });

  it('is refused whole in UTF-16, and when it is a folder', async () => {
    expect(await run('a.ndjson', Buffer.from(`\uFEFF${lines(track())}`, 'utf16le'), '')).toContain(
      'a.ndjson is in UTF-16.',
    );
    expect((await stage.run(`import ${folder} --yes`)).err).toContain(' is a folder.');
  });

  it('is rejected by row where cells are missing or too many, instead of losing some', async () => {
    expect(
      await run('a.csv', 'id,email,name\n1,a@x.y,Ada\n2,b@x\n3,c@x.y,Cy,x\n', '--as identify'),
    ).toMatchObject({
      deliverable: { lines: [2] },
      'rejected: wrong_columns': { lines: [3, 4], detail: expect.stringContaining('more or fewer cells') },
    });
  });

  it('is rejected by row where a quote is not doubled, and the others are taken', async () => {
    const rows = ['id,name,plan', '1,Ada,pro', '2,5" or 6" pipe,pro', '3,"the "best" one",pro', '4,Cy,pro'];

    expect(await run('a.csv', `${rows.join('\n')}\n`, '--as identify')).toMatchObject({
      deliverable: { lines: [2, 5] },
      'rejected: stray_quote': { lines: [3, 4], detail: expect.stringContaining('not doubled') },
    });
  });

  it.each([
    [
      ['2,"5" pipe,pro', '3,Cy,pro', '4,Di,6"', '5,"Eve\nor so",pro'],
      ['1', '5'],
    ],
    [['2,"5" pipe,pro', '3,Cy,pro', '4,Di,6"'], ['1']],
  ])('says of every row that was swallowed by a stray quote up to the next: %j', async (rows, imported) => {
    const path = await put('a.csv', `${['id,name,plan', '1,Ada,pro', ...rows].join('\n')}\n`);

    expect(await stage.run(`import ${path} --as identify --yes`)).toMatchObject({ code: 1 });
    const rejected = (await readFile(`${path}.rejected.ndjson`, 'utf8')).trim().split('\n');
    expect(rejected.map((line) => JSON.parse(line).rejected.detail)).toEqual([
      expect.stringContaining('in lines 3 to 5 of the file'),
    ]);
    expect((await queuedEvents()).map(({ userId }) => userId)).toEqual(imported);
  });

  it('says which lines a quote without an end has swallowed', async () => {
    const rows = ['id,name', '1,Ada', '2,"Bea', '3,Cy', '4,"Dee"', '5,Eve', '6,"Flo', '7,Gus'];
    const path = await put('a.csv', `${rows.join('\n')}\n`);

    expect(await stage.run(`import ${path} --as identify --yes`)).toMatchObject({ code: 1 });
    const rejected = (await readFile(`${path}.rejected.ndjson`, 'utf8')).trim().split('\n');
    expect(rejected.map((line) => JSON.parse(line))).toMatchObject([
      { rejected: { line: 3, reason: 'stray_quote', detail: expect.stringContaining('lines 3 to 5') } },
      { rejected: { line: 7, reason: 'stray_quote', detail: expect.stringContaining('lines 7 to 8') } },
    ]);
    expect((await queuedEvents()).map(({ userId }) => userId)).toEqual(['1', '5']);
  });

  it.each(['sep=;\n', '\uFEFFsep=;\r\n', '"sep=;"\n'])(
    'takes the delimiter that Excel says first: %j',
    async (first) => {
      const path = await put(
        'a.csv',
        `${first}id;name,or so\n1;Ada\n`.replaceAll(/\r?\n/g, first.endsWith('\r\n') ? '\r\n' : '\n'),
      );

      expect(await stage.run(`import ${path} --as identify --yes`)).toMatchObject({ code: 0 });
      expect(await queuedEvents()).toMatchObject([{ userId: '1', traits: { 'name,or so': 'Ada' } }]);
    },
  );

  it('is refused with a column that stands twice, and leaves out one without a name', async () => {
    expect(await run('a.csv', 'id,email,email\n1,a@x.y,b@x.y\n', '--as identify')).toMatch(
      /The column "email" stands twice in the first\s+line of/,
    );
    await stage.run(`import ${await put('b.csv', ',id,plan\n0,u1,pro\n')} --as identify --yes`);
    expect(await queuedEvents()).toMatchObject([{ userId: 'u1', traits: { plan: 'pro' } }]);
  });

  it('may be separated by semicolons or tabs', async () => {
    for (const separator of [';', '\t']) {
      const content = `${['id', 'na,me', 'plan'].join(separator)}\n${['u1', 'Ada', 'pro'].join(separator)}`;
      await stage.run(`import ${await put('a.csv', content)} --as identify --yes --restart`);
      expect(await queuedEvents()).toMatchObject([{ userId: 'u1', traits: { 'na,me': 'Ada', plan: 'pro' } }]);
    }
  });

  it('is refused with a mapping of a column it does not have, or to a field that no event has', async () => {
    const map = await put('map.json', '{"columns":{"Emial":"traits.email"}}');
    expect(await run('a.csv', 'id,Email\n1,a@x.y\n', `--as identify --mapping ${map}`)).toMatch(
      /has no column "Emial", which the mapping\s+names\.\s+It has: id, Email\./,
    );
    await put('map.json', '{"columns":{"Email":"trait.email"}}');
    expect(await run('a.csv', 'id,Email\n1,a@x.y\n', `--as identify --mapping ${map}`)).toContain(
      'The mapping of the column "Email" leads to "trait.email", which no event has.',
    );
  });

  it('is a table of track events where it has event_text', async () => {
    const csv = `id,received_at,user_id,event,event_text\nm1,${OLD},u1,order_placed,Order Placed\n`;
    expect(await run('orders.csv', csv, '')).toMatchObject({ deliverable: { lines: [2] } });
  });

  it('says that there is nothing in it', async () => {
    expect((await stage.run(`import ${await put('a.ndjson', '')} --dry-run`)).out).toContain(
      'There is nothing in it.',
    );
  });

  it('is a pipe, which is read once and leaves no checkpoint', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const [{ code }] = await Promise.all([
      stage.run(`import ${path} --yes`),
      writeFile(path, lines(track({ messageId: 'piped' }))),
    ]);
    expect(code).toBe(0);
    expect(await queuedEvents()).toMatchObject([{ messageId: 'piped' }]);
    await expect(stat(`${path}.relay-checkpoint.json`)).rejects.toThrow('ENOENT');
  });
});
