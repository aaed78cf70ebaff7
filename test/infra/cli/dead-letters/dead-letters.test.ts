import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CancelMessageMoveTaskCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { toMessage } from '../../../../lib/queue/dead-letter';
import { type Stage, startStage } from '../../../support/relay-cli';

let stage: Stage;
let folder: string;

beforeEach(async () => {
  stage = await startStage();
  folder = await mkdtemp(join(tmpdir(), 'relay-letters-'));
});

afterEach(async () => {
  await stage.stop();
  await rm(folder, { recursive: true });
});

const FAILED_AT = new Date(Date.now() - 3 * 3_600_000);

const putLetter = async (
  userId: string,
  reason: 'illegal_identifier' | 'missing_event_name',
  detail: string,
) => {
  // A number that JSON.parse would change: a copy must not.
  const body = `{"type":"track","userId":"${userId}","event":"Ordered", "properties":{"total":1.10,"big":12345678901234567890},"line":"a\u2028b"}`;
  const letter = { body, reason, detail, source: 'shop', messageId: `m-${userId}` };
  const { attributes } = toMessage(letter, FAILED_AT);
  await stage.put('dead-letters', body, attributes);
  return body;
};

const putThree = async (): Promise<void> => {
  await putLetter('u1', 'illegal_identifier', 'userId: looks like a bug');
  await putLetter('u2', 'illegal_identifier', 'userId: looks like a bug');
  await putLetter('u3', 'missing_event_name', 'event: expected a string');
};

const peopleOn = async (queue: 'events' | 'dead-letters'): Promise<string[]> =>
  (await stage.takeAll(queue)).map(({ Body = '' }) => JSON.parse(Body).userId).sort();

describe('list', () => {
  it('counts by reason, source and field, with age and a sample, in 80 columns, and leaves the letters there', async () => {
    await putThree();
    const { code, out } = await stage.run('dead-letters list');
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
"3 dead letters (cio-relay-test-dead-letters, stage test in us-east-1)

count  reason              source  oldest  sample
2      illegal_identifier  shop    3 h     userId: looks like a bug
1      missing_event_name  shop    3 h     event: expected a string
"
`);
    expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(await stage.count('dead-letters')).toBe(3);
  });

  it('answers in JSON, only with what the filters leave', async () => {
    await putThree();
    const { out } = await stage.run('dead-letters list --json --field event --since 4h');
    expect(JSON.parse(out)).toMatchObject({ count: 1, groups: [{ reason: 'missing_event_name', count: 1 }] });
  });

  it('an empty filter leaves what names no field, no source or no workspace', async () => {
    await putThree();
    await stage.put('dead-letters', '{}', {
      reason: 'undeliverable',
      detail: 'HTTP 500: oh',
      source: 'shop',
    });
    await stage.put('dead-letters', '{}', { reason: 'invalid_json', detail: 'body: not JSON' });
    const counts = async (filter: string) =>
      JSON.parse((await stage.run(`dead-letters list --json ${filter}`)).out).count;

    expect(await counts('--field=')).toBe(1);
    expect(await counts('--source=')).toBe(1);
    expect(await counts('--workspace=')).toBe(5);
  });

  it('says how many it has looked at when others are in other hands, and so does every other command', async () => {
    await putThree();
    const command = {
      QueueUrl: stage.queueUrl('dead-letters'),
      MaxNumberOfMessages: 1,
      VisibilityTimeout: 60,
    };
    await stage.sqs.client.send(new ReceiveMessageCommand(command));
    const part =
      'Looked at 2 of about 3: the others are in other hands, as what a killed command\nheld is for 2 minutes.';
    const { out, err } = await stage.run('dead-letters list');
    expect(out).toContain('2 dead letters (');
    expect(err).toContain(part);
    const { count, looked, whole } = JSON.parse((await stage.run('dead-letters list --json')).out);
    expect({ count, looked, whole }).toEqual({ count: 2, looked: 2, whole: 3 });
    expect((await stage.run('dead-letters show')).err).toContain(part);
    const path = join(folder, 'l.ndjson');
    expect((await stage.run(`dead-letters export ${path}`)).err).toContain(part);
    expect((await stage.run('dead-letters edit none --yes')).err).toContain(part);
    expect((await stage.run(`dead-letters discard --yes --exported ${path} --source blog`)).err).toContain(
      part,
    );
    expect((await stage.run('dead-letters retry --yes --source shop')).err).toContain(part);
  });

  it('says that none matches where there are some', async () => {
    await putThree();
    expect((await stage.run('dead-letters list --reason invalid_json')).out).toMatch(
      /^None of 3 dead letters matches \(/,
    );
  });

  it('tells the workspaces of a source apart', async () => {
    for (const workspace of ['eu', 'us']) {
      await stage.put('dead-letters', '{}', { reason: 'rejected_by_customerio', source: 'shop', workspace });
    }
    const { out } = await stage.run('dead-letters list --workspace eu');
    expect(out).toContain('shop/eu');
    expect(out).not.toContain('shop/us');
  });

  it('names what SQS moved by itself', async () => {
    await stage.put('dead-letters', '{"type":"track","userId":"u1","event":"Ordered"}');
    const { out } = await stage.run('dead-letters list --json');
    expect(JSON.parse(out).groups).toMatchObject([{ reason: 'moved_by_sqs' }]);
  });

  it('says so when there are none', async () => {
    const { out } = await stage.run('dead-letters list');
    expect(out).toBe('No dead letters (cio-relay-test-dead-letters, stage test in us-east-1).\n');
  });
});

describe('show', () => {
  it('shows the letter of a person whole', async () => {
    await putThree();
    const { out } = await stage.run('dead-letters show --person u3');
    expect(out).toContain('missing_event_name');
    expect(out).toContain('"big":12345678901234567890');
    expect(await stage.count('dead-letters')).toBe(3);
  });

  it.each([
    ['an identifier', { identifiers: { id: 'u9', email: 'Ada@example.com' } }, 'ada@example.com'],
    [
      'the address of a subscription',
      { identifiers: { id: '' }, email_address: 'ada@example.com' },
      'ada@example.com',
    ],
    [
      'the recipient of an email',
      { identifiers: { id: 'u9' }, recipient: 'ada@example.com' },
      'Ada@example.com',
    ],
    ['the older customer_id', { customer_id: 'u9' }, 'u9'],
  ])('finds the reporting webhook of a person by %s', async (_, data, person) => {
    const webhook = { event_id: 'e', object_type: 'email', metric: 'sent', data };
    await stage.put('activity-dead-letters', JSON.stringify(webhook), { reason: 'invalid_event' });

    const { out } = await stage.run(`dead-letters show --activity --person ${person}`);

    expect(out).toContain('"event_id":"e"');
  });

  it('takes nothing for a person that an event of a sender has in a field called data', async () => {
    const data = { customer_id: 'u9', recipient: 'ada@example.com' };
    const event = { type: 'track', event: 'Ordered', userId: 'u1', data };
    await stage.put('dead-letters', JSON.stringify(event), { reason: 'invalid_event' });

    expect(await stage.run('dead-letters show --person u9')).toMatchObject({ code: 1 });
  });

  it('fails when nothing matches', async () => {
    expect(await stage.run('dead-letters show --person nobody')).toMatchObject({
      code: 1,
      err: 'No dead letter matches.\nSee what there is:\n  npx relay dead-letters list --stage test\n',
    });
  });
});

it.each([
  ['discard --exported {absent}', /dead-letters export <file> --activity --stage test $/],
  ['list', /dead-letters show --reason <reason> --activity --stage test $/],
  ['show --reason none', /dead-letters list --activity --stage test $/],
  ['export {new}', /dead-letters discard --exported \S+ --activity --stage test $/],
  ['edit none --body {new}', /dead-letters show --activity --stage test $/],
  ['edit m-1 --body {same} --yes', /dead-letters retry --id <id> --activity --stage test $/],
])('%s of activity names the next command, of activity and of the stage', async (words, next) => {
  await stage.put('activity-dead-letters', '{"metric":"sent"}', { reason: 'x', messageId: 'm-1' });
  await writeFile(join(folder, 'same'), '{"metric":"sent"}');

  const typed = words.replace(/{(\w+)}/, (_, name) => join(folder, name));
  const { err } = await stage.run(`dead-letters ${typed} --activity`);

  expect(err.replace(/\s+/g, ' ')).toMatch(next);
});

describe('retry', () => {
  it('moves all by SQS itself, to the last byte, with attributes and at the rate', async () => {
    const body = await putLetter('u1', 'illegal_identifier', 'userId: looks like a bug');
    const { code, out, err } = await stage.run('dead-letters retry --yes --rate 50');
    expect({ code, out }).toEqual({ code: 0, out: '1 message moved back.\n' });
    expect(err).toContain('50 a second at most');
    const [message] = await stage.takeAll('events');
    expect(message?.Body).toBe(body);
    expect(message?.MessageAttributes?.['messageId']?.StringValue).toBe('m-u1');
    expect(await stage.count('dead-letters')).toBe(0);
  });

  it('leaves the move of all to SQS where it is not to wait, and refuses to where it sends one by one', async () => {
    await putThree();
    expect(await stage.run('dead-letters retry --yes --detach --person u1')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--detach is for the move of all, which SQS goes on with by itself.'),
    });
    expect(await stage.count('dead-letters')).toBe(3);
    expect((await stage.run('dead-letters retry --yes --detach')).out).toContain('Started; SQS goes on');
  });

  it('ends a move of all that goes on, and what it had not moved stays', async () => {
    const all = 40;
    for (let number = 0; number < all; number += 1)
      await putLetter(`u${number}`, 'illegal_identifier', 'userId: a bug');
    await stage.run('dead-letters retry --yes --detach --rate 1');
    const rehearsal = 'dead-letters retry --cancel --dry-run';
    expect((await stage.run(rehearsal)).out).toBe('Ends the move of all that goes on.\n');
    expect((await stage.run(`${rehearsal} --json`)).out).toBe('{"wouldCancel":true}\n');
    const { code, out } = await stage.run('dead-letters retry --cancel');
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/^The move was ended after \d+ messages?; the others stay\.\n$/),
    });
    const moved = (await stage.takeAll('events')).length;
    expect(moved).toBeLessThan(all);
    expect(await stage.count('dead-letters')).toBe(all - moved);
    expect((await stage.run('dead-letters retry --cancel')).out).toBe('No move goes on.\n');
    expect((await stage.run(rehearsal)).out).toBe('No move goes on.\n');
    expect((await stage.run('dead-letters retry --cancel --json')).out).toBe('{"cancelled":false}\n');
    expect(await stage.run('dead-letters retry --cancel --person u1')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--cancel ends the move of all'),
    });
  });

  it('takes a move that ends while it is to be ended for one that has', async () => {
    await putThree();
    await stage.run('dead-letters retry --yes --detach --rate 1');
    const send = SQSClient.prototype.send;
    const ended = jest.spyOn(SQSClient.prototype, 'send').mockImplementation(function (
      this: SQSClient,
      ...args
    ) {
      if (args[0] instanceof CancelMessageMoveTaskCommand) {
        throw Object.assign(new Error('gone'), { name: 'ResourceNotFoundException' });
      }
      return Reflect.apply(send, this, args);
    });
    const { out } = await stage.run('dead-letters retry --cancel');
    ended.mockRestore();
    expect(out).toBe('No move goes on.\n');
    await stage.run('dead-letters retry --cancel');
  });

  it('asks first, and does nothing where nobody can be asked or the answer is no', async () => {
    await putThree();
    expect(await stage.run('dead-letters retry')).toMatchObject({ code: 2 });
    expect(await stage.run('dead-letters retry --reason illegal_identifier', { answer: 'n' })).toMatchObject({
      code: 1,
    });
    expect(await stage.count('dead-letters')).toBe(3);
  });

  it('sends back what the filters leave, and the rest stays', async () => {
    await putThree();
    const { code, out } = await stage.run('dead-letters retry --reason illegal_identifier', { answer: 'y' });
    expect({ code, out }).toEqual({ code: 0, out: '2 dead letters sent back.\n' });
    expect(await peopleOn('events')).toEqual(['u1', 'u2']);
    expect(await peopleOn('dead-letters')).toEqual(['u3']);
  });

  it('warns of people deleted since, and keeps back those that are named', async () => {
    await putThree();
    await writeFile(join(folder, 'deleted.txt'), 'u2\n\n');
    const { err } = await stage.run('dead-letters retry --dry-run');
    expect(err).toContain('makes a person anew for whatever arrives after a deletion');
    const { out } = await stage.run(
      `dead-letters retry --yes --json --deleted ${join(folder, 'deleted.txt')}`,
    );
    expect(JSON.parse(out)).toEqual({ retried: 2, notTaken: 0, deletedPeople: 1 });
    expect(await peopleOn('dead-letters')).toEqual(['u2']);
  });

  const putTrack = (who: object, event: string) =>
    stage.put('dead-letters', JSON.stringify({ type: 'track', ...who, event }), { reason: 'undeliverable' });

  it('keeps back what would make people anew whose own deletion is among the dead letters', async () => {
    await putTrack({ userId: 'u1' }, 'User Deleted');
    await putTrack({ userId: 'u1' }, 'Ordered');
    await putTrack({ context: { traits: { email: 'Ada@example.com' } } }, ' User Suppressed ');
    await putTrack({ userId: 'ada@example.com' }, 'Ordered');
    await putTrack({ userId: 'u2' }, 'Ordered');

    const { code, out, err } = await stage.run('dead-letters retry --yes --json');

    expect({ code, out: JSON.parse(out) }).toEqual({
      code: 0,
      out: { retried: 3, notTaken: 0, deletedPeople: 2 },
    });
    expect(err).toMatch(/It goes\s+back; what else is theirs is kept here/);
    expect(err).toContain('\n- u1\n- ada@example.com\n');
    expect((await stage.takeAll('events')).map(({ Body = '' }) => JSON.parse(Body).event).sort()).toEqual([
      ' User Suppressed ',
      'Ordered',
      'User Deleted',
    ]);
    expect(await peopleOn('dead-letters')).toEqual(['ada@example.com', 'u1']);
  });

  it('knows a deletion of a very old SDK, which says in `action` that it is a track', async () => {
    const old = { action: 'track', userId: 'u1', event: 'User Deleted' };
    await stage.put('dead-letters', JSON.stringify(old), { reason: 'undeliverable' });
    await putTrack({ userId: 'u1' }, 'Ordered');

    const { out } = await stage.run('dead-letters retry --yes --json');

    expect(JSON.parse(out)).toEqual({ retried: 1, notTaken: 0, deletedPeople: 1 });
  });

  it('fails for a file of deleted people that is not there, before anything moves', async () => {
    await putTrack({ userId: 'u1' }, 'Ordered');

    expect(await stage.run('dead-letters retry --yes --deleted nowhere.txt')).toMatchObject({
      code: 1,
      err: 'There is no file nowhere.txt.\nGive a file with an id or email a line.\n',
    });
    expect(await stage.count('dead-letters')).toBe(1);
  });

  it('finds a deletion that the filters leave out, and says in a dry run what would stay', async () => {
    await putTrack({ userId: 'u1' }, 'User Deleted');
    await putLetter('u1', 'missing_event_name', 'event: expected a string');

    const { out } = await stage.run('dead-letters retry --dry-run --json --reason missing_event_name');

    expect(JSON.parse(out)).toEqual({ wouldRetry: 0, deletedPeople: 1 });
    expect(await stage.count('dead-letters')).toBe(2);
  });

  it('sends all of it back where people may be made anew', async () => {
    await putTrack({ userId: 'u1' }, 'User Deleted');
    await putTrack({ userId: 'u1' }, 'Ordered');

    const { out } = await stage.run('dead-letters retry --yes --recreate');

    expect(out).toBe('2 messages moved back.\n');
  });

  it('takes a deletion that nobody can read, or of nobody, for none', async () => {
    await stage.put('dead-letters', 'User Deleted', { reason: 'invalid_json' });
    await stage.put('dead-letters', '{"type":"track","event":"User Deleted"}', {
      reason: 'missing_identifier',
    });
    await stage.put('dead-letters', '{"type":"page","userId":"u1","event":"User Deleted"}', { reason: 'x' });

    const { out } = await stage.run('dead-letters retry --yes');

    expect(out).toBe('3 messages moved back.\n');
  });

  it('changes nothing in a dry run', async () => {
    await putThree();
    const { out } = await stage.run('dead-letters retry --dry-run --person u1 --json');
    expect(JSON.parse(out)).toEqual({ wouldRetry: 1, deletedPeople: 0 });
    expect(await stage.count('dead-letters')).toBe(3);
  });

  it('leaves two copies of one messageId when it dies between sending and deleting, and none is lost', async () => {
    await putLetter('u1', 'illegal_identifier', 'userId: looks like a bug');
    const send = SQSClient.prototype.send;
    const dying = jest.spyOn(SQSClient.prototype, 'send').mockImplementation(function (
      this: SQSClient,
      ...args
    ) {
      if (args[0] instanceof DeleteMessageBatchCommand) throw new Error('killed');
      return Reflect.apply(send, this, args);
    });
    expect(await stage.run('dead-letters retry --yes --person u1')).toMatchObject({ code: 1 });
    dying.mockRestore();
    expect(await stage.run('dead-letters retry --yes --person u1')).toMatchObject({ code: 0 });
    const copies = await stage.takeAll('events');
    expect(copies.map(({ MessageAttributes }) => MessageAttributes?.['messageId']?.StringValue)).toEqual([
      'm-u1',
      'm-u1',
    ]);
    expect(new Set(copies.map(({ Body }) => Body)).size).toBe(1);
  });

  it('gives what SQS moved the id and time that stood in for it, so that a second copy is the same', async () => {
    await stage.put('dead-letters', '{"type":"track","userId":"u1","event":"Ordered"}');
    await stage.run('dead-letters retry --yes --reason moved_by_sqs');
    const [copy] = await stage.takeAll('events');
    expect(copy?.MessageAttributes).toMatchObject({
      messageId: { StringValue: expect.any(String) },
      timestamp: { StringValue: expect.any(String) },
    });
  });

  it('sends activity back to its own queue', async () => {
    await stage.put('activity-dead-letters', '{"metric":"sent"}', { reason: 'rejected_by_segment' });
    await stage.run('dead-letters retry --yes --activity');
    expect(await stage.takeAll('activity')).toHaveLength(1);
    expect(await stage.takeAll('events')).toHaveLength(0);
  });
});

describe('edit', () => {
  const edit = async (body: string) => {
    await putLetter('u1', 'missing_event_name', 'event: expected a string');
    const path = join(folder, 'mended.json');
    await writeFile(path, body);
    return stage.run(`dead-letters edit m-u1 --yes --body ${path}`);
  };

  it('sends the mended body with the attributes, and the old one is gone', async () => {
    expect(await edit('{"type":"track","userId":"u1","event":"Mended"}\n')).toMatchObject({ code: 0 });
    const [message] = await stage.takeAll('events');
    expect(message).toMatchObject({
      Body: '{"type":"track","userId":"u1","event":"Mended"}',
      MessageAttributes: {
        messageId: { StringValue: 'm-u1' },
        reason: { StringValue: 'missing_event_name' },
      },
    });
    expect(await stage.count('dead-letters')).toBe(0);
  });

  it('only says what it would send when it is rehearsed, and still refuses what is no JSON', async () => {
    const path = join(folder, 'mended.json');
    const rehearse = async (body: string, options = '') => {
      await writeFile(path, body);
      return stage.run(`dead-letters edit m-u1 --dry-run --body ${path} ${options}`.trim());
    };
    await putLetter('u1', 'missing_event_name', 'event: expected a string');
    expect(await rehearse('{"type":"track","userId":"u1","event":"Mended"}')).toEqual({
      code: 0,
      out: 'Sends the edited dead letter m-u1 to cio-relay-test-events, then deletes the old one.\n',
      err: 'A rehearsal: nothing was sent.\n',
    });
    expect((await rehearse('{"type":"track"}', '--json')).out).toBe('{"wouldEdit":1}\n');
    expect(await rehearse('{"type":')).toMatchObject({ code: 1, err: expect.stringContaining('not JSON') });
    expect(await stage.count('dead-letters')).toBe(1);
    expect(await stage.takeAll('events')).toHaveLength(0);
  });

  it('refuses what is no JSON, and the letter stays', async () => {
    expect(await edit('{"type":')).toMatchObject({ code: 1, err: expect.stringContaining('not JSON') });
    expect(await stage.count('dead-letters')).toBe(1);
  });

  it('opens the editor of the environment', async () => {
    await putLetter('u1', 'missing_event_name', 'event: expected a string');
    const { code } = await stage.run('dead-letters edit m-u1 --yes', {
      env: { EDITOR: "sed -i 's/Ordered/Mended/'" },
    });
    expect(code).toBe(0);
    const [message] = await stage.takeAll('events');
    expect(message?.Body).toContain(
      '"event":"Mended", "properties":{"total":1.10,"big":12345678901234567890}',
    );
  });
});

describe('export and discard', () => {
  it('gives up what was exported and nothing else', async () => {
    await putThree();
    const path = join(folder, 'letters.ndjson');
    expect(await stage.run(`dead-letters export ${path} --reason illegal_identifier`)).toMatchObject({
      code: 0,
    });
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? '').body).toContain('"big":12345678901234567890');
    const { out } = await stage.run(`dead-letters discard --exported ${path} --yes --json`);
    expect(JSON.parse(out)).toEqual({ discarded: 2, notDeleted: 0, kept: 1 });
    expect(await peopleOn('dead-letters')).toEqual(['u3']);
  });

  it('only counts what it would give up when it is rehearsed', async () => {
    await putThree();
    const path = join(folder, 'letters.ndjson');
    await stage.run(`dead-letters export ${path} --reason illegal_identifier`);
    const rehearsal = `dead-letters discard --exported ${path} --dry-run`;
    expect(JSON.parse((await stage.run(`${rehearsal} --json`)).out)).toEqual({ wouldDiscard: 2, kept: 1 });
    expect(await stage.run(rehearsal)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^2 dead letters would be discarded; 1 /),
      err: expect.stringContaining('A rehearsal: nothing was deleted.'),
    });
    expect(await stage.count('dead-letters')).toBe(3);
  });

  it('overwrites no file, and discards by none that is not an export', async () => {
    await putThree();
    const path = join(folder, 'other.ndjson');
    await writeFile(path, '{"type":"track"}\n');
    expect(await stage.run(`dead-letters export ${path}`)).toMatchObject({ code: 2 });
    expect(await stage.run(`dead-letters discard --yes --exported ${path}`)).toMatchObject({
      code: 1,
      err: expect.stringContaining('is no export of dead letters (line 1)'),
    });
    expect(await stage.run('dead-letters discard --yes')).toMatchObject({ code: 2 });
    expect(await stage.count('dead-letters')).toBe(3);
  });
});
