// `relay doctor`: whether a stage can work, and what to do where it cannot. Each finding is one thing that was looked
// at; it changes nothing, and with --send it sends four requests, which leave two events.

import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Command } from 'commander';
import { parseSettings } from '../../lib/config/parse-settings';
import { type ParsedSettings, usableSources, usableWorkspaces } from '../../lib/config/settings';
import { labelOf, type Source } from '../../lib/config/source';
import { MAX_REQUESTS_PER_SECOND } from '../../lib/customerio/limits';
import { MAX_EVENT_BYTES } from '../../lib/event/segment-limits';
import { isObject } from '../../lib/json/json-object';
import { countMessages } from './dead-letters/move-task';
import { Failure, toFailure, usageFailure } from './failure';
import type { Io } from './io';
import { plural } from './layout';
import { inParts } from './settings-store';
import { openTarget, QUEUES, type Target, type TargetOptions } from './target';
import { describeCommand, optionsOf } from './words';

interface DoctorOptions extends TargetOptions {
  readonly send?: boolean;
  readonly endpoint?: string;
  readonly json?: boolean;
}

interface Finding {
  readonly state: 'good' | 'warning' | 'bad';
  readonly about: string;
  readonly what: string;
  /** What to do; only where something is to be done. */
  readonly remedy?: string;
}

export const addDoctor = (program: Command, io: Io): void => {
  describeCommand(program.command('doctor'), {
    summary: 'whether a stage can work, and the remedy where not',
    description:
      'Looks at the settings and their size, the keys and region of each workspace, the queues, the clock and the rate. With --send also at the HTTP API, by a plain, a gzip and an oversized request.',
    examples: ['relay doctor --stage prod', 'relay doctor --stage prod --send --endpoint https://…'],
  })
    .option('--send', 'try the HTTP API: a person `relay-doctor` gets two events')
    .option('--endpoint <url>', 'of the HTTP API, on AWS')
    .action((_, command: Command) => doctor(optionsOf<DoctorOptions>(command), io));
};

const doctor = async (options: DoctorOptions, io: Io): Promise<void> => {
  const target = await openTarget(options, io);
  const settings = await readSettings(target);
  const sources = settings.parsed === undefined ? [] : usableSources(settings.parsed);
  const findings = [
    ...settings.findings,
    ...(await Promise.all(workspacesOf(settings.parsed).map(askWorkspace))).flat(),
    ...(await Promise.all(Object.values(QUEUES).map((name) => lookAtQueue(target, name)))),
    ...(options.send ? await tryEndpoint(target, sources[0], options) : []),
  ];
  if (options.json) io.out(JSON.stringify({ findings }));
  else for (const finding of findings) io.out(describe(finding));
  const bad = findings.filter(({ state }) => state === 'bad').length;
  if (bad > 0)
    throw new Failure(
      `${plural(bad, 'thing')} of ${target.name} to mend.`,
      'The remedies stand beside them.',
    );
};

const MARKS = { good: 'ok  ', warning: 'look', bad: 'BAD ' } as const;

const describe = ({ state, about, what, remedy }: Finding): string =>
  `${MARKS[state]}  ${about}: ${what}${remedy === undefined ? '' : `\n      ${remedy}`}`;

const good = (about: string, what: string): Finding => ({ state: 'good', about, what });

const failed = (about: string, error: unknown): Finding => {
  const { message, whatToDo } = toFailure(error);
  return { state: 'bad', about, what: message, remedy: whatToDo };
};

interface SettingsFindings {
  readonly findings: readonly Finding[];
  readonly parsed: ParsedSettings | undefined;
}

const readSettings = async (target: Target): Promise<SettingsFindings> => {
  try {
    const { text, place } = await target.settingsText();
    const parsed = parseSettings(text, place);
    return { parsed, findings: [...findMistakes(parsed), sizeOf(text)] };
  } catch (error) {
    return { parsed: undefined, findings: [failed('settings', error)] };
  }
};

const findMistakes = (parsed: ParsedSettings): Finding[] =>
  parsed.mistakes.length === 0
    ? [good('settings', plural(usableSources(parsed).length, 'source'))]
    : parsed.mistakes.map((what) => ({
        state: 'bad',
        about: 'settings',
        what,
        remedy: 'Mend it: npx relay settings edit. The fields are in the README, Settings.',
      }));

const sizeOf = (text: string): Finding => {
  const { parts } = inParts(text);
  const where = parts.length === 0 ? 'one parameter' : plural(parts.length, 'parameter');
  return good('settings', `${Buffer.byteLength(text)} bytes, which fit ${where}`);
};

/** One of the sources of each. */
const workspacesOf = (parsed: ParsedSettings | undefined): Source[] => {
  const all = parsed === undefined ? [] : usableWorkspaces(parsed);
  return [...new Map(all.map((source) => [`${source.trackUrl} ${source.siteId}`, source])).values()];
};

const ANSWERS_WITHIN_MS = 10_000;
const MAX_CLOCK_DIFFERENCE_MS = 60_000;

/** https://docs.customer.io/api/track/#operation/getRegion: 200 for keys that are right, with the region. */
const askWorkspace = async (source: Source): Promise<Finding[]> => {
  const about = `workspace of ${labelOf(source)}`;
  const { siteId, apiKey, trackUrl } = source;
  try {
    const answer = await fetch(`${trackUrl}/api/v1/accounts/region`, {
      headers: { authorization: `Basic ${Buffer.from(`${siteId}:${apiKey}`).toString('base64')}` },
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
    });
    const body: unknown = await answer.json().catch(() => undefined);
    const region = isObject(body) ? body['region'] : undefined;
    return [
      keysFinding(about, answer.status, region, source),
      clockFinding(about, answer),
      rateFinding(about, source),
    ];
  } catch (error) {
    const what = `${trackUrl} does not answer: ${error instanceof Error ? error.message : String(error)}`;
    return [
      { state: 'bad', about, what, remedy: 'Check trackUrl, and whether this network lets it through.' },
    ];
  }
};

const keysFinding = (about: string, status: number, region: unknown, source: Source): Finding => {
  if (status === 401 || status === 403) {
    const remedy = 'Copy siteId and apiKey of the Track API anew: Customer.io, Settings, API Credentials.';
    return { state: 'bad', about, what: `Customer.io does not know the keys (${status})`, remedy };
  }
  if (status !== 200) {
    return {
      state: 'warning',
      about,
      what: `Customer.io answered ${status}`,
      remedy: 'Try again; see status.customer.io.',
    };
  }
  if (typeof region !== 'string' || region === source.region) {
    return good(about, `keys are right, region ${String(region ?? source.region)}`);
  }
  return {
    state: 'bad',
    about,
    what: `it is in the region ${region}, and the settings say ${source.region}`,
    remedy: `Set its region to "${region}": npx relay settings edit.`,
  };
};

/** A date in the answer has whole seconds. */
const clockFinding = (about: string, { headers }: Response): Finding => {
  const theirs = Date.parse(headers.get('date') ?? '');
  const differenceMs = Math.abs(Date.now() - theirs);
  if (!(differenceMs > MAX_CLOCK_DIFFERENCE_MS))
    return good(about, 'the clock of this machine agrees with it');
  const what = `the clock of this machine is ${Math.round(differenceMs / 1_000)} s away from it`;
  return { state: 'warning', about, what, remedy: 'Let it be set by NTP; imports and --since go by it.' };
};

const rateFinding = (about: string, { requestsPerSecond }: Source): Finding =>
  good(about, `${requestsPerSecond} of its ${MAX_REQUESTS_PER_SECOND} requests a second`);

const lookAtQueue = async (target: Target, name: (typeof QUEUES)[keyof typeof QUEUES]): Promise<Finding> => {
  try {
    const count = await countMessages(await target.queue(name));
    const about = `queue ${name}`;
    if (count === 0 || !name.endsWith('dead-letters')) return good(about, plural(count, 'message'));
    const activity = name === QUEUES.activityDeadLetters ? ' --activity' : '';
    const remedy = `See them: npx relay dead-letters list${activity}.`;
    return { state: 'warning', about, what: plural(count, 'dead letter'), remedy };
  } catch (error) {
    return failed(`queue ${name}`, error);
  }
};

const tryEndpoint = async (
  target: Target,
  source: Source | undefined,
  { endpoint = target.endpoint }: DoctorOptions,
): Promise<Finding[]> => {
  if (endpoint === undefined) {
    throw usageFailure('There is no telling where the HTTP API is.', 'Give it: --endpoint https://….');
  }
  if (source === undefined) return [];
  const event = {
    userId: 'relay-doctor',
    event: 'Relay Checked',
    context: { library: { name: 'relay-doctor' } },
  };
  const plain = Buffer.from(JSON.stringify(event));
  // Sent twice, it is one event: it has one id.
  const gzip = gzipSync(JSON.stringify({ ...event, messageId: randomUUID() }));
  const oversized = Buffer.from(
    JSON.stringify({ ...event, properties: { text: 'x'.repeat(MAX_EVENT_BYTES) } }),
  );
  const tries = [
    ['a plain request', 200, plain, {}],
    ['a gzip request', 200, gzip, { 'content-encoding': 'gzip' }],
    ['a gzip request as bytes', 200, gzip, AS_BYTES],
    ['an oversized request', 400, oversized, {}],
  ] as const;
  return Promise.all(
    tries.map(([what, status, body, headers]) =>
      tryRequest({ endpoint, source, what, status, body, headers }),
    ),
  );
};

/** Which bodies a gateway takes for bytes may hang on the one header or on the other. */
const AS_BYTES = { 'content-encoding': 'gzip', 'content-type': 'application/octet-stream' };

interface Try {
  readonly endpoint: string;
  readonly source: Source;
  readonly what: string;
  /** That a good answer has. */
  readonly status: number;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

const tryRequest = async ({ endpoint, source, what, status, body, headers }: Try): Promise<Finding> => {
  const about = `HTTP API, ${what}`;
  const authorization = `Basic ${Buffer.from(`${source.writeKey}:`).toString('base64')}`;
  try {
    const answer = await fetch(`${endpoint.replace(/\/+$/, '')}/v1/track`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization, ...headers },
      body,
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
    });
    if (answer.status === status) return good(about, `answered ${status}, as it should`);
    const text = (await answer.text()).slice(0, 200);
    const remedy = text.includes('body_encoding_lost')
      ? 'docs/operations.md, body-encoding-lost: something before the function takes gzip for text.'
      : 'docs/operations.md, Alarms, says what each code means.';
    return { state: 'bad', about, what: `answered ${answer.status} instead of ${status}: ${text}`, remedy };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { state: 'bad', about, what: message, remedy: 'Check the URL: `npx serverless info` shows it.' };
  }
};
