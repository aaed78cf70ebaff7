import {
  activityLine,
  banner,
  forwardedLine,
  problemLine,
  rejectionLine,
} from '../../../infra/local/terminal';

const ports = { PORT: 4000, SQS_PORT: 4001, SANDBOX_PORT: 4002, SEGMENT_PORT: 4003 };
const queue = (name: string) => ({ Type: 'AWS::SQS::Queue', Properties: { QueueName: name } });

it('The banner has the addresses and names of this stack, not of any', () => {
  const text = banner(ports, {
    provider: { region: 'eu-west-1', stage: 'local' },
    functions: {},
    resources: { Resources: { EventQueue: queue('my-events'), DeadLetterQueue: queue('my-dead-letters') } },
  });

  expect(text).toContain("curl -u local: http://127.0.0.1:4000/v1/track -H 'content-type: application/json'");
  expect(text).toContain('--region eu-west-1 --endpoint-url http://127.0.0.1:4001');
  expect(text).toContain('--queue-url http://127.0.0.1:4001/000000000000/my-events');
  expect(text).toContain('http://127.0.0.1:4001/_fauxqs/queues/my-dead-letters');
  expect(text).toContain('http://127.0.0.1:4002/sandbox/activity');
  expect(text).toContain('http://127.0.0.1:4003/events');
});

it('What the sandbox accepts is a line with time, type, name and whom it is about', () => {
  const line = activityLine({
    activity_type: 'event',
    activity_name: 'Signed Up',
    identifiers: { id: 'u1', email: 'ada@example.com' },
    attributes: {},
    timestamp: 0,
  });

  expect(plain(line)).toMatch(
    /^\d\d:\d\d:\d\d {2}accepted {2}event {2}Signed Up {2}id=u1 email=ada@example.com$/,
  );
});

it('What it rejects is a line with the operation, the status and every reason', () => {
  const line = rejectionLine({
    status: 207,
    operation: { type: 'person', action: 'event', name: 'x', identifiers: { id: 'u1' } },
    errors: [
      { reason: 'too_long', field: 'name', message: 'name cannot be longer than 100 bytes' },
      { reason: 'invalid', field: '', message: 'no such action' },
    ],
    timestamp: 0,
  });

  expect(plain(line)).toMatch(
    /rejected {2}person event {2}x {2}id=u1 {2}207 name: name cannot be longer than 100 bytes; no such action$/,
  );
});

it.each([undefined, null, 'text', 7, { identifiers: 7, name: {} }])(
  'A rejected operation of any shape can be shown: %j',
  (operation) => {
    expect(plain(rejectionLine({ status: 400, operation, errors: [], timestamp: 0 }))).toMatch(
      /rejected .*400/,
    );
  },
);

it('What leaves for Segment and what goes wrong are lines as well', () => {
  expect(plain(forwardedLine({ event: 'Email Opened', userId: 'u1' }))).toMatch(
    /forwarded {2}Email Opened {2}userId=u1$/,
  );
  expect(plain(forwardedLine({ event: 'Email Opened', anonymousId: 'a' }))).toMatch(/anonymousId=a$/);
  expect(plain(problemLine('It broke.'))).toMatch(/problem {3}It broke\.$/);
});

const plain = (text: string): string => text.replace(/\p{Cc}\[\d+m/gu, '');
