// What becomes of an event in which a door has found something wrong: the rules of its source come before its mistakes.
// They may skip it, so that nobody hears of it, or give it the id or the name that it lacks.

import { findFault, typeOf } from '../event/find-fault';
import type { IdentitySettings } from '../event/who';
import { isObject, type JsonObject } from '../json/json-object';
import type { Custom } from './custom';
import { type ShapingSettings, shapeEvent } from './shape-event';

/** One that the source delivers to, as far as it shapes events. */
export type Workspace = ShapingSettings;

export interface FateByRules {
  /** No workspace wants it. */
  readonly isSkipped: boolean;
  /** It can work in none of them, and none skips it. */
  readonly isFaulty: boolean;
}

/**
 * @param event as the consumer gets it.
 * @param identity what the door counts as an id, whatever the workspace.
 */
export const fateByRules = (
  event: JsonObject,
  workspaces: readonly Workspace[],
  identity: IdentitySettings,
  ownCode?: Custom,
): FateByRules => {
  const fates = workspaces.map((workspace) => fateIn(workspace, event, identity, ownCode));
  return {
    isSkipped: fates.length > 0 && fates.every((fate) => fate === 'skipped'),
    isFaulty: fates.every((fate) => fate === 'faulty'),
  };
};

type Fate = 'skipped' | 'faulty' | 'works';

const fateIn = (
  workspace: Workspace,
  event: JsonObject,
  identity: IdentitySettings,
  ownCode?: Custom,
): Fate => {
  try {
    const shaped = shapeEvent(event, workspace, undefined, ownCode);
    if (shaped.outcome === 'skipped' || shaped.events.length === 0) return 'skipped';
    return shaped.events.some((one) => isFaulty(one, identity)) ? 'faulty' : 'works';
  } catch {
    // What the user's own code throws is a bug: the event waits on the queue until it is mended.
    return 'works';
  }
};

const isFaulty = (event: unknown, identity: IdentitySettings): boolean => {
  if (!isObject(event)) return true;
  const type = typeOf(event, undefined);
  return type === undefined || findFault(event, type, identity) !== undefined;
};
