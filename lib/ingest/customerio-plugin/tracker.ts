// Customer.io's tracker on a page: loading it, and telling it whom the calls are about. It is given a call only
// once it runs, so that nothing waits in a queue that nobody will read.

import type { CustomerIoTracker, PageWindow, PluginSettings } from './analytics';
import type { TrackerCall } from './tracker-call';

/** No event leaves before it is known who takes it. A tracker slower than this gets none on this page. */
export const TRACKER_WAIT_MS = 3_000;

const SCRIPT_ID = 'cio-tracker';
/** What Customer.io's snippet keeps for its script. */
const QUEUED_METHODS = ['load', 'identify', 'sidentify', 'track', 'page', 'on', 'off', 'reset'] as const;

export class Tracker {
  /** Whom the tracker was last told of, on this page. */
  private person: string | undefined;

  constructor(
    private readonly page: PageWindow,
    private readonly settings: PluginSettings,
  ) {}

  /** Whether it runs, once that is known. A blocked, broken or slow script is a no. */
  async load(): Promise<boolean> {
    try {
      if (!this.isRunning()) await this.scriptDone();
    } catch {
      // A page may forbid scripts of others, in more than one way.
    }
    return this.isRunning();
  }

  /**
   * Tells the tracker the person of the event first: it remembers one from page to page, and may remember another.
   */
  send(call: TrackerCall, userId: unknown): void {
    const { _cio: tracker } = this.page;
    if (call.method === 'identify') {
      tracker?.identify?.(call.traits);
      this.person = String(userId);
      return;
    }
    this.follow(userId);
    tracker?.[call.method]?.(call.name, call.properties);
  }

  /** Nobody is signed in any more. */
  forget(): void {
    this.person = undefined;
    if (this.isRunning()) this.page._cio?.reset?.();
  }

  /** Ends what is left of the last person once an event of theirs has come late. */
  forgetUnless(isSignedIn: boolean): void {
    if (!isSignedIn && this.person !== undefined) this.forget();
  }

  private follow(userId: unknown): void {
    if (userId === undefined || userId === null || String(userId) === this.person) return;
    this.person = String(userId);
    this.page._cio?.identify?.({ id: this.person });
  }

  /** The script replaces the array. An empty script in its place, as blockers serve one, does not. */
  private isRunning(): boolean {
    const { _cio: tracker } = this.page;
    return tracker !== undefined && tracker.push !== Array.prototype.push;
  }

  private scriptDone(): Promise<void> {
    return new Promise((resolve) => {
      this.page.setTimeout(resolve, TRACKER_WAIT_MS);
      const script = this.page.document.getElementById(SCRIPT_ID) ?? this.addScript();
      script.addEventListener('load', resolve);
      script.addEventListener('error', resolve);
    });
  }

  /** As Customer.io's snippet does it, but for page views, which are the page's own to report. */
  private addScript() {
    this.page._cio ??= emptyQueue();
    const script = this.page.document.createElement('script');
    script.async = true;
    script.id = SCRIPT_ID;
    script.setAttribute('data-site-id', this.settings.siteId);
    script.setAttribute('data-use-array-params', 'true');
    script.setAttribute('data-auto-track-page', 'false');
    script.setAttribute('data-use-in-app', 'true');
    script.src = this.settings.scriptUrl;
    this.page.document.head.appendChild(script);
    return script;
  }
}

/** Calls that the page itself makes before the script is there. */
const emptyQueue = (): CustomerIoTracker => {
  const queue: unknown[] = [];
  const methods = QUEUED_METHODS.map((name) => [name, (...given: unknown[]) => queue.push([name, ...given])]);
  return Object.assign(queue, Object.fromEntries(methods));
};
