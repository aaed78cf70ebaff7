// Files of an import that are cut off, or not quite what they should be: what is sound in them is imported.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { Meter } from '../../../../infra/cli/import/meter';
import {
  folder,
  lines,
  OLD,
  put,
  queuedEvents,
  stage,
  track,
  useImportStage,
} from '../../../support/import-stage';

useImportStage();

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
