// The sources of a deployment as the page may know them: what decides what becomes of an event, as it would be
// written, and nothing that is secret. A field that is not named here never leaves.

import { mappingFields } from '../../../lib/config/mapping-settings';
import { readSource } from '../../../lib/config/read-source';
import { type ParsedSettings, usableWorkspaces } from '../../../lib/config/settings';
import { labelOf, type Source } from '../../../lib/config/source';
import type { PreviewSource } from '../contract';

/** The salt of hashes is not among them. */
const SHOWN = [...Object.keys(mappingFields), 'rules', 'consent', 'privacy'];

export const previewSources = (settings: ParsedSettings): PreviewSource[] =>
  usableWorkspaces(settings).map((source) => ({ name: labelOf(source), settings: writtenSettings(source) }));

const writtenSettings = (source: Source): PreviewSource['settings'] => {
  const usual = fieldsOf(defaultsWith(source.preset));
  return Object.fromEntries(
    Object.entries(fieldsOf(source)).filter(
      ([name, value]) =>
        SHOWN.includes(name) &&
        value !== undefined &&
        (name === 'preset' || JSON.stringify(value) !== JSON.stringify(usual[name])),
    ),
  );
};

const fieldsOf = (source: object | undefined): Readonly<Record<string, unknown>> => ({ ...source });

const defaultsWith = (preset: string | undefined): Source | undefined =>
  readSource({ name: 'x', writeKey: 'x', siteId: 'x', apiKey: 'x', preset }).workspaces[0];
