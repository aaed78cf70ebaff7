// The sources of this deployment, kept in the process for a few minutes. A parameter store that does not answer
// stops nothing that has read it once.

import { SettingsError } from '../errors';
import { describeError, logger } from '../observability';
import { type Environment, sourcesSetting } from './environment';
import { parameterStore } from './parameter-store';
import { parseSources, SOURCES_HELP } from './parse-sources';
import type { Source } from './source';

/** How long a warm function keeps settings from the parameter store before it reads them again. */
export const SETTINGS_MAX_AGE_SECONDS = 300;
/** After a read that failed, how long the old settings are used before the next: each may take its time. */
const READ_AGAIN_AFTER_MS = 30_000;
/** The sources of this deployment, from `SOURCES` or, kept for a few minutes, the parameter store. */
export const loadSources = async (env?: Environment): Promise<readonly Source[]> => {
  const { inline, parameter } = sourcesSetting(env);
  if (inline) return cachedSources(inline);
  if (!parameter) throw new SettingsError(`Neither SOURCES nor SOURCES_PARAMETER is set. ${SOURCES_HELP}`);
  const json = await readParameter(parameter);
  if (!json) throw new SettingsError(`The parameter "${parameter}" is empty. ${SOURCES_HELP}`);
  return cachedSources(json);
};

/** A parameter store that does not answer stops nothing that has read it once. */
const readParameter = async (name: string): Promise<string | undefined> => {
  if (lastParsed !== undefined && Date.now() < readAgainAtMs) return lastParsed.json;
  try {
    return await parameterStore().get(name, { decrypt: true, maxAge: SETTINGS_MAX_AGE_SECONDS });
  } catch (error) {
    if (lastParsed === undefined) throw error;
    readAgainAtMs = Date.now() + READ_AGAIN_AFTER_MS;
    logger.warn('The settings could not be read again; the last ones stay in use', describeError(error));
    return lastParsed.json;
  }
};

let readAgainAtMs = 0;

let lastParsed: { readonly json: string; readonly sources: readonly Source[] } | undefined;

/** Parses anew only when the text has changed: a warm invocation pays one string comparison. */
const cachedSources = (json: string): readonly Source[] => {
  if (lastParsed?.json !== json) lastParsed = { json, sources: parseSources(json) };
  return lastParsed.sources;
};
