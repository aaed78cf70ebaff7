// The stand-in's two addresses: its script, under both regions' names, and where that sends what a page calls. As
// with Customer.io's own, a site id is all that a page has to show.

import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { MAX_OPERATION_BYTES } from '../../../../lib/customerio/limits';
import { isObject, type JsonObject } from '../../../../lib/json/json-object';
import { type JsonAnswer, parseJson, receiveBody, sendAnswer } from '../api/http';
import { parseOperation } from '../parse/parse-operation';
import type { Workspace } from '../workspace';

export interface TrackerApi {
  /** By site id. */
  readonly workspaces: ReadonlyMap<string, Workspace>;
}

const SCRIPTS: readonly (string | undefined)[] = ['/assets/track.js', '/assets/track-eu.js'];
const CALLS = '/assets/calls';

export const handleTrackerRequest = async (
  api: TrackerApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const body = await receiveBody(request, MAX_OPERATION_BYTES);
  const [path] = (request.url ?? '').split('?', 1);
  if (SCRIPTS.includes(path)) return sendScript(response);
  if (path !== CALLS) return sendAnswer(response, refuse(404, `there is no ${path}`));
  const json = body.kind === 'bytes' ? parseJson(body.bytes) : { ok: false as const };
  const isCall = json.ok && isObject(json.value);
  sendAnswer(response, isCall ? take(api, json.value) : refuse(400, 'the body is no call of the tracker'));
};

const sendScript = (response: ServerResponse): void => {
  const text = readFileSync(join(__dirname, 'track.js'), 'utf8');
  response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-store' });
  response.end(text);
};

const take = ({ workspaces }: TrackerApi, { site_id: siteId, ...call }: JsonObject): JsonAnswer => {
  const workspace = workspaces.get(String(siteId));
  if (workspace === undefined) return refuse(401, 'the site id is that of no workspace');
  const operation = { type: 'person', ...call };
  const parsed = parseOperation(operation, workspace);
  if (parsed.ok) {
    workspace.applyFromBrowser(parsed.operation);
    return { status: 200, body: {} };
  }
  workspace.reject(400, parsed.problems, operation);
  return { status: 400, body: { errors: parsed.problems } };
};

const refuse = (status: number, error: string): JsonAnswer => ({ status, body: { error } });
