// The one client of AWS's parameter store, with time limits of its own. A parameter that cannot be read is a mistake in
// the settings: the message names it, the region and AWS's error, and what to do. Of many sandboxes that start at once
// each tries again after a pause of chance, so that they do not all meet at the store's rate a second time.

// Not loaded lazily: a bundler shakes only static imports, and the whole SSM client is more to parse than to load.
import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';
import { SettingsError } from '../errors';
import { sleep } from '../sleep';
import { joinParts, parameterOfPart, partsOf } from './source-parts';

/** How long one attempt may take. */
const PARAMETER_STORE_TIMEOUT_MS = 1_000;
/** The longest pause before the second attempt; it doubles with each. */
const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 2_000;
/** The parameter store's limit of `GetParameters`. */
const PARTS_A_CALL = 10;

export type ParameterRead =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'failed'; readonly mistake: SettingsError };

export interface Patience {
  /** Of each call. */
  readonly attempts: number;
  /** No attempt begins later. */
  readonly withinMs: number;
}

/**
 * Reads it, and the parameters it names below itself, past every cache, Powertools' own too. `place` is what a message
 * calls it. What is busy is tried again, and what has been read by then is kept: of many that start together each would
 * else begin anew whenever its last call is throttled, and none would ever end.
 */
export const readParameter = async (
  name: string,
  place: string,
  { attempts, withinMs }: Patience,
): Promise<ParameterRead> => {
  const patiently = patientUntil(Date.now() + withinMs, attempts, place);
  try {
    const text = await patiently(() => readText(name, place));
    const texts: [part: string, text: string][] = [];
    for (const parts of inCalls(partsOf(text)))
      texts.push(...(await patiently(() => readParts(parts, name, place))));
    return { kind: 'read', text: texts.length === 0 ? text : joinParts(text, new Map(texts), place) };
  } catch (error) {
    return { kind: 'failed', mistake: toMistake(error, place) };
  }
};

/** @returns what makes a call, again and again while it only has to wait for the store. It throws SettingsErrors. */
const patientUntil =
  (endMs: number, attempts: number, place: string) =>
  async <T>(call: () => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        const mistake = toMistake(error, place);
        const waitMs = Math.random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
        if (mistake.needsOperator || attempt >= attempts || Date.now() + waitMs > endMs) throw mistake;
        await sleep(waitMs);
      }
    }
  };

const toMistake = (error: unknown, place: string): SettingsError =>
  error instanceof SettingsError ? error : describeFailure(nameOfCause(error), place);

const readText = async (name: string, place: string): Promise<string> => {
  const text = await parameterStore().get(name, { decrypt: true, forceFetch: true });
  if (!text) throw new SettingsError(`${place} is empty. It must hold a JSON array of sources.`);
  return text;
};

const inCalls = (parts: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(parts.length / PARTS_A_CALL) }, (_, call) =>
    parts.slice(call * PARTS_A_CALL, (call + 1) * PARTS_A_CALL),
  );

const readParts = async (
  parts: readonly string[],
  name: string,
  place: string,
): Promise<[part: string, text: string][]> => {
  const asked = Object.fromEntries(parts.map((part) => [parameterOfPart(name, part), {}]));
  const store = parameterStore();
  store.clearCache();
  const values: Readonly<Record<string, unknown>> = await store.getParametersByName(asked, {
    decrypt: true,
    throwOnError: false,
  });
  return parts.map((part) => {
    const parameter = parameterOfPart(name, part);
    const value = values[parameter];
    if (typeof value === 'string') return [part, value];
    throw new SettingsError(`${place} names "${part}", and there is no ${parameter}.`);
  });
};

let provider: SSMProvider | undefined;

/** Without limits of its own the SDK waits for as long as the connection stays open. */
const parameterStore = (): SSMProvider => {
  provider ??= new SSMProvider({
    clientConfig: {
      maxAttempts: 1,
      requestHandler: {
        connectionTimeout: PARAMETER_STORE_TIMEOUT_MS,
        requestTimeout: PARAMETER_STORE_TIMEOUT_MS,
        throwOnRequestTimeout: true,
      },
    },
  });
  return provider;
};

/** Powertools wraps AWS's error. Of it only the name is told: its message may quote anything. */
const nameOfCause = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.name : typeof cause;
};

/** What to do, by AWS's name of the error; an error that is not here passes by itself. */
const ADVICE: Readonly<Record<string, string>> = {
  ParameterNotFound:
    'Store it there (docs/operations.md, First deployment), or deploy to the region it is in.',
  ParameterVersionNotFound: 'There is no such version or label of it.',
  AccessDeniedException:
    'Allow the function’s role ssm:GetParameter on it, ssm:GetParameters on what is below it and, where a key of your own encrypts it, kms:Decrypt.',
  InvalidKeyId: 'The key that encrypts it is disabled or gone, or the function’s role may not use it.',
  ValidationException: 'SOURCES_PARAMETER is not the name of a parameter.',
};

const describeFailure = (awsError: string, place: string): SettingsError => {
  const advice = ADVICE[awsError];
  const whatToDo = advice ?? 'It is read again by itself; if this stays, look at AWS’s status and quotas.';
  return new SettingsError(`${place} could not be read: ${awsError}. ${whatToDo}`, advice !== undefined);
};
