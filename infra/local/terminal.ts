// What `npm start` writes: what to open and what to paste once, then a line for each thing that happens.
// The terminal is the developer's own, so this is the one place where names and identifiers may be shown.

import { stripVTControlCharacters, styleText } from 'node:util';
import { isObject, type JsonObject } from '../../lib/json/json-object';
import { shorten } from '../../lib/text';
import { visible } from '../console/visible';
import { endpointUrl, type Ports, sandboxUrl, segmentUrl, sqsUrl, tlsUrl } from './addresses';
import { describeIdentifiers, effectOf, hintOf } from './effect';
import { LOCAL_ACCOUNT_ID } from './queue-definitions';
import type { Activity } from './sandbox/activity-log';
import type { Rejection } from './sandbox/workspace';
import type { ServiceConfig } from './service-config';

/** The last line of the banner: whoever starts the stack as a child waits for it. */
export const READY_LINE = 'Ready. Ctrl-C stops it. What arrives at the sandbox:';

const EVENT = '{"userId":"u1","event":"Signed Up","properties":{"plan":"free"}}';
const QUEUED_EVENT = '{"type":"track","userId":"u1","event":"Signed Up"}';

export interface BannerOptions {
  readonly ports: Ports;
  readonly service: ServiceConfig;
  /** From the folder in which the stack was started. */
  readonly certificatePath: string;
  /** Of the variable SOURCES. Their keys are not shown: whoever wrote them knows them. */
  readonly hasOwnSources: boolean;
}

/** Every line fits 80 columns. */
export const banner = ({ ports, service, certificatePath, hasOwnSources }: BannerOptions): string => {
  const { region } = service.provider;
  const queueName = (logicalId: string) =>
    service.resources?.Resources?.[logicalId]?.Properties?.['QueueName'];
  const sqs = sqsUrl(ports);
  const sandbox = sandboxUrl(ports);
  const queueUrl = `${sqs}/${LOCAL_ACCOUNT_ID}/${queueName('EventQueue')}`;
  return `
${bold(`${sandbox}/`)}  shows each event and what became of it.

${bold('cio-relay')} runs on this machine, and nothing leaves it.

  Your endpoint        ${endpointUrl(ports)}   (write key: ${hasOwnSources ? 'one of SOURCES' : 'local'})
  The same over TLS    ${tlsUrl(ports)}  for Ruby, PHP, Swift, Kotlin, …:
                       trust ${certificatePath}, as docs/local.md says
  Queue (SQS)          ${sqs}
  Customer.io sandbox  ${sandbox}
  Segment's stand-in   ${segmentUrl(ports)}

${bold('Open, as JSON')}
  Activity    ${sandbox}/sandbox/activity
  People      ${sandbox}/sandbox/people
  To Segment  ${segmentUrl(ports)}/events
  Failures    ${sqs}/_fauxqs/queues/${queueName('DeadLetterQueue')}

${bold('Paste')}
  curl -u ${hasOwnSources ? 'WRITE_KEY' : 'local'}: ${endpointUrl(ports)}/v1/track \\
    -d '${EVENT}'

  curl ${sqs}/ -H 'content-type: application/x-amz-json-1.0' \\
    -H 'x-amz-target: AmazonSQS.SendMessage' -d '{ "QueueUrl":
    "${queueUrl}", "MessageBody":
    ${JSON.stringify(QUEUED_EVENT)} }'

  aws sqs send-message --no-sign-request \\
    --region ${region} --endpoint-url ${sqs} \\
    --queue-url ${queueUrl} \\
    --message-body '${QUEUED_EVENT}'

  npm run demo

${READY_LINE}
`;
};

const COLORS = { accepted: 'green', 'no effect': 'yellow', failed: 'red' } as const;

/** @param workspace of several, that at which it happened. */
export const activityLine = (activity: Activity, workspace = ''): string => {
  const { activity_type: type, activity_name: name, identifiers } = activity;
  const effect = effectOf(activity);
  const about = [dimmed(identifiers), placed(workspace)];
  return line(styled(COLORS[effect], effect), type, name, ...about, hintOf(activity));
};

/** @param workspace of several, that which has refused it. */
export const rejectionLine = ({ status, operation, errors }: Rejection, workspace = ''): string => {
  const reasons = errors.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join('; ');
  const words = [...describeOperation(operation), `${status} ${reasons}`];
  return line(styled('red', 'rejected'), ...words, placed(workspace));
};

/** An event that has left for Segment. */
export const forwardedLine = ({ event, userId, anonymousId }: JsonObject): string =>
  line(styled('cyan', 'forwarded'), String(event), dimmed(userId ? { userId } : { anonymousId }));

export interface Refused {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** As it was asked for. */
  readonly method: string;
  readonly path: string;
}

/** A request that a door did not take. */
export const refusedLine = ({ status, code, message, method, path }: Refused): string =>
  line(styled('red', 'refused'), `${status} ${code}`, styled('dim', `${method} ${path}`), message);

/** What the consumer says of events that are not for Customer.io, or for one of the workspaces of their source. */
export const skippedLine = ({ events, reason, rules, source, workspace }: JsonObject): string =>
  line(
    styled('yellow', 'skipped'),
    numberOf(events),
    String(reason),
    isObject(rules) ? Object.keys(rules).join(', ') : '',
    placeOf(source, workspace),
  );

/** Only of a source with several workspaces: which of them is meant. */
const placeOf = (source: unknown, workspace: unknown): Column =>
  placed(workspace === undefined ? '' : `${source}/${workspace}`);

/** No column where there is nothing to tell apart. */
const placed = (workspace: string): Column => (workspace === '' ? '' : styled('dim', workspace));

/** What a function says of events whose time is no form of a time. */
export const replacedLine = ({ events }: JsonObject): string =>
  line(
    styled('yellow', 'replaced'),
    numberOf(events),
    'timestamp cannot be read; the time of arrival stands for it',
  );

const numberOf = (events: unknown): string => `${events} ${events === 1 ? 'event' : 'events'}`;

export interface ShownDeadLetter {
  readonly body: string;
  readonly reason: string | undefined;
  readonly detail: string | undefined;
  readonly source?: string | undefined;
  readonly workspace?: string | undefined;
}

/** The body is shown by its name alone: it may be of any size, and no JSON. */
export const deadLetterLine = ({ body, reason, detail, source, workspace }: ShownDeadLetter): string =>
  line(styled('red', 'dead letter'), nameOf(body), reason ?? '', detail ?? '', placeOf(source, workspace));

const nameOf = (body: string): string => {
  try {
    return describeEvent(JSON.parse(body));
  } catch {
    return 'what is no JSON';
  }
};

const MAX_NAME_CHARACTERS = 100;

/** Type and name of an event; the words of a reporting webhook. */
const describeEvent = (event: unknown): string => {
  if (Array.isArray(event)) return `${event.length} events`;
  if (!isObject(event)) return 'what is no event';
  const { type, event: track, name, object_type: objectType, metric } = event;
  const words = [type, track ?? name, objectType, metric].filter(
    (word) => typeof word === 'string' && word !== '',
  );
  return shorten(words.join(' '), MAX_NAME_CHARACTERS) || 'an event without type and name';
};

/** For standard error, which may be no terminal where standard output is one. */
export const problemLine = (problem: string): string => {
  const { stderr } = process;
  const label = styleText('yellow', 'problem ', { stream: stderr });
  return fold([styleText('dim', clock(), { stream: stderr }), label, visible(problem)], stderr.columns);
};

type Style = Parameters<typeof styleText>[0];

interface Styled {
  readonly style: Style;
  readonly text: string;
}

type Column = string | Styled;

const styled = (style: Style, text: string): Styled => ({ style, text });

/** What came from an event begins no line of its own, and nothing of it is done to the terminal, colours neither. */
const line = (...columns: readonly Column[]): string =>
  fold([styleText('dim', clock()), ...columns.map(shown)], process.stdout.columns);

const shown = (column: Column): string =>
  typeof column === 'string' ? inOneLine(column) : styleText(column.style, inOneLine(column.text));

const inOneLine = (text: string): string => visible(text.replace(/[\t\r\n]+/g, ' '));

const clock = (): string => new Date().toTimeString().slice(0, 8);

/** As far as the time reaches. */
const INDENT = ' '.repeat(10);

/** Breaks between words where a terminal would break within one. What is no terminal, and has no width, gets one line. */
const fold = (columns: readonly string[], width: number | undefined): string => {
  const lines = [''];
  for (const word of columns
    .filter((column) => column !== '')
    .join('  ')
    .split(' ')) {
    const longer = `${lines.at(-1)}${word}`;
    if (stripVTControlCharacters(longer).trimEnd().length <= (width || Infinity))
      lines[lines.length - 1] = `${longer} `;
    else lines.push(`${INDENT}${word} `);
  }
  return lines.map((one) => one.trimEnd()).join('\n');
};

const dimmed = (identifiers: Readonly<Record<string, unknown>>): Styled =>
  styled('dim', describeIdentifiers(identifiers));

/** Whatever of it can be shown: what was rejected may have any shape. */
const describeOperation = (operation: unknown): Column[] => {
  if (typeof operation !== 'object' || operation === null) return ['request'];
  const { type, action, name, identifiers } = operation as Readonly<Record<string, unknown>>;
  const isObject = typeof identifiers === 'object' && identifiers !== null;
  return [
    [type, action].filter(Boolean).join(' '),
    typeof name === 'string' ? name : '',
    isObject ? dimmed(identifiers as Record<string, unknown>) : '',
  ];
};

const bold = (text: string): string => styleText('bold', text);
