// What a replay would send, counted and told before anything is.

import type { Io } from '../io';
import { layOut, plural } from '../layout';
import { bar, startProgress } from '../progress';
import { type Fate, waysOut } from './replay-fate';
import { type Job, pending } from './replay-job';
import type { ReadObject } from './replayed-objects';

export interface Plan {
  sent: number;
  alreadyThere: number;
  /** What was looked at. */
  readonly read: ReadObject[];
  readonly keptBack: Record<string, number>;
  /** Lines of events that are counted because of another line. */
  repeated: number;
}

export const planOf = async (job: Job, io: Io): Promise<Plan> => {
  const plan: Plan = { sent: 0, alreadyThere: 0, repeated: 0, read: [], keptBack: {} };
  const progress = startProgress(io);
  const onObject = (done: number, whole: number, object: ReadObject): void => {
    plan.read.push(object);
    progress.update(`${bar(done, whole)} looking at ${plural(whole, 'object')}`);
  };
  try {
    for await (const line of pending(job, onObject)) count(plan, job.fates.plan(line));
  } finally {
    progress.stop();
  }
  return plan;
};

const count = (plan: Plan, fate: Fate): void => {
  if (fate.kind === 'kept_back') plan.keptBack[fate.why] = (plan.keptBack[fate.why] ?? 0) + 1;
  else plan.alreadyThere += Number(fate.isAlreadyThere);
  if (fate.kind === 'sent') plan.sent += 1;
  if (fate.kind === 'repeated') plan.repeated += 1;
};

const REPEATED = 'other lines of these, as a replay leaves them; each event counts once';

export const tellPlan = (
  { sent, alreadyThere, repeated, keptBack }: Plan,
  { options, checkpoint, objects, rules, scanning }: Job,
  io: Io,
): void => {
  const done = checkpoint.events;
  if (options.json) {
    if (options.dryRun) io.out(JSON.stringify({ done, wouldSend: sent, alreadyThere, repeated, keptBack }));
    else if (sent === 0) io.out(JSON.stringify({ sent }));
    return;
  }
  if (done > 0)
    io.err(
      checkpoint.isDone
        ? `It was replayed before; ${plural(objects.length, 'object')} came since.`
        : `Goes on after ${plural(done, 'event')}.`,
    );
  const rows = [
    ['to be sent', sent],
    ['of these delivered there before; Customer.io ignores events it has', alreadyThere],
    ...Object.entries(keptBack).map(([why, events]) => [`kept back: ${why}`, events]),
    ...(repeated > 0 ? [[REPEATED, repeated]] : []),
  ].map(([what, events]) => [String(events), String(what)]);
  io.out(layOut(['events', 'what becomes of them'], rows));
  for (const way of waysOut(keptBack, rules, scanning.sources, options)) io.err(way);
};
