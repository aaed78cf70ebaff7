import { stripVTControlCharacters } from 'node:util';
import { printActivities, printForwarded, printPeople } from '../../../infra/cli/tables';
import { ACTIVITY_TYPES, type Activity } from '../../../infra/local/sandbox/activity-log';

const TIMESTAMP = Date.parse('2026-02-03T04:05:06Z');
const LONG = 'a name as long as Customer.io takes one, and with no end in sight '.repeat(2);

/** What the function prints, line by line. */
const printed = (print: () => void): string[] => {
  const log = jest.spyOn(console, 'log').mockImplementation(() => {});
  print();
  return log.mock.calls.flatMap(([line]) => stripVTControlCharacters(String(line)).split('\n'));
};

const activity = (type: Activity['activity_type'], name: string, attributes = {}): Activity => ({
  activity_type: type,
  activity_name: name,
  identifiers: { id: 'u1' },
  attributes,
  timestamp: TIMESTAMP / 1_000,
});

it('The Activity Log has a column for each of its fields, and the attributes have what is left', () => {
  const lines = printed(() =>
    printActivities([
      activity('event', 'Signed Up', { plan: 'free', seats: 2, tags: ['a'] }),
      activity('Person Created', ''),
    ]),
  );

  expect(lines).toEqual([
    '',
    'Activity Log',
    'time         Activity Type   Activity Name  attributes',
    '02-03 04:05  event           Signed Up      plan=free seats=2 tags=["a"]',
    '02-03 04:05  Person Created',
  ]);
});

it('Nothing is wider than 80 columns, and what is cut shows it', () => {
  const all = Object.values(ACTIVITY_TYPES).map((type) => activity(type, LONG, { [LONG]: LONG }));
  const people = [{ identifiers: { id: LONG }, attributes: { [LONG]: LONG }, devices: [{ token: LONG }] }];
  const event = { messageId: 'm', timestamp: new Date(TIMESTAMP).toISOString(), properties: { LONG } };

  const lines = printed(() => {
    printActivities(all);
    printPeople(people);
    printForwarded([{ ...event, event: LONG, userId: LONG }]);
  });

  expect(Math.max(...lines.map(({ length }) => length))).toBe(80);
  expect(lines.filter((line) => line.endsWith('…')).length).toBeGreaterThanOrEqual(all.length + 3);
});

it('An event of somebody anonymous has an empty cell', () => {
  const timestamp = new Date(TIMESTAMP).toISOString();
  const [, , , line] = printed(() =>
    printForwarded([{ messageId: 'm', timestamp, event: 'Email Sent', properties: { a: 1 } }]),
  );

  expect(line).toBe('02-03 04:05  Email Sent          a=1');
});

it('Of nothing there is the head alone', () => {
  expect(printed(() => printActivities([]))).toHaveLength(3);
});
