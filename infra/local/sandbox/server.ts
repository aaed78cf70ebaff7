// A stand-in for Customer.io's Track API that runs in this process. It checks what Customer.io checks, keeps
// what Customer.io would keep, and fails on request. Nothing of it is meant to face a network.

import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { MAX_REQUESTS_PER_SECOND } from '../../../lib/customerio/limits';
import { HOST } from '../addresses';
import { closeServer, listen } from '../listen';
import type { Activity } from './activity-log';
import { type ControlApi, handleControlRequest } from './api/control-api';
import type { ExchangeReport, TrackApi } from './api/exchange';
import { FaultPlan, type FaultSettings, type Faults, parseFaults } from './api/faults';
import { sendAnswer } from './api/http';
import { handleTrackRequest } from './api/track-api';
import { Reporter } from './reporting/reporter';
import type { WebhookTarget } from './reporting/webhook-sender';
import { handleTrackerRequest } from './tracker/tracker-api';
import { type Rejection, Workspace, type WorkspaceSettings } from './workspace';

export interface SandboxOptions {
  /** 0, the default, picks a free one. */
  readonly port?: number;
  /** Default: one with site id and API key `local`. */
  readonly workspaces?: readonly WorkspaceSettings[];
  /** The rate limit of each workspace; default Customer.io's own. */
  readonly requestsPerSecond?: number;
  /** Called for every line of the Activity Log; of several workspaces with the site id of its own. */
  readonly onActivity?: (activity: Activity, siteId?: string) => void;
  /** The same for every operation or request that is refused for what it holds, and for wrong credentials. */
  readonly onRejected?: (rejection: Rejection, siteId?: string) => void;
  /** Lines of the Activity Log kept for each workspace; default 10,000. */
  readonly keepActivities?: number;
  /** Milliseconds since 1970; default the machine's clock. */
  readonly clock?: () => number;
  /** Status for a body over the limit; default 413. */
  readonly oversizedStatus?: number;
  /** Where message activity is reported to; without it `POST /sandbox/emit` is refused. */
  readonly reportingWebhook?: WebhookTarget;
  /** Called for every request to the Track API once it is known how it ends. */
  readonly onExchange?: (exchange: ExchangeReport) => void;
  /** Serves the paths that are neither an API's nor the sandbox's own; answers false for what it has not. */
  readonly front?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Another service at the same port, asked before `front` and answering false as that does. */
  readonly neighbour?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** How long an idle connection stays open; default 60 seconds, a usual load balancer's. */
  readonly keepAliveMs?: number;
}

export interface Sandbox {
  /** Base URL, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** By site id. */
  readonly workspaces: ReadonlyMap<string, Workspace>;
  /** The first of them. */
  readonly workspace: Workspace;
  faults(): Faults;
  /** Replaces all faults. @throws RangeError naming every mistake. */
  setFaults(faults: FaultSettings): void;
  /** Undefined without an endpoint to report to. */
  readonly reporter: Reporter | undefined;
  /** Forgets people, objects, logs, counters, faults and webhooks. */
  reset(): void;
  /** Ends at once: open connections are cut, delayed answers never sent. */
  close(): Promise<void>;
}

const DEFAULT_KEEP_ACTIVITIES = 10_000;
const DEFAULT_KEEP_ALIVE_MS = 60_000;
const DEFAULT_OVERSIZED_STATUS = 413;
const LOCAL_WORKSPACE: WorkspaceSettings = { siteId: 'local', apiKey: 'local' };

/** @throws when the port is taken, or two workspaces have the same site id. */
export const startSandbox = async (options: SandboxOptions = {}): Promise<Sandbox> => {
  const reporter = options.reportingWebhook && new Reporter(options.reportingWebhook, clockOf(options));
  const core = new Core(createWorkspaces(options), reporter, options.oversizedStatus, options.onExchange);
  const server = createServer({ keepAliveTimeout: options.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS });
  server.on('request', (request, response) => {
    const isAnswered = options.neighbour?.(request, response) || options.front?.(request, response);
    if (!isAnswered) void serve(core, request, response);
  });
  const port = await listen(server, options.port ?? 0);
  core.url = `http://${HOST}:${port}`;
  return {
    url: core.url,
    port,
    workspaces: core.workspaces,
    workspace: core.first,
    reporter,
    faults: () => core.plan.faults,
    setFaults: (faults) => core.setFaults(requireFaults(faults)),
    reset: () => core.reset(),
    close: () => {
      core.close();
      return closeServer(server);
    },
  };
};

const clockOf = ({ clock }: SandboxOptions): (() => number) => clock ?? Date.now;

const createWorkspaces = (options: SandboxOptions): ReadonlyMap<string, Workspace> => {
  const settings = options.workspaces ?? [LOCAL_WORKSPACE];
  const workspaceOptions = {
    keepActivities: options.keepActivities ?? DEFAULT_KEEP_ACTIVITIES,
    requestsPerSecond: options.requestsPerSecond ?? MAX_REQUESTS_PER_SECOND,
    clock: clockOf(options),
  };
  const workspaces = settings.map((each) => {
    const watchers = settings.length === 1 ? options : watchersOf(options, each.siteId);
    const { onActivity, onRejected } = watchers;
    return [each.siteId, new Workspace(each, { ...workspaceOptions, onActivity, onRejected })] as const;
  });
  const bySiteId = new Map(workspaces);
  if (bySiteId.size === settings.length) return bySiteId;
  throw new RangeError('Every workspace of the sandbox needs a siteId of its own.');
};

/** Who watches several workspaces is told at which of them it happens. */
const watchersOf = ({ onActivity, onRejected }: SandboxOptions, siteId: string) => ({
  onActivity: onActivity && ((activity: Activity) => onActivity(activity, siteId)),
  onRejected: onRejected && ((rejection: Rejection) => onRejected(rejection, siteId)),
});

/** What the two APIs share: the workspaces, the faults of the moment, and the end. */
class Core implements TrackApi, ControlApi {
  readonly first: Workspace;
  readonly byCredentials: ReadonlyMap<string, Workspace>;
  readonly closing = new AbortController();
  /** Known once the server listens. */
  url = '';
  plan = new FaultPlan(requireFaults({}));

  constructor(
    readonly workspaces: ReadonlyMap<string, Workspace>,
    readonly reporter: Reporter | undefined,
    readonly oversizedStatus = DEFAULT_OVERSIZED_STATUS,
    readonly onExchange: SandboxOptions['onExchange'] = undefined,
  ) {
    const all = [...workspaces.values()];
    const [first] = all;
    if (first === undefined) throw new RangeError('The sandbox needs at least one workspace.');
    this.first = first;
    this.byCredentials = new Map(
      all.map((each) => [`${each.settings.siteId}:${each.settings.apiKey}`, each]),
    );
    // Every delayed answer waits for it.
    setMaxListeners(0, this.closing.signal);
  }

  setFaults(faults: Faults): void {
    this.plan = new FaultPlan(faults);
  }

  reset(): void {
    for (const workspace of this.workspaces.values()) workspace.reset();
    this.reporter?.reset();
    this.setFaults(requireFaults({}));
  }

  close(): void {
    this.closing.abort();
    this.reporter?.close();
  }
}

const requireFaults = (settings: FaultSettings): Faults => {
  const parsed = parseFaults(settings);
  if (parsed.ok) return parsed.faults;
  throw new RangeError(`Faults: ${parsed.mistakes.join('; ')}`);
};

const serve = async (core: Core, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  try {
    const { url = '' } = request;
    if (url.startsWith('/api/')) await handleTrackRequest(core, request, response);
    else if (url.startsWith('/assets/')) await handleTrackerRequest(core, request, response);
    else await handleControlRequest(core, request, response);
  } catch (error) {
    fail(response, error);
  }
};

/** A mistake in the sandbox, or in a callback it was given. The body says so, lest it pass for one of Customer.io's. */
const fail = (response: ServerResponse, error: unknown): void => {
  const detail = error instanceof Error ? error.stack : String(error);
  if (response.headersSent) response.destroy();
  else sendAnswer(response, { status: 500, body: { error: `The sandbox failed: ${detail}` } });
};
