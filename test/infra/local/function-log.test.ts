import { shortenFunctionLogs, shortLines } from '../../../infra/local/function-log';

const logOf = (fields: object): string =>
  `${JSON.stringify({ level: 'WARN', timestamp: 'now', service: 'cio-relay', ...fields })}\n`;

const plain = (lines: readonly string[] | undefined) =>
  lines?.map((line) => line.replace(/\p{Cc}\[\d+m/gu, '').slice(10));

it('Skipped events are their own line', () => {
  const text = logOf({ level: 'INFO', message: 'Events skipped', events: 2, reason: 'alias_to_itself' });

  expect(plain(shortLines(text))).toEqual(['skipped  2 events  alias_to_itself']);
});

it('Skipped events name the rules that keep them out, and the workspace, where there are several', () => {
  const rules = { 'only the EU': 2, 'no tests': 1 };
  const about = { source: 'local', workspace: 'eu', events: 3, reason: 'excluded_by_rule', rules };

  expect(plain(shortLines(logOf({ message: 'Events skipped', ...about })))).toEqual([
    'skipped  3 events  excluded_by_rule  only the EU, no tests  local/eu',
  ]);
});

it.each([
  [1, '1 event'],
  [2, '2 events'],
])('Times that cannot be read are their own line (%d)', (events, words) => {
  const text = logOf({ message: 'Timestamps replaced', source: 'local', events });

  expect(plain(shortLines(text))).toEqual([
    `replaced  ${words}  timestamp cannot be read; the time of arrival stands for it`,
  ]);
});

it.each(['Requests refused', 'Events dead-lettered'])(
  '%s is shown already, by what it is about',
  (message) => {
    expect(shortLines(logOf({ message, refused: [{ code: 'not_found' }] }))).toEqual([]);
  },
);

it('Anything else is a problem, in words', () => {
  const mistake = logOf({
    message: 'The settings are not usable',
    requestId: 'r1',
    mistake: 'region is wrong',
  });
  const bug = logOf({
    message: 'A request failed unexpectedly',
    errorName: 'TypeError',
    errorAt: ['    at a (b.js:1:2)', '    at c (d.js:3:4)'],
  });

  expect(plain(shortLines(mistake + bug))).toEqual([
    'problem   The settings are not usable; mistake: region is wrong',
    'problem   A request failed unexpectedly; errorName: TypeError; errorAt: at a (b.js:1:2)',
  ]);
});

it('A problem names the workspace where its source has several, and the attributes that it is about', () => {
  const about = { source: 'local', workspace: 'eu', events: 2 };
  const retried = logOf({ message: 'Events will be retried', ...about });
  const dropped = logOf({
    message: 'Attributes were dropped',
    ...about,
    attributes: { bio: 2, '(others)': 1 },
  });

  expect(plain(shortLines(retried + dropped))).toEqual([
    'problem   Events will be retried; source: local; workspace: eu; events: 2',
    'problem   Attributes were dropped; source: local; workspace: eu; attributes: bio, (others); events: 2',
  ]);
});

it.each([
  'hello\n',
  '{"dryRun":"would be sent"}\n',
  '{"service":"cio-relay"',
  `${logOf({ message: 'x' })}hello\n`,
  '',
])('What is no line of a function passes as it is: %j', (text) => {
  expect(shortLines(text)).toBeUndefined();
});

it('A stream gets the short lines in place of the long ones, and everything else as it was written', () => {
  const written: unknown[] = [];
  const stream = { write: (chunk: unknown) => written.push(chunk) > 0 } as unknown as NodeJS.WriteStream;
  shortenFunctionLogs([stream]);

  stream.write('before\n');
  stream.write(Buffer.from(logOf({ message: 'Events skipped', events: 1, reason: 'x' })));
  stream.write(logOf({ message: 'Requests refused' }));
  stream.write(Buffer.from('after\n'));

  expect(written).toHaveLength(4);
  expect(written[0]).toBe('before\n');
  expect(written[1]).toMatch(/skipped.*1 event.*x\n$/);
  expect(written[2]).toBe('');
  expect(written[3]).toEqual(Buffer.from('after\n'));
});
