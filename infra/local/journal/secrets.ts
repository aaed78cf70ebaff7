// A request as it may be shown: its headers and its query without what lets anybody in.

const SECRET_NAME = /auth|cookie|key|token|secret|signature/i;
const HIDDEN = '(not shown: a secret)';

export const withoutSecrets = (
  headers: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      if (value === undefined) return [];
      return [[name, SECRET_NAME.test(name) ? HIDDEN : value]];
    }),
  );

/** `data` of a pixel is an event, which may hold its key. */
export const withoutSecretQuery = (path: string): string =>
  path.replace(/([?&](?:data|[^=&]*(?:auth|key|token|secret)[^=&]*)=)[^&]*/gi, '$1…');
