// What `relay import` takes: lines, arrays, archives, exports of people, tables of warehouses, any other CSV.

import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import {
  lines,
  OLD,
  put,
  queued,
  queuedEvents,
  stage,
  track,
  useImportStage,
} from '../../../support/import-stage';

useImportStage();

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
