// A run of the whole path under everything that can go wrong: a service that throttles, fails, resets, takes
// without answering and is slower than anybody's patience, messages sent twice in any order, and consumers
// that are killed in the middle of it. At the end every event must be where it belongs.

import { setTimeout as delay } from 'node:timers/promises';
import type { FaultSettings } from '../../infra/local/sandbox/api/faults';
import type { RequestRecord } from '../../infra/local/sandbox/workspace';
import { type Audit, audit } from './audit';
import { bundle } from './bundle';
import { type ConsumerCounts, Consumers } from './consumers';
import { readDeadLetters, type StoredDeadLetter } from './dead-letters';
import { Dice } from './dice';
import { Evidence } from './evidence';
import { orderlyProfiles } from './orderly-run';
import type { PlannedEvent } from './planned-event';
import { POISON } from './poison-events';
import { type Produced, produce } from './produce';
import {
  isHarmless,
  isOfOther,
  makeWorkload,
  type Parcel,
  type Workload,
  type WorkloadOptions,
} from './workload';
import { openWorld, type World } from './world';

export interface ChaosPlan extends WorkloadOptions {
  /** Processes that consume at once. */
  readonly consumers: number;
  readonly kills: number;
  /** Of the source, over all consumers. */
  readonly requestsPerSecond: number;
  /** Most messages of one invocation; small, so that there are many invocations to go wrong. */
  readonly batchSize: number;
  readonly faults: FaultSettings;
  /** Once, in the middle, Customer.io is away for so long: every message in work goes back to the queue. */
  readonly outageMs: number;
  /** For so long the other workspace answers nothing within `hangMs`, from the moment the settings know its source. */
  readonly hangMs: number;
  /**
   * Of the queue. Seven minutes when deployed; here as short as an invocation allows, because it is how long
   * the messages of a killed consumer are away.
   */
  readonly visibilityTimeoutSeconds: number;
  /** Backoffs are this much shorter. */
  readonly timeFactor: number;
  /** The run is given up then. */
  readonly maxMinutes: number;
  /** Folder in which events are archived. */
  readonly archiveFolder?: string;
}

export interface ChaosReport {
  readonly plan: ChaosPlan;
  readonly events: number;
  readonly produced: Produced;
  readonly consumers: ConsumerCounts;
  /** Requests that reached Customer.io, and what was done to them. */
  readonly requests: number;
  readonly faults: Readonly<Record<string, number>>;
  /** Events that Customer.io had already by their ULID. */
  readonly duplicates: number;
  readonly peakRequestsPerSecond: number;
  readonly seconds: number;
  readonly audit: Audit;
  /** What Customer.io has at the end. */
  readonly held: { readonly profiles: unknown; readonly eventIds: ReadonlySet<string> };
  /** What should not have happened besides what the audit finds. */
  readonly problems: readonly string[];
}

/** What a run is judged by: nothing may differ, and nothing go wrong that was not planned. */
export const failures = ({ audit: { differences }, problems }: ChaosReport): readonly string[] => [
  ...differences,
  ...problems,
];

export const runChaos = async (plan: ChaosPlan): Promise<ChaosReport> => {
  const workload = makeWorkload(plan);
  const evidence = new Evidence();
  const consumerBundle = await bundle('test/chaos/consumer-process.ts');
  const world = await openWorld({ ...plan, onActivity: evidence.observe });
  const consumers = new Consumers(
    consumerBundle.file,
    world.environment({ batchSize: plan.batchSize, timeFactor: plan.timeFactor }),
  );
  try {
    return await new ChaosRun(plan, workload, { evidence, world, consumers }).run();
  } finally {
    await consumers.end();
    await world.close();
    consumerBundle.remove();
  }
};

interface Parts {
  readonly evidence: Evidence;
  readonly world: World;
  readonly consumers: Consumers;
}

const OUTAGE_AT_SHARE = 0.5;
const OTHER_AT_SHARE = 0.2;
const UNAVAILABLE_STATUS = 503;
const PROGRESS_PAUSE_MS = 20;
const BACKLOG_PAUSE_MS = 200;
/** Of the traffic that goes on at the end, at once: several batches. */
const TRAFFIC_REQUESTS = 30;
/** Where it goes on for what may come back, and nobody waits for more. */
const TRAFFIC_PAUSE_MS = 1_500;
/** A kill comes at a random moment up to this long after its point of progress: in no step with the requests. */
const MAX_KILL_DELAY_MS = 300;

class ChaosRun {
  private readonly dice: Dice;
  private readonly deadline: number;
  private readonly deadLetters: StoredDeadLetter[] = [];
  private isProduced = false;

  constructor(
    private readonly plan: ChaosPlan,
    private readonly workload: Workload,
    private readonly parts: Parts,
  ) {
    this.dice = new Dice(plan.seed + 1);
    this.deadline = Date.now() + plan.maxMinutes * 60_000;
  }

  async run(): Promise<ChaosReport> {
    const { world, consumers } = this.parts;
    world.sandbox.setFaults({ ...this.plan.faults, poison: POISON });
    const startedAt = Date.now();
    await Promise.all(Array.from({ length: this.plan.consumers }, () => consumers.start()));
    const [produced] = await Promise.all([this.produceAll(), this.killNowAndThen(), this.fallSilent()]);
    await this.untilProgress(1);
    await this.untilGivenUp();
    this.mend();
    await this.untilDrained();
    const seconds = (Date.now() - startedAt) / 1_000;
    await consumers.stop();
    return this.report(produced, seconds);
  }

  private async produceAll(): Promise<Produced> {
    const [produced, ofOther] = await Promise.all([this.produce(this.workload.sendings), this.sendToOther()]);
    this.isProduced = true;
    return { ...produced, messagesByHand: produced.messagesByHand + ofOther.messagesByHand };
  }

  private produce(sendings: readonly Parcel[]): Promise<Produced> {
    const { ingest, writeKey, queueUrl, sqs } = this.parts.world;
    return produce(sendings, { ingest, writeKey, queueUrl, sqs: sqs.client });
  }

  /** Consumers are warm by then, and their settings have no such source. Its workspace hangs at first. */
  private async sendToOther(): Promise<Produced> {
    const { world } = this.parts;
    const { hangMs } = this.plan;
    await this.untilProgress(OTHER_AT_SHARE);
    world.other.setFaults({ slow: 1, slowMs: hangMs });
    world.addOther();
    const produced = await this.produce(this.workload.ofOther);
    await delay(hangMs);
    world.other.setFaults({});
    return produced;
  }

  /** At random points of progress, not of time: each hits a consumer that has work, however fast the machine. */
  private async killNowAndThen(): Promise<void> {
    const { consumers } = this.parts;
    const points = Array.from({ length: this.plan.kills }, () => this.dice.next()).sort((a, b) => a - b);
    for (const point of points) {
      await this.untilProgress(point);
      await delay(this.dice.next() * MAX_KILL_DELAY_MS);
      const [first, ...others] = consumers.alive;
      if (first === undefined) throw new Error('No consumer is left to kill.');
      await consumers.kill(this.dice.pick([first, ...others]));
      await consumers.start();
    }
  }

  private async fallSilent(): Promise<void> {
    const { sandbox } = this.parts.world;
    await this.untilProgress(OUTAGE_AT_SHARE);
    sandbox.setFaults({ unavailable: true });
    await delay(this.plan.outageMs);
    sandbox.setFaults({ ...this.plan.faults, poison: POISON });
  }

  /** Or until nothing is left: what was lost would never come. */
  private async untilProgress(share: number): Promise<void> {
    const wanted = share * this.expectedEvents();
    while (this.parts.evidence.events < wanted && !(await this.isDrained())) {
      this.checkTime(`delivered ${this.parts.evidence.events} of ${wanted} events`);
      await delay(PROGRESS_PAUSE_MS);
    }
  }

  /** Without those that wait until Customer.io bears them. */
  private expectedEvents(): number {
    return this.workload.events.filter(isHarmless).length;
  }

  /**
   * Every event that was old enough is a dead letter, although Customer.io never refused it, and off the queue: a message
   * whose consumer died, or was slow, after storing one comes back once more. Traffic goes on meanwhile, so much that
   * they share an invocation: only beside what is taken is a failure held against its content.
   */
  private async untilGivenUp(): Promise<void> {
    const wanted = this.workload.events.filter(
      ({ fate }) => fate.kind === 'dead_lettered' && fate.reason === 'undeliverable',
    ).length;
    const givenUp = () => this.deadLetters.filter(({ reason }) => reason === 'undeliverable');
    const idsGivenUp = () => new Set(givenUp().map(({ messageId }) => messageId));
    const comesBackAfterMs = (this.plan.visibilityTimeoutSeconds + 1) * 1_000;
    for (let wholeSince = Date.now(); Date.now() - wholeSince < comesBackAfterMs; ) {
      this.checkTime(`gave up ${idsGivenUp().size} of ${wanted} events`);
      await this.produce(this.workload.harmless.slice(0, TRAFFIC_REQUESTS));
      const isWhole = idsGivenUp().size >= wanted;
      await delay(isWhole ? TRAFFIC_PAUSE_MS : BACKLOG_PAUSE_MS);
      await this.collectDeadLetters();
      if (!isWhole) wholeSince = Date.now();
    }
  }

  private async collectDeadLetters(): Promise<void> {
    const { sqs, deadLetterQueueUrl } = this.parts.world;
    this.deadLetters.push(...(await readDeadLetters(sqs.client, deadLetterQueueUrl)));
  }

  /** Customer.io bears everything from here on: what waited must arrive. */
  private mend(): void {
    this.parts.world.sandbox.setFaults(this.plan.faults);
  }

  private async untilDrained(): Promise<void> {
    while (!(await this.isDrained())) {
      this.checkTime(`${await this.parts.world.backlog()} messages are left`);
      await delay(BACKLOG_PAUSE_MS);
    }
  }

  /** Everything is sent, nothing is on the queue and nothing in flight. */
  private async isDrained(): Promise<boolean> {
    return this.isProduced && (await this.parts.world.backlog()) === 0;
  }

  private checkTime(soFar: string): void {
    if (Date.now() < this.deadline) return;
    const problems = this.parts.consumers.problems.slice(0, 5).join('\n');
    throw new Error(`The run did not end within ${this.plan.maxMinutes} minutes: ${soFar}.\n${problems}`);
  }

  private async report(produced: Produced, seconds: number): Promise<ChaosReport> {
    const { world, consumers, evidence } = this.parts;
    await this.collectDeadLetters();
    const { workspace } = world.sandbox;
    evidence.observeProfiles(workspace);
    const requests = workspace.requests();
    return {
      plan: this.plan,
      events: this.workload.events.length,
      produced,
      consumers: consumers.counts,
      requests: requests.length,
      faults: countBy(requests.flatMap(faultOf)),
      duplicates: workspace.counts.duplicates,
      peakRequestsPerSecond: workspace.arrivals.peak,
      seconds,
      audit: audit(this.workload, {
        evidence,
        deadLetters: this.deadLetters,
        profiles: workspace.profileSnapshot(),
        orderlyProfiles: await orderlyProfiles(this.eventsOfShop()),
      }),
      held: { profiles: workspace.profileSnapshot(), eventIds: new Set(workspace.eventIds) },
      problems: [...consumers.problems, ...this.otherProblems()],
    };
  }

  private eventsOfShop(): readonly PlannedEvent[] {
    return this.workload.parcels.filter((parcel) => !isOfOther(parcel)).flatMap(({ events }) => events);
  }

  private otherProblems(): string[] {
    const { late, killed } = this.parts.consumers.counts;
    return [
      ...(late > 0 ? [`${late} invocations went on beyond the function's timeout.`] : []),
      ...(killed < this.plan.kills ? [`Only ${killed} of ${this.plan.kills} kills.`] : []),
    ];
  }
}

/** An outage is no fault of single requests, so the sandbox does not note it as one. */
const faultOf = ({ fault, status }: RequestRecord): string | [] =>
  fault ?? (status === UNAVAILABLE_STATUS ? 'outage' : []);

const countBy = (values: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
};
