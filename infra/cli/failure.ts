// How a command fails. Every failure says what is wrong and ends with what to do; the exit code tells a script which
// kind it is.

import { SettingsError } from '../../lib/errors';
import { isObject } from '../../lib/json/json-object';
import { AlwaysWritten } from '../archive/store';

export const EXIT = { success: 0, failure: 1, usage: 2, interrupted: 130 } as const;

type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An expected failure: its message is for the operator, and has no use for a stack trace. */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    what: string,
    readonly whatToDo: string,
    readonly exitCode: ExitCode = EXIT.failure,
  ) {
    super(what);
  }
}

export const usageFailure = (what: string, whatToDo: string): Failure =>
  new Failure(what, whatToDo, EXIT.usage);

/** For `catch` of what reads a file: whether it is not there, is a folder, or may not be read. */
export const cannotRead =
  (path: string, whatToDo: string) =>
  (error: unknown): never => {
    const code = isObject(error) ? String(error['code']) : '';
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new Failure(`There is no file ${path}.`, whatToDo);
    if (code === 'EISDIR') throw new Failure(`${path} is a folder.`, whatToDo);
    if (code === 'EACCES') throw new Failure(`${path} may not be read.`, MAY_NOT);
    throw error;
  };

const MAY_NOT = 'Give a file that you may read and write, or ask for the right to.';

const DEPLOYED =
  'Check --stage and AWS_REGION: `npx serverless info --stage <stage>` shows what is deployed.';
const BUSY = 'AWS is asked more than it takes at this moment: try again in a minute.';

/** What to do about an error of AWS, by its name. */
const AWS_ADVICE: Readonly<Record<string, string>> = {
  QueueDoesNotExist: DEPLOYED,
  'AWS.SimpleQueueService.NonExistentQueue': DEPLOYED,
  CredentialsProviderError: 'Set AWS_PROFILE, or keys, in the environment.',
  ExpiredTokenException: 'Log in to AWS again; the session has ended.',
  ExpiredToken: 'Log in to AWS again; the session has ended.',
  AccessDenied: 'Ask for the permissions that docs/operations.md lists for this task.',
  AccessDeniedException: 'Ask for the permissions that docs/operations.md lists for this task.',
  ParameterNotFound: 'Store the settings first: docs/operations.md, First deployment.',
  ResourceNotFoundException:
    'There is none of that name: check --stage and AWS_REGION. A queue may also be no dead-letter queue of any other.',
  UnauthorizedException: 'Ask for the permissions that docs/operations.md lists for this task.',
  AuthorizationErrorException: 'Ask for the permissions that docs/operations.md lists for this task.',
  ThrottlingException: BUSY,
  RequestThrottled: BUSY,
  ValidationError: DEPLOYED,
};

/** What to do about an error of the operating system, by its code. */
const SYSTEM_ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'Give a file that is there, in a folder that is there.',
  EISDIR: 'Give a file, and no folder.',
  EACCES: MAY_NOT,
  EROFS: 'Give a file in a folder that can be written.',
  ENOSPC: 'Make room on the disk, and give the same command again.',
  ECONNREFUSED: 'Nothing listens there: check the address, and whether what should is running.',
  ECONNRESET: 'The connection broke; try again.',
  ENOTFOUND: 'There is no such host: check the address, AWS_REGION and the network.',
  EAI_AGAIN: 'The name of the host cannot be looked up: check the network.',
};

/** What happened, for a code that comes without the message of its error. */
const MEANINGS: Readonly<Record<string, string>> = {
  QueueDoesNotExist: 'its queue does not exist',
  'AWS.SimpleQueueService.NonExistentQueue': 'its queue does not exist',
  AccessDenied: 'access is denied',
  AccessDeniedException: 'access is denied',
  ExpiredToken: 'the session has ended',
  ExpiredTokenException: 'the session has ended',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection broke',
  ENOTFOUND: 'there is no such host',
  TimeoutError: 'it did not answer in time',
  NotInAnswer: 'its answer does not name them',
};

/**
 * What happened, and what to do, of a code without an error.
 *
 * @param then what to do in any case, after what the code advises.
 */
export const explainCode = (
  code: string,
  then: string,
): { readonly what: string; readonly whatToDo: string } => {
  const meaning = MEANINGS[code];
  const advice = AWS_ADVICE[code] ?? SYSTEM_ADVICE[code];
  return {
    what: meaning === undefined ? code : `${meaning} (${code})`,
    whatToDo: advice === undefined ? then : `${advice} ${then}`,
  };
};

const NO_ADVICE = 'The same with --verbose shows where it happened.';

/** Any error as a sentence or two, with what to do where that is known. */
export const inWords = (error: unknown): string => {
  const { message, whatToDo } = toFailure(error);
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
  return whatToDo === NO_ADVICE ? sentence : `${sentence} ${whatToDo}`;
};

/** Any error as one that can be shown. */
export const toFailure = (error: unknown): Failure => {
  if (error instanceof Failure) return error;
  if (error instanceof SettingsError)
    return new Failure(error.message, 'The fields are in the README, Settings.');
  if (error instanceof AlwaysWritten)
    return new Failure(error.message, 'Give the command again when nobody else writes there.');
  // What fetch throws says nothing itself.
  if (isObject(error) && error['name'] === 'TypeError' && isObject(error['cause']))
    return toFailure(error['cause']);
  const { name, message, code } = isObject(error) ? error : { message: error };
  const advice = AWS_ADVICE[String(name)] ?? SYSTEM_ADVICE[String(code)] ?? NO_ADVICE;
  return new Failure(`${name === undefined || name === 'Error' ? '' : `${name}: `}${message}`, advice);
};
