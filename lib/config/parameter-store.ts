// The one client of AWS's parameter store, with a time limit of its own.

// Not loaded lazily: a bundler shakes only static imports, and the whole SSM client is more to parse than to load.
import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';

/** How long one of two attempts may take. The SDKs that call ingest give up after 8 s at the earliest. */
const PARAMETER_STORE_TIMEOUT_MS = 1_000;

let provider: SSMProvider | undefined;

/** Without limits of its own the SDK waits for as long as the connection stays open. */
export const parameterStore = (): SSMProvider => {
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
