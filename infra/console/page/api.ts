// The page's requests to its own server. An answer that is no success is an Error with the server's words.

/** From where the page is, which may be behind a token. */
const ROOT = 'console/api/';

export const eventStreamUrl = `${ROOT}events/stream`;

export const getJson = <T>(path: string): Promise<T> => request<T>(path, { method: 'GET' });

export const sendJson = <T>(method: 'POST' | 'PUT', path: string, body: unknown): Promise<T> =>
  request<T>(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** The lines of an answer as they come. @throws what the signal was aborted with. */
export async function* readLines(path: string, signal: AbortSignal): AsyncGenerator<string> {
  const response = await answerTo(path, { method: 'GET', signal });
  if (!response.ok || response.body === null) throw new Error(`The console answered ${response.status}.`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

const answerTo = (path: string, init: RequestInit): Promise<Response> =>
  fetch(ROOT + path, init).catch(() => {
    throw new Error('The console does not answer: the command that serves it may have ended.');
  });

const request = async <T>(path: string, init: RequestInit): Promise<T> => {
  const response = await answerTo(path, init);
  const body = (await response.json().catch(() => {
    throw new Error(`The console answered ${response.status}, and no JSON.`);
  })) as T & { readonly error?: string };
  if (!response.ok) throw new Error(body.error ?? `The console answered ${response.status}.`);
  return body;
};
