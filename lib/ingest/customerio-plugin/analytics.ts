// What the plugin uses of analytics.js and of the page around it. Typed by hand and as small as can be: a test
// builds one, and the rest of the code, which runs on a server, sees nothing of a browser.

import type { JsonObject } from '../../json/json-object';
import type { DateConversion } from '../../mapping/convert-dates';
import type { ConsentSettings } from '../../rules/rule';

/** Whatever SDK the page loads, this much of it is the same. */
export interface Analytics {
  user(): { id(): unknown };
  on(event: 'reset', callback: () => void): unknown;
  readonly queue?: { readonly failedInitializations?: readonly string[] };
}

/** An event on its way through analytics.js. */
export interface EventContext {
  readonly event: JsonObject;
  updateEvent(path: string, value: unknown): unknown;
}

export type Hook = (context: EventContext) => EventContext;

/** The plugin interface of analytics.js, as far as it is used. */
export interface Plugin {
  readonly name: string;
  readonly version: string;
  readonly type: 'enrichment' | 'destination';
  isLoaded(): boolean;
  load(context: unknown, analytics: Analytics): Promise<unknown>;
  readonly identify: Hook;
  readonly track: Hook;
  readonly page: Hook;
  readonly group: Hook;
}

interface ScriptElement {
  id: string;
  src: string;
  async: boolean;
  setAttribute(name: string, value: string): void;
  addEventListener(event: 'load' | 'error', listener: () => void): void;
}

/** `window`. */
export interface PageWindow {
  /** Customer.io's tracker, or the array that keeps calls for it until its script has replaced it. */
  _cio?: CustomerIoTracker;
  readonly document: {
    readonly head: { appendChild(element: ScriptElement): unknown };
    getElementById(id: string): ScriptElement | null;
    createElement(name: 'script'): ScriptElement;
  };
  setTimeout(callback: () => void, ms: number): unknown;
}

export interface CustomerIoTracker {
  push(...items: unknown[]): unknown;
  identify?(traits: JsonObject): unknown;
  track?(name: string, properties: JsonObject): unknown;
  page?(name: string, properties: JsonObject): unknown;
  reset?(): unknown;
}

/** What the settings document tells the plugin, under `remotePlugins`. */
export interface PluginSettings {
  readonly siteId: string;
  readonly scriptUrl: string;
  readonly convertTimestamps: DateConversion;
  readonly integrationNames: readonly string[];
  readonly consent?: ConsentSettings | undefined;
}
