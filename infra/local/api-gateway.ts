// Where serverless-offline differs from API Gateway in a way an SDK can notice.

import { isUtf8 } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import { REFUSAL_HEADER } from '../../lib/ingest/pixel';
import { isObject } from '../../lib/json/json-object';
import type { DoorAnswer } from './journal/door-watch';
import type { Refused } from './terminal';

interface OfflinePlugin {
  internals(): {
    getApiGatewayServer(): {
      ext(
        point: 'onRequest' | 'onPreHandler' | 'onPreResponse',
        method: (request: Request, toolkit: { continue: symbol }) => symbol | Promise<symbol>,
      ): void;
    };
  };
}

interface Request {
  /** As it was asked for, with its query. */
  readonly url: { readonly pathname: string; readonly search: string };
  /** `payload` is the body as it came; serverless-offline keeps it there. */
  readonly raw: { readonly req: { readonly payload?: unknown }; readonly res: ServerResponse };
  readonly payload?: unknown;
  readonly headers: Record<string, string | undefined>;
  readonly method: string;
  readonly path: string;
  /** hapi's own answers, to a path it has no route for, have no source. */
  readonly response?: {
    readonly statusCode?: number;
    readonly source?: unknown;
    readonly headers?: Readonly<Record<string, unknown>>;
  };
}

const hasInternals = (plugin: object): plugin is OfflinePlugin => 'internals' in plugin;

const serverOf = (plugins: readonly object[]) =>
  plugins.find(hasInternals)?.internals().getApiGatewayServer();

/**
 * API Gateway hands a compressed body, and any other that is no text, to the function as it came, in base64.
 * serverless-offline does so only for certain content types and would break the bytes of any other by reading them as
 * text. The function gets its headers from the socket, so what is changed here is seen by serverless-offline alone.
 */
export const sendEncodedBodiesAsBytes = (plugins: readonly object[]): void => {
  serverOf(plugins)?.ext('onPreHandler', ({ headers, payload }, toolkit) => {
    const isText = !Buffer.isBuffer(payload) || isUtf8(payload);
    if (headers['content-encoding'] || !isText) headers['content-type'] = 'application/octet-stream';
    return toolkit.continue;
  });
};

/** Two processors are busy with fewer, and a sandbox takes 30 MB. */
export const MAX_BUSY_SANDBOXES = 4;

/**
 * Lambda starts a sandbox for each request that finds all others busy, and has the machines for it. So does
 * serverless-offline, which is one process: a hundred slow starts at once made each other slower, until nothing was
 * answered any more. Here a request waits for its turn.
 */
export const boundSandboxes = (plugins: readonly object[], most = MAX_BUSY_SANDBOXES): void => {
  const waiting: (() => void)[] = [];
  let busy = 0;
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) busy -= 1;
    else next();
  };
  const enter = async (): Promise<void> => {
    if (busy === most) return new Promise((resolve) => waiting.push(resolve));
    busy += 1;
  };
  serverOf(plugins)?.ext('onPreHandler', async ({ raw: { res } }, toolkit) => {
    await enter();
    // Its sender may have left meanwhile; or leaves before it is answered, which closes it too.
    if (res.closed) leave();
    else res.once('close', leave);
    return toolkit.continue;
  });
};

/** Tells of every request that a function did not take, as soon as it is answered. */
export const watchRefusals = (plugins: readonly object[], onRefused: (refused: Refused) => void): void => {
  serverOf(plugins)?.ext('onPreResponse', (request, toolkit) => {
    const refused = readRefusal(request);
    if (refused !== undefined) onRefused(refused);
    return toolkit.continue;
  });
};

/**
 * Tells of every request as it begins, and of the same once it is answered, with what the first call returned. Whoever
 * is told may fail: the answer is the endpoint's all the same.
 */
export const watchDoor = (
  plugins: readonly object[],
  begin: () => number,
  end: (mark: number, answered: DoorAnswer) => void,
): void => {
  const server = serverOf(plugins);
  const marks = new WeakMap<object, number>();
  server?.ext('onRequest', (request, toolkit) => {
    marks.set(request.raw, begin());
    return toolkit.continue;
  });
  server?.ext('onPreResponse', (request, toolkit) => {
    try {
      end(marks.get(request.raw) ?? 0, toDoorAnswer(request));
    } catch (error) {
      console.error(`The console could not take down ${request.method} ${request.path}: ${error}`);
    }
    return toolkit.continue;
  });
};

const toDoorAnswer = ({ method, url, headers, raw, response }: Request): DoorAnswer => {
  const { payload } = raw.req;
  return {
    method: method.toUpperCase(),
    path: url.pathname + url.search,
    headers,
    body: Buffer.isBuffer(payload) ? payload : undefined,
    ...answerOf(response),
  };
};

/** Of a pixel: what its event would have been answered, whatever the image says. */
const answerOf = (response: Request['response']): Pick<DoorAnswer, 'status' | 'answer'> => {
  const status = response?.statusCode ?? 0;
  const refusal = response?.headers?.[REFUSAL_HEADER];
  if (typeof refusal === 'string') {
    const [refused, code] = refusal.split(' ');
    return { status: Number(refused), answer: JSON.stringify({ code, message: PIXEL_REFUSED }) };
  }
  const type = String(response?.headers?.['content-type'] ?? '');
  return { status, answer: type.startsWith('image/') ? 'an image' : String(response?.source ?? '') };
};

/** Reads from hapi's request, as it is answered, what a function refused. */
export const readRefusal = ({
  method,
  path,
  response,
}: Omit<Request, 'url' | 'raw'>): Refused | undefined => {
  const pixel = response?.headers?.[REFUSAL_HEADER];
  if (typeof pixel === 'string') return refusedPixel(pixel, path);
  const status = response?.statusCode ?? 0;
  if (status < 400) return undefined;
  const { code, message } = readJson(response?.source);
  if (typeof code !== 'string' || typeof message !== 'string') return undefined;
  return { status, code, message, method: method.toUpperCase(), path };
};

const PIXEL_REFUSED =
  'The answer is the image all the same; the event is not taken, unless a line above says so.';

/** The refusal of a pixel, whose answer is an image: it stands in a header. */
const refusedPixel = (refusal: string, path: string): Refused => {
  const [status = '', code = ''] = refusal.split(' ');
  return { status: Number(status), code, message: PIXEL_REFUSED, method: 'GET', path };
};

const readJson = (source: unknown) => {
  try {
    const body: unknown = JSON.parse(String(source));
    return isObject(body) ? body : {};
  } catch {
    return {};
  }
};
