// What `npm start` writes: what to open and what to paste once, then a line for each thing that happens.
// The terminal is the developer's own, so this is the one place where names and identifiers may be shown.

import { styleText } from 'node:util';
import type { JsonObject } from '../../lib/json/json-object';
import { endpointUrl, type Ports, sandboxUrl, segmentUrl, sqsUrl } from './addresses';
import { LOCAL_ACCOUNT_ID } from './queue-definitions';
import type { Activity } from './sandbox/activity';
import type { Rejection } from './sandbox/workspace';
import type { ServiceConfig } from './service-config';

/** The last line of the banner: whoever starts the stack as a child waits for it. */
export const READY_LINE = 'Ready. Ctrl-C stops it. What arrives at the sandbox:';

const EVENT = '{"type":"track","userId":"u1","event":"Signed Up","properties":{"plan":"free"}}';

export const banner = (ports: Ports, service: ServiceConfig): string => {
  const { region } = service.provider;
  const queueName = (logicalId: string) =>
    service.resources?.Resources?.[logicalId]?.Properties?.['QueueName'];
  const sqs = sqsUrl(ports);
  const sandbox = sandboxUrl(ports);
  return `
${bold('cio-relay')} runs on this machine, and nothing leaves it.

  Your endpoint        ${endpointUrl(ports)}   (write key: local)
  Queue (SQS)          ${sqs}
  Customer.io sandbox  ${sandbox}
  Segment's stand-in   ${segmentUrl(ports)}

${bold('Open')}
  ${sandbox}/sandbox/activity    the Activity Log
  ${sandbox}/sandbox/people      the people
  ${segmentUrl(ports)}/events    message activity, as Segment gets it
  ${sqs}/_fauxqs/queues/${queueName('DeadLetterQueue')}    what could not be delivered, and why

${bold('Paste')}
  curl -u local: ${endpointUrl(ports)}/v1/track -H 'content-type: application/json' -d '${EVENT}'

  aws sqs send-message --no-sign-request --region ${region} --endpoint-url ${sqs} --queue-url ${sqs}/${LOCAL_ACCOUNT_ID}/${queueName('EventQueue')} --message-body '${EVENT}'

  npm run demo

${READY_LINE}
`;
};

export const activityLine = ({ activity_type: type, activity_name: name, identifiers }: Activity): string =>
  line(styleText('green', 'accepted'), type, name, describeIdentifiers(identifiers));

export const rejectionLine = ({ status, operation, errors }: Rejection): string => {
  const reasons = errors.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join('; ');
  return line(styleText('red', 'rejected'), ...describeOperation(operation), `${status} ${reasons}`);
};

/** An event that has left for Segment. */
export const forwardedLine = ({ event, userId, anonymousId }: JsonObject): string =>
  line(
    styleText('cyan', 'forwarded'),
    String(event),
    describeIdentifiers(userId ? { userId } : { anonymousId }),
  );

export const problemLine = (problem: string): string => line(styleText('yellow', 'problem '), problem);

const line = (...columns: readonly string[]): string => {
  const time = new Date().toTimeString().slice(0, 8);
  return [styleText('dim', time), ...columns].filter((column) => column !== '').join('  ');
};

const describeIdentifiers = (identifiers: Readonly<Record<string, unknown>>): string =>
  styleText(
    'dim',
    Object.entries(identifiers)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  );

/** Whatever of it can be shown: what was rejected may have any shape. */
const describeOperation = (operation: unknown): string[] => {
  if (typeof operation !== 'object' || operation === null) return ['request'];
  const { type, action, name, identifiers } = operation as Readonly<Record<string, unknown>>;
  const isObject = typeof identifiers === 'object' && identifiers !== null;
  return [
    [type, action].filter(Boolean).join(' '),
    typeof name === 'string' ? name : '',
    isObject ? describeIdentifiers(identifiers as Record<string, unknown>) : '',
  ];
};

const bold = (text: string): string => styleText('bold', text);
