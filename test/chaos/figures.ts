// What a run came to, in the lines that `npm run chaos` prints.

import type { ChaosReport } from './chaos';
import type { FreezeReport } from './freeze';
import type { RateReport } from './rate';

export const chaosFigures = (report: ChaosReport): string =>
  lines([
    ['seed', report.plan.seed],
    ['events', `${report.events} of ${report.plan.people} people`],
    ['sent', describeSent(report)],
    ['delivered', report.audit.delivered],
    ['skipped', report.audit.skipped],
    ['dead-lettered', `${report.audit.deadLettered} (${describeCounts(report.audit.reasons)})`],
    ['dead letters stored again', `${report.audit.deadLettersAgain}, by a crash before the acknowledgement`],
    ['lost, doubled or wrong', report.audit.differences.length],
    ['profiles compared', report.audit.profiles],
    ['events dropped by ULID', report.duplicates],
    ['kills', `${report.consumers.killed}, ${report.consumers.killedAtWork} in mid-invocation`],
    ['invocations', report.consumers.invocations],
    ['receives', `${report.consumers.receives}, ${report.consumers.returned} returned to the queue`],
    ['requests', `${report.requests}, at most ${report.peakRequestsPerSecond} in a second`],
    ['faults', describeCounts(report.faults)],
    ['throughput', describeThroughput(report)],
  ]);

export const rateFigures = (report: RateReport): string =>
  lines([
    ['consumers at once', report.plan.consumers],
    ['rate of the source', `${report.plan.requestsPerSecond} requests/s`],
    ['most leaving in a second', report.peakLeaving],
    [
      'most arriving in a second',
      `${report.peakArriving}, with up to ${report.jitterMs} ms of jitter on the way`,
    ],
    [
      'used of the rate',
      `${percent(report.used)} in the best stretch, ${percent(report.usedOverall)} overall`,
    ],
  ]);

export const freezeFigures = (report: FreezeReport): string =>
  lines([
    ['frozen for', `${report.plan.frozenMs / 1_000} s`],
    ['rate of the source', `${report.plan.requestsPerSecond} requests/s`],
    ['most leaving in a second', `${report.peak}, ${report.peakAfterThaw} after the thaw`],
    ['requests', `${report.requestsBefore} before the thaw, ${report.requestsAfter} after`],
    ['messages returned', report.consumers.returned],
    ['lost or doubled', report.wrong],
    ['dead letters', report.deadLetters],
  ]);

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const describeSent = ({ produced, plan, events }: ChaosReport): string => {
  const { requests, retries, messagesByHand } = produced;
  const perRequest = (events / requests).toFixed(1);
  return `${requests} requests of up to ${plan.maxRequestEvents} events (${perRequest} on average), ${retries} of them again; ${messagesByHand} messages by hand`;
};

const describeThroughput = ({ events, seconds }: ChaosReport): string =>
  `${Math.round(events / seconds)} events/s over ${seconds.toFixed(1)} s, with faults and kills`;

const describeCounts = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

const LABEL_WIDTH = 26;

const lines = (figures: readonly (readonly [label: string, value: string | number])[]): string =>
  figures.map(([label, value]) => `  ${label.padEnd(LABEL_WIDTH)} ${value}`).join('\n');
