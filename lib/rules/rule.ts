// What a source may say about its own events, as it stands in the settings: who may pass, what is changed on the
// way, which consent is needed, what never leaves. Types alone; lib/config checks them, ./compile.ts reads them.

import type { EventType } from '../event/event';
import type { IdSettings } from '../event/ids';

export type Scalar = string | number | boolean;

/** A test of one field, or several joined. A field that has a `*` passes when any of its values does. */
export type Condition =
  | { readonly field: string; readonly equals: Scalar }
  | { readonly field: string; readonly oneOf: readonly Scalar[] }
  | { readonly field: string; readonly exists: boolean }
  | { readonly field: string; readonly matches: string | readonly string[] }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition };

/** Which events are meant: all that is named must hold; what is left out asks nothing. */
export interface Selector {
  readonly type?: EventType | readonly EventType[] | undefined;
  /** The name of a track, page or screen, or a glob of it. */
  readonly event?: string | readonly string[] | undefined;
  readonly when?: Condition | undefined;
}

/** One thing to do; the settings see to it that it is exactly one. */
export interface Rule {
  readonly name: string;
  /** The events the rule concerns; left out, all of them. */
  readonly for?: Selector | undefined;
  readonly include?: Selector | undefined;
  readonly exclude?: Selector | undefined;
  readonly rename?: Readonly<Record<string, string>> | undefined;
  readonly drop?: readonly string[] | undefined;
  readonly keep?: readonly string[] | undefined;
  readonly hash?: readonly string[] | undefined;
  readonly set?: Readonly<Record<string, unknown>> | undefined;
  readonly move?: Readonly<Record<string, string>> | undefined;
  readonly prefix?: Prefixes | undefined;
}

export interface Prefixes {
  readonly traits?: string | undefined;
  readonly properties?: string | undefined;
}

export const ACTIONS = [
  'include',
  'exclude',
  'rename',
  'drop',
  'keep',
  'hash',
  'set',
  'move',
  'prefix',
] as const;

export interface ConsentSettings {
  /** Categories of Segment, or consent ids of RudderStack, that a person must have agreed to. */
  readonly require: readonly string[];
  /** What becomes of an event that says nothing of them. */
  readonly onMissing: 'deliver' | 'skip';
  /** `and`: all of them; `or`: one is enough. Left out: as the event says, else all. */
  readonly resolution?: 'and' | 'or' | undefined;
  /** RudderStack's name of the consent manager whose answers count. Left out: any. */
  readonly provider?: string | undefined;
  /** The attribute that preferences are written to. */
  readonly attribute?: string | undefined;
}

export interface PrivacySettings {
  /** Keys that never leave, at any depth. */
  readonly deny: readonly string[];
  readonly useDefaultDenyList: boolean;
  readonly ip: 'keep' | 'truncate' | 'drop';
  /** Whether a dead letter holds the event as it came, or without what never leaves. */
  readonly deadLetters: 'as_it_came' | 'cleaned';
}

/** All of it, for one source. */
export interface RulesSettings extends IdSettings {
  readonly rules?: readonly Rule[] | undefined;
  readonly consent?: ConsentSettings | undefined;
  readonly privacy?: PrivacySettings | undefined;
  /** Stands in front of whatever is hashed. A secret. */
  readonly hashSalt?: string | undefined;
}
