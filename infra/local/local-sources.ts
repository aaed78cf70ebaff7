// Sources of the user's own on the local stack, from the variable SOURCES. The rule: whatever they say, everything they
// deliver stays on this machine, so that real settings can be tried without sending anything.

import { isObject, type JsonObject } from '../../lib/json/json-object';
import { type Ports, sandboxUrl, segmentUrl } from './addresses';
import type { WorkspaceSettings } from './sandbox/workspace';

/** The same JSON, each workspace of it at the sandbox. What is no array of sources is left to the functions to refuse. */
export const toLocalSources = (json: string, ports: Ports): string => {
  const sources = parse(json);
  return sources === undefined ? json : JSON.stringify(sources.map((source) => localSource(source, ports)));
};

const localSource = (source: JsonObject, ports: Ports): JsonObject => {
  const { destinations } = source;
  const here = { ...source, segmentUrl: segmentUrl(ports) };
  return Array.isArray(destinations)
    ? { ...here, destinations: destinations.map((one) => (isObject(one) ? localWorkspace(one, ports) : one)) }
    : localWorkspace(here, ports);
};

const localWorkspace = (workspace: JsonObject, ports: Ports): JsonObject => ({
  ...workspace,
  trackUrl: sandboxUrl(ports),
  trackerScriptUrl: `${sandboxUrl(ports)}/assets/track.js`,
});

/** What the sandbox has where the settings name none that can be read. */
const NO_OTHER: WorkspaceSettings = { siteId: 'local', apiKey: 'local' };

/** Those that the sandbox must have: one for each site id, with the key that is named first. */
export const workspacesIn = (json: unknown): WorkspaceSettings[] => {
  const sources = typeof json === 'string' ? (parse(json) ?? []) : [];
  const found = new Map<string, WorkspaceSettings>();
  for (const { siteId, apiKey, region, workspaceIdentifiers } of sources.flatMap(destinationsOf)) {
    if (typeof siteId !== 'string' || typeof apiKey !== 'string' || found.has(siteId)) continue;
    found.set(siteId, {
      siteId,
      apiKey,
      region: region === 'eu' ? 'eu' : 'us',
      identifiers: workspaceIdentifiers === 'id' ? 'id' : 'email_or_id',
      phoneIdentifies: workspaceIdentifiers === 'email_phone_or_id',
    });
  }
  return found.size === 0 ? [NO_OTHER] : [...found.values()];
};

const destinationsOf = (source: JsonObject): readonly JsonObject[] =>
  Array.isArray(source['destinations']) ? source['destinations'].filter(isObject) : [source];

const parse = (json: string): readonly JsonObject[] | undefined => {
  try {
    const parsed: unknown = JSON.parse(json);
    return Array.isArray(parsed) && parsed.every(isObject) ? parsed : undefined;
  } catch {
    return undefined;
  }
};
