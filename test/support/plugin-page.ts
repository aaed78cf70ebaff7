// A web page as far as the plugin of device mode sees it: a document that takes one script, a clock that a test
// moves, and Customer.io's tracker once its script has "run".

import type { Analytics, EventContext, PageWindow } from '../../lib/ingest/customerio-plugin/analytics';
import type { JsonObject } from '../../lib/json/json-object';

type ScriptEnd = 'load' | 'error';

class Script {
  id = '';
  src = '';
  async = false;
  readonly attributes: Record<string, string> = {};
  private readonly listeners: [ScriptEnd, () => void][] = [];

  setAttribute(name: string, value: string): void {
    this.attributes[name] = value;
  }

  addEventListener(event: ScriptEnd, listener: () => void): void {
    this.listeners.push([event, listener]);
  }

  end(event: ScriptEnd): void {
    for (const [name, listener] of this.listeners) if (name === event) listener();
  }
}

export class TestPage implements PageWindow {
  _cio?: NonNullable<PageWindow['_cio']>;
  readonly scripts: Script[] = [];
  /** What the tracker was called with. */
  readonly calls: unknown[][] = [];
  private timers: (() => void)[] = [];

  readonly document = {
    head: { appendChild: (script: Script) => this.scripts.push(script) },
    getElementById: (id: string) => this.scripts.find((script) => script.id === id) ?? null,
    createElement: () => new Script(),
  };

  setTimeout(callback: () => void): void {
    this.timers.push(callback);
  }

  runTimers(): void {
    for (const callback of this.timers.splice(0)) callback();
  }

  addScript(id: string): Script {
    const script = Object.assign(new Script(), { id });
    this.scripts.push(script);
    return script;
  }

  startTracker(): void {
    const keep =
      (method: string) =>
      (...given: unknown[]) =>
        this.calls.push([method, ...given]);
    this._cio = {
      push: keep('push'),
      identify: keep('identify'),
      track: keep('track'),
      page: keep('page'),
      reset: keep('reset'),
    };
  }

  /** The tracker's script has come and run. */
  endScript(): void {
    this.startTracker();
    this.scripts[0]?.end('load');
  }
}

export class TestAnalytics implements Analytics {
  userId: unknown = null;
  readonly queue = { failedInitializations: [] as string[] };
  private resetListeners: (() => void)[] = [];

  user() {
    return { id: () => this.userId };
  }

  on(_: 'reset', callback: () => void): void {
    this.resetListeners.push(callback);
  }

  reset(): void {
    this.userId = null;
    for (const callback of this.resetListeners) callback();
  }
}

export class TestContext implements EventContext {
  constructor(public event: JsonObject) {}

  updateEvent(path: string, value: unknown): void {
    this.event = { ...this.event, [path]: value };
  }
}
