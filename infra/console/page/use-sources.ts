// The sources of the deployment with their settings, asked for until they are known; none where the backend cannot know
// them.

import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { PreviewSource } from '../contract';
import { getJson } from './api';
import { info } from './info';

export interface Sources {
  readonly all: readonly PreviewSource[];
  readonly problem: string;
}

const sources = signal<Sources | undefined>(undefined);
let isAsked = false;

export const useSources = (): Sources | undefined => {
  useEffect(() => {
    if (isAsked || info.value === undefined) return;
    isAsked = true;
    getJson<{ sources: PreviewSource[] }>('sources').then(
      (answer) => {
        sources.value = { all: answer.sources, problem: '' };
      },
      (error: Error) => {
        sources.value = { all: [], problem: error.message };
        isAsked = false;
      },
    );
  }, []);
  return sources.value;
};

/** Of the source of that name; a message that names none means the first. With several workspaces: the first of them. */
export const settingsOf = (known: Sources | undefined, name: string): PreviewSource['settings'] => {
  const all = known?.all ?? [];
  const found = all.find((source) => source.name === name || source.name.startsWith(`${name}/`));
  return (name === '' ? all[0] : found)?.settings ?? {};
};
