// `relay console`: the console's page for a stage on AWS, on this machine, with the caller's own credentials. It runs
// until Ctrl-C, and changes nothing unless it is told that it may.

import { once } from 'node:events';
import { resolve } from 'node:path';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { type Command, InvalidArgumentError } from 'commander';
import { awsBackend } from '../console/aws/aws-backend';
import { startConsole } from '../console/server/start-console';
import { readPorts, sandboxUrl } from '../local/addresses';
import { openPage } from '../local/open-page';
import { findStageArchive } from './archive/open-archive';
import { usageFailure } from './failure';
import type { Io } from './io';
import { openTarget, QUEUES, type TargetOptions } from './target';
import { describeCommand, optionsOf } from './words';

interface ConsoleOptions extends TargetOptions {
  readonly port: number;
  readonly write?: boolean;
  readonly open?: boolean;
  readonly discarded: string;
  readonly json?: boolean;
}

export const addConsole = (program: Command, io: Io): void => {
  describeCommand(program.command('console'), {
    summary: 'the pipeline, the archive and the dead letters of a stage, as a page',
    description:
      'Serves the console for a stage on AWS: the pipeline from CloudWatch, what became of an event or a person from the archive, the dead letters from SQS, and the mapping to try. It listens on this machine alone, at an address with a secret in it, and only reads unless --write is given.',
    examples: ['relay console --stage prod --open', 'relay console --stage prod --write'],
  })
    .option('--write', 'let the page send dead letters again and discard them')
    .option('--open', 'open the page in the browser')
    .option('--port <port>', 'where it listens; default: any that is free', parsePort, 0)
    .option('--discarded <folder>', 'where what is discarded is kept', 'discarded')
    .action((_, command: Command) => runConsole(optionsOf<ConsoleOptions>(command), io));
};

const runConsole = async (options: ConsoleOptions, io: Io): Promise<void> => {
  const { stage, port } = options;
  if (stage === undefined || stage === 'local') return pointToLocal(options, io);
  const target = await openTarget(options, io);
  const { sqs } = await target.queue(QUEUES.events);
  const cloudWatch = new CloudWatchClient({ region: await sqs.config.region() });
  const discardFolder = options.write ? resolve(options.discarded, stage) : undefined;
  const backend = await awsBackend({
    ...{ target, stage, cloudWatch, discardFolder, signal: io.signal },
    openArchive: () => findStageArchive(stage, io.env),
  });
  const { url, close } = await startConsole(backend, port).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error;
    throw usageFailure(`Port ${port} cannot be listened on (${error.code}).`, 'Choose another, or none.');
  });
  show(url, options, io);
  io.err(
    `${target.name}, ${options.write ? 'dead letters may be changed' : 'read-only'}. Whoever has the address may use it; Ctrl-C ends it.`,
  );
  if (!io.signal.aborted) await once(io.signal, 'abort');
  await close();
  cloudWatch.destroy();
};

const parsePort = (text: string): number => {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('Give a port from 1 to 65535.');
};

/** The local stack serves its own page. */
const pointToLocal = async (options: ConsoleOptions, io: Io): Promise<void> => {
  await openTarget(options, io);
  if (options.write) {
    throw usageFailure('The console of the local stack always may write.', 'Leave --write out.');
  }
  show(`${sandboxUrl(readPorts(io.env))}/`, options, io);
};

const show = (url: string, { json, open }: ConsoleOptions, io: Io): void => {
  io.out(json ? JSON.stringify({ url }) : url);
  if (open) openPage(url);
};
