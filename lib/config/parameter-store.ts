// The one client of AWS's parameter store, with a time limit of its own. A parameter that cannot be read is a
// mistake in the settings: the message names it, the region and AWS's error, and what to do.

// Not loaded lazily: a bundler shakes only static imports, and the whole SSM client is more to parse than to load.
import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';
import { SettingsError } from '../errors';

/** How long one of two attempts may take. The SDKs that call ingest give up after 8 s at the earliest. */
const PARAMETER_STORE_TIMEOUT_MS = 1_000;

export type ParameterRead =
  | { readonly kind: 'read'; readonly text: string }
  | {
      readonly kind: 'failed';
      readonly mistake: SettingsError;
      /** Whether it can only work when an operator has acted: what is missing or denied, not what is busy. */
      readonly needsOperator: boolean;
    };

/** Reads it past every cache, Powertools' own too. `place` is what a message calls it. */
export const readParameter = async (name: string, place: string): Promise<ParameterRead> => {
  try {
    const text = await parameterStore().get(name, { decrypt: true, forceFetch: true });
    if (text) return { kind: 'read', text };
    const mistake = new SettingsError(`${place} is empty. It must hold a JSON array of sources.`);
    return { kind: 'failed', mistake, needsOperator: true };
  } catch (error) {
    return describeFailure(nameOfCause(error), place);
  }
};

let provider: SSMProvider | undefined;

/** Without limits of its own the SDK waits for as long as the connection stays open. */
const parameterStore = (): SSMProvider => {
  provider ??= new SSMProvider({
    clientConfig: {
      maxAttempts: 2,
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
    'Allow the function’s role ssm:GetParameter on it and, where a key of your own encrypts it, kms:Decrypt.',
  InvalidKeyId: 'The key that encrypts it is disabled or gone, or the function’s role may not use it.',
  ValidationException: 'SOURCES_PARAMETER is not the name of a parameter.',
};

const describeFailure = (awsError: string, place: string): ParameterRead => {
  const advice = ADVICE[awsError];
  const whatToDo = advice ?? 'It is read again by itself; if this stays, look at AWS’s status and quotas.';
  const mistake = new SettingsError(`${place} could not be read: ${awsError}. ${whatToDo}`);
  return { kind: 'failed', mistake, needsOperator: advice !== undefined };
};
