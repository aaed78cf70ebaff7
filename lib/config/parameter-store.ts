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

export type ParameterRead =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'failed'; readonly mistake: SettingsError };

export interface Patience {
  readonly attempts: number;
  /** No attempt begins later. */
  readonly withinMs: number;
}

/**
 * Reads it, and the parameters it names below itself, past every cache, Powertools' own too. `place` is what a message
 * calls it. What is busy is tried again.
 */
export const readParameter = async (
  name: string,
  place: string,
  { attempts, withinMs }: Patience,
): Promise<ParameterRead> => {
  const endMs = Date.now() + withinMs;
  for (let attempt = 1; ; attempt += 1) {
    const result = await readOnce(name, place);
    if (result.kind === 'read' || result.mistake.needsOperator) return result;
    const waitMs = Math.random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
    if (attempt >= attempts || Date.now() + waitMs > endMs) return result;
    await sleep(waitMs);
  }
};

const readOnce = async (name: string, place: string): Promise<ParameterRead> => {
  try {
    const text = await parameterStore().get(name, { decrypt: true, forceFetch: true });
    if (!text) return lacking(`${place} is empty. It must hold a JSON array of sources.`);
    const parts = partsOf(text);
    return parts.length === 0 ? { kind: 'read', text } : await readParts(text, parts, name, place);
  } catch (error) {
    if (error instanceof SettingsError) return { kind: 'failed', mistake: error };
    return describeFailure(nameOfCause(error), place);
  }
};

const readParts = async (
  text: string,
  parts: readonly string[],
  name: string,
  place: string,
): Promise<ParameterRead> => {
  const parameters = new Map(parts.map((part) => [part, parameterOfPart(name, part)]));
  const store = parameterStore();
  store.clearCache();
  const asked = Object.fromEntries([...parameters.values()].map((parameter) => [parameter, {}]));
  const values: Readonly<Record<string, unknown>> = await store.getParametersByName(asked, {
    decrypt: true,
    throwOnError: false,
  });
  const texts = new Map<string, string>();
  for (const [part, parameter] of parameters) {
    const value = values[parameter];
    if (typeof value !== 'string') return lacking(`${place} names "${part}", and there is no ${parameter}.`);
    texts.set(part, value);
  }
  return { kind: 'read', text: joinParts(text, texts, place) };
};

const lacking = (message: string): ParameterRead => ({
  kind: 'failed',
  mistake: new SettingsError(message),
});

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

const describeFailure = (awsError: string, place: string): ParameterRead => {
  const advice = ADVICE[awsError];
  const whatToDo = advice ?? 'It is read again by itself; if this stays, look at AWS’s status and quotas.';
  const message = `${place} could not be read: ${awsError}. ${whatToDo}`;
  return { kind: 'failed', mistake: new SettingsError(message, advice !== undefined) };
};
