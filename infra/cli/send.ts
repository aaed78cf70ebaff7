// `relay send`: one event or several, from flags, a file or standard input, to the queue or the HTTP door; or only
// shown as what Customer.io would get.

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import type { Source } from '../../lib/config/source';
import { unlessUnsendable } from '../../lib/destinations/customerio/prepare';
import { EVENT_TYPES, type EventType } from '../../lib/event/event';
import { findFault, typeOf, UNKNOWN_TYPE } from '../../lib/event/find-fault';
import { readSharedFields, withSharedFields } from '../../lib/event/shared-fields';
import { isObject, type JsonObject } from '../../lib/json/json-object';
import { explain } from '../../lib/mapping/explain';
import { fateByRules } from '../../lib/mapping/fate-by-rules';
import { batchIn } from '../../lib/queue/batch';
import { cannotRead, Failure, usageFailure } from './failure';
import { httpSink, queueSink } from './import/sink';
import type { Io } from './io';
import { plural } from './layout';
import { paceOf } from './pace';
import { describeTrial, tryEvent, wouldBeDead } from './rules/trial';
import {
  openTarget,
  QUEUES,
  readSettings,
  sourceOf,
  type Target,
  type TargetOptions,
  workspacesOf,
} from './target';
import { describeCommand, optionsOf } from './words';

interface SendOptions extends TargetOptions {
  readonly source?: string;
  readonly type?: EventType;
  readonly user?: string;
  readonly anonymous?: string;
  readonly event?: string;
  readonly name?: string;
  readonly group?: string;
  readonly previous?: string;
  /** JSON. */
  readonly properties?: string;
  readonly traits?: string;
  readonly via: 'queue' | 'http';
  readonly endpoint?: string;
  readonly translate?: boolean;
  readonly json?: boolean;
}

export const addSend = (program: Command, io: Io): void => {
  describeCommand(program.command('send'), {
    summary: 'one event or several, to see what becomes of them',
    description:
      'Sends what the options describe, or what a file or standard input holds: an event, an array, {"batch": […]}. With --translate nothing is sent, and what Customer.io would get is shown, with what the rules of the source did.',
    examples: [
      'relay send --user u1 --event "Signed Up" --properties \'{"plan":"pro"}\'',
      'relay send examples/identify-by-id.json --translate',
      'relay send examples/batch.json --stage prod --source shop',
    ],
  })
    .argument('[file]', 'JSON; - is standard input')
    .option('--source <name>', 'as which source; default: the first one')
    .addOption(new Option('--type <type>', 'default: told by the other options').choices([...EVENT_TYPES]))
    .option('--user <id>', 'its userId')
    .option('--anonymous <id>', 'its anonymousId')
    .option('--event <name>', 'the name of a track event')
    .option('--name <name>', 'the name of a page or screen')
    .option('--group <id>', 'its groupId')
    .option('--previous <id>', 'the previousId of an alias')
    .option('--properties <json>', 'its properties')
    .option('--traits <json>', 'its traits')
    .addOption(
      new Option('--via <way>', 'to the queue, or by HTTP').choices(['queue', 'http']).default('queue'),
    )
    .option('--endpoint <url>', 'of the HTTP API; default: what the stack says')
    .option('--translate', 'send nothing; show what Customer.io would get')
    .action((file: string | undefined, _: unknown, command: Command) =>
      send(file, optionsOf<SendOptions>(command), io),
    );
};

const send = async (file: string | undefined, options: SendOptions, io: Io): Promise<void> => {
  if (file !== undefined) refuseEventOptions(options);
  const written = file === undefined ? [fromOptions(options)] : await readEvents(file, io);
  const target = await openTarget(options, io);
  const settings = await readSettings(target);
  const source = sourceOf(settings, options.source);
  const now = new Date().toISOString();
  const events = written.map((event) => complete(event, now));
  if (options.translate) return show(events, workspacesOf(settings, options.source), options, io);
  requireValid(events, source, workspacesOf(settings, options.source));
  const sink = await sinkFor(target, source, options, io);
  await sink(events.map((event) => JSON.stringify(event)));
  const ids = events.map(({ messageId }) => messageId);
  if (options.json) return io.out(JSON.stringify({ sent: ids }));
  io.out(`${plural(events.length, 'event')} sent to ${target.name} as source ${source.name}.`);
  for (const id of ids) io.out(`  messageId ${id}`);
};

const EVENT_OPTIONS = [
  'type',
  'user',
  'anonymous',
  'event',
  'name',
  'group',
  'previous',
  'properties',
  'traits',
] as const;

/** Else somebody believes that they hold for the events of the file. */
const refuseEventOptions = (options: SendOptions): void => {
  const given = EVENT_OPTIONS.filter((name) => options[name] !== undefined).map((name) => `--${name}`);
  if (given.length === 0) return;
  throw usageFailure(
    `The events are those of the file: ${given.join(', ')} would change none of them.`,
    'Leave out the one or the other.',
  );
};

/** What the door or the queue would fill in; said here, so that it can be shown. */
const complete = (event: JsonObject, now: string): JsonObject => ({
  messageId: randomUUID(),
  timestamp: now,
  ...event,
});

const fromOptions = (options: SendOptions): JsonObject => {
  const { user, anonymous, event, name, group, previous } = options;
  const type = options.type ?? guessType(options);
  if (type === undefined) {
    throw usageFailure(
      'There is nothing to send.',
      'Give a file, or say what: --user u1 --event "Signed Up".',
    );
  }
  return withoutUndefined({
    type,
    userId: user,
    anonymousId: anonymous,
    event,
    name,
    groupId: group,
    previousId: previous,
    properties: readObject('--properties', options.properties),
    traits: readObject('--traits', options.traits),
  });
};

const guessType = ({ event, name, group, previous, traits }: SendOptions): EventType | undefined => {
  if (event !== undefined) return 'track';
  if (name !== undefined) return 'page';
  if (group !== undefined) return 'group';
  if (previous !== undefined) return 'alias';
  return traits === undefined ? undefined : 'identify';
};

const readObject = (option: string, json: string | undefined): JsonObject | undefined => {
  if (json === undefined) return undefined;
  const like = `Write it like ${option} '{"plan":"pro"}'.`;
  const parsed = parseJson(json, option, like);
  if (isObject(parsed)) return parsed;
  throw usageFailure(`${option} is no JSON object.`, like);
};

const withoutUndefined = (event: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined));

const readEvents = async (file: string, io: Io): Promise<readonly JsonObject[]> => {
  const content = file === '-' ? await text(io.stdin) : await readOrFail(file);
  const parsed = parseJson(
    content,
    file === '-' ? 'Standard input' : file,
    'Lines of JSON are for: npx relay import.',
  );
  const batch = batchIn(parsed);
  const shared = batch !== undefined && isObject(parsed) ? readSharedFields(parsed) : undefined;
  const events = batch ?? [parsed];
  if (events.length === 0) throw usageFailure(`${file} holds nothing to send.`, 'Give at least one event.');
  if (events.every(isObject)) return events.map((event) => withSharedFields(event, shared, undefined));
  throw usageFailure(`${file} holds something that is no event.`, 'An event is a JSON object with a type.');
};

const readOrFail = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch(cannotRead(file, 'Give a file that is there, or - for standard input.'));

const parseJson = (content: string, place: string, whatToDo: string): unknown => {
  try {
    return JSON.parse(content);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw usageFailure(`${place} is not JSON: ${what}`, whatToDo);
  }
};

/** What would be a dead letter is told before it is one. */
const requireValid = (events: readonly JsonObject[], source: Source, workspaces: readonly Source[]): void => {
  for (const [index, event] of events.entries()) {
    const type = typeOf(event, undefined);
    const fault = type === undefined ? UNKNOWN_TYPE : findFault(event, type, source);
    if (fault === undefined || !fateByRules(event, workspaces, source).isFaulty) continue;
    throw new Failure(
      `Event ${index + 1} can never be delivered: ${fault.reason}, ${fault.detail}.`,
      'Mend it; nothing was sent.',
    );
  }
};

const sinkFor = async (target: Target, source: Source, options: SendOptions, io: Io) => {
  const pace = paceOf(undefined, io.signal);
  if (options.via === 'queue') return queueSink(await target.queue(QUEUES.events), source, pace);
  const endpoint = options.endpoint ?? (await target.endpoint());
  return httpSink({ endpoint, stage: options.stage }, source, pace, io);
};

/** Each event for each workspace, whose name is said where there are several. */
const show = (
  events: readonly JsonObject[],
  workspaces: readonly Source[],
  { json }: SendOptions,
  io: Io,
): void => {
  let rejected = 0;
  for (const [index, event] of events.entries()) {
    for (const source of workspaces) {
      const trial = tryEvent(event, source);
      rejected += Number(trial.kind === 'rejected');
      io.out(json ? explanationOf(event, source) : describeTrial(`Event ${index + 1}`, trial, source, 2));
    }
  }
  io.err('Nothing was sent.');
  if (rejected > 0) throw wouldBeDead(rejected, 'The reason of each says what to mend.');
};

const explanationOf = (event: JsonObject, source: Source): string => {
  const { outcome, steps } = explain(event, source);
  return JSON.stringify({ workspace: source.workspace, outcome: unlessUnsendable(outcome), steps });
};
