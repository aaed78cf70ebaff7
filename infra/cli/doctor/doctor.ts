// `relay doctor`: whether a stage can work, and what to do where it cannot. Each finding is one thing that was looked
// at; it changes nothing, but for two events that --send leaves.

import type { Command } from 'commander';
import { usableSources } from '../../../lib/config/settings';
import { type AwsStage, stackOutputs } from '../aws-stage';
import { Failure } from '../failure';
import type { Io } from '../io';
import { fold, plural } from '../layout';
import { openTarget, type Target, type TargetOptions } from '../target';
import { describeCommand, optionsOf } from '../words';
import { type Finding, lookAt, onceEach } from './finding';
import { lookAtActivity } from './look-at-activity';
import { lookAtAlarms } from './look-at-alarms';
import { lookAtArchive } from './look-at-archive';
import { lookAtEndpoint, tryEndpoint } from './look-at-endpoint';
import { lookAtFunctions, lookAtTriggers } from './look-at-functions';
import { lookAtLogs } from './look-at-logs';
import { lookAtQueues } from './look-at-queues';
import { lookAtSettings } from './look-at-settings';
import { lookAtWorkspaces } from './look-at-workspaces';

interface DoctorOptions extends TargetOptions {
  readonly send?: boolean;
  readonly endpoint?: string;
  readonly json?: boolean;
}

export const addDoctor = (program: Command, io: Io): void => {
  describeCommand(program.command('doctor'), {
    summary: 'whether a stage can work, and the remedy where not',
    description:
      'Looks at the settings and their size, the keys and region of each workspace, the clock and the rate, message activity, the queues, the HTTP API, and on AWS at functions, logs, alarms and the archive. With --send also at what the API says to a plain, a gzip and an oversized request.',
    examples: ['relay doctor', 'relay doctor --stage prod', 'relay doctor --stage prod --send'],
  })
    .option('--send', 'try the HTTP API: a person `relay-doctor` gets two events')
    .option('--endpoint <url>', 'of the HTTP API; default: what the stack says')
    .action((_, command: Command) => doctor(optionsOf<DoctorOptions>(command), io));
};

const doctor = async (options: DoctorOptions, io: Io): Promise<void> => {
  const target = await openTarget(options, io);
  const findings = await lookAtAll(target, options, io);
  const told = onceEach(findings);
  if (options.json) io.out(JSON.stringify({ findings }));
  else for (const finding of told) io.out(describe(finding, io));
  const toMend = told.filter(({ state }) => state === 'bad').length;
  if (toMend === 0) return;
  throw new Failure(
    `${plural(toMend, 'thing')} of ${target.name} to mend.`,
    'The remedies stand beside them.',
  );
};

const lookAtAll = async (target: Target, options: DoctorOptions, io: Pick<Io, 'env'>): Promise<Finding[]> => {
  const { parsed, findings } = await lookAtSettings(target);
  const [source] = parsed === undefined ? [] : usableSources(parsed);
  const looks = [
    parsed === undefined ? [] : lookAtWorkspaces(parsed, { stage: target.stage?.name }),
    parsed === undefined ? [] : lookAtActivity(parsed),
    lookAtQueues(target),
    ...(target.stage === undefined ? [] : lookAtAws(target.stage, target)),
    target.stage === undefined || parsed === undefined ? [] : lookAtArchive(target.stage, parsed, io),
    lookAt('HTTP API', async () => {
      const url = (options.endpoint ?? (await target.endpoint())).replace(/\/+$/, '');
      const tried = options.send && source !== undefined ? await tryEndpoint(url, source) : [];
      return [...(await lookAtEndpoint(url)), ...tried];
    }),
  ];
  return [...findings, ...(await Promise.all(looks)).flat()];
};

const lookAtAws = (stage: AwsStage, target: Target): Promise<readonly Finding[]>[] => [
  stackOutputs(stage)
    .catch(() => new Map<string, string>())
    .then((outputs) => lookAtFunctions(stage, outputs.get('Release'))),
  lookAtTriggers(stage, target),
  lookAtLogs(stage),
  lookAtAlarms(stage),
];

const MARKS = { good: 'ok  ', warning: 'look', bad: 'BAD ' } as const;
const COLORS = { good: 'green', warning: 'yellow', bad: 'red' } as const;
const INDENT = ' '.repeat(6);

const describe = (finding: Finding, io: Io): string => {
  const { state, about, what } = finding;
  const lines = [fold(`${MARKS[state]}  ${about}: ${what}`, INDENT)];
  if (finding.state !== 'good') {
    const remedy = finding.remedy.replaceAll('\n', `\n${INDENT}`);
    lines.push(fold(`${INDENT}→ ${remedy}`, `${INDENT}  `));
  }
  return lines.join('\n').replace(MARKS[state], io.paint(COLORS[state], MARKS[state]));
};
