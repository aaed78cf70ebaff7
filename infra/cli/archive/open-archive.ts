// Where the archive of the local stack or of a stage is. A stage says it in a parameter of its own, which the stack
// writes; a copy of an archive can be named outright.

import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AthenaClient } from '@aws-sdk/client-athena';
import { S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { isObject } from '../../../lib/json/json-object';
import { parseJson } from '../../../lib/json/parse-json';
import { folderStore } from '../../archive/folder-store';
import { ERRORS_PREFIX, EVENTS_PREFIX, FORGOTTEN_PREFIX } from '../../archive/layout';
import { s3Store } from '../../archive/s3-store';
import type { ArchiveStore } from '../../archive/store';
import { readPorts } from '../../local/addresses';
import { archiveFolder } from '../../local/archive-folder';
import { Failure, usageFailure } from '../failure';
import type { Io } from '../io';
import type { TargetOptions } from '../target';
import { explained } from './explained-store';

export interface ArchiveOptions extends TargetOptions {
  /** `s3://<bucket>` or a folder, instead of the target's own. */
  readonly archive?: string;
}

const ROOT = resolve(__dirname, '../../..');

/** A table that Athena can ask. */
export interface ArchiveTable {
  readonly athena: AthenaClient;
  readonly database: string;
  readonly table: string;
  readonly bucket: string;
}

export interface OpenArchive {
  readonly store: ArchiveStore;
  readonly table: ArchiveTable | undefined;
  /** Data of the local stack; undefined on AWS. */
  readonly localDataDir: string | undefined;
}

export const openArchive = async (
  options: ArchiveOptions,
  { env }: Pick<Io, 'env'>,
): Promise<OpenArchive> => {
  const { archive, stage } = options;
  if (archive !== undefined) {
    const store = storeAt(archive, env);
    await requireArchive(store);
    return { store, table: undefined, localDataDir: undefined };
  }
  if (stage !== undefined && stage !== 'local') return openStageArchive(stage, env);
  const dataDir = env['LOCAL_DATA_DIR'] || join(ROOT, '.local', String(readPorts(env).SQS_PORT));
  return { store: folderStore(archiveFolder(dataDir)), table: undefined, localDataDir: dataDir };
};

const storeAt = (place: string, env: Io['env']): ArchiveStore => {
  const [, bucket] = /^s3:\/\/([^/]+)\/?$/.exec(place) ?? [];
  if (bucket !== undefined) return explained(s3Store(s3ClientFor(env), bucket));
  // Of a name that is mistyped nobody could be forgotten, and there would be a report of it.
  const found = statSync(place, { throwIfNoEntry: false });
  if (found?.isDirectory()) return folderStore(place);
  throw usageFailure(
    found === undefined ? `There is no folder ${place}.` : `${place} is no folder.`,
    'Give s3://<bucket>, or a folder.',
  );
};

/** Of another folder than was meant nobody would be forgotten either. */
const requireArchive = async (store: ArchiveStore): Promise<void> => {
  for (const prefix of [EVENTS_PREFIX, ERRORS_PREFIX, FORGOTTEN_PREFIX])
    for await (const _ of store.list(prefix)) return;
  throw usageFailure(
    `${store.name} is no archive: there is no ${EVENTS_PREFIX} in it.`,
    'Give the folder or the bucket that has one.',
  );
};

/** A stand-in has no host for each bucket. */
const s3ClientFor = (env: Io['env']): S3Client =>
  new S3Client({ ...regionOf(env), forcePathStyle: Boolean(env['AWS_ENDPOINT_URL_S3']) });

const regionOf = (env: Io['env']): { region?: string } => {
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'];
  return region === undefined ? {} : { region };
};

const openStageArchive = async (stage: string, env: Io['env']): Promise<OpenArchive> => {
  const archive = await findStageArchive(stage, env);
  if (archive !== undefined) return archive;
  throw new Failure(
    `The stage ${stage} has no archive.`,
    'Deploy it with --param=archive=on: docs/archive.md. Of one that was kept, name the bucket: --archive s3://….',
  );
};

/** Undefined where the stage has none. */
export const findStageArchive = async (stage: string, env: Io['env']): Promise<OpenArchive | undefined> => {
  const place = await findPlace(stage, env);
  if (place === undefined) return undefined;
  const { bucket, database, table } = place;
  return {
    store: explained(s3Store(s3ClientFor(env), bucket)),
    table: { athena: new AthenaClient(regionOf(env)), database, table, bucket },
    localDataDir: undefined,
  };
};

interface Place {
  readonly bucket: string;
  readonly database: string;
  readonly table: string;
}

/** Where the archive of a stage is; undefined where it has none. */
export const findPlace = async (stage: string, env: Io['env']): Promise<Place | undefined> => {
  const Name = `/cio-relay/${stage}/archive`;
  const { Parameter } = await new SSMClient(regionOf(env))
    .send(new GetParameterCommand({ Name }))
    .catch((error: unknown) => {
      if (error instanceof Error && error.name === 'ParameterNotFound') return { Parameter: undefined };
      throw error;
    });
  const place = parseJson(Parameter?.Value ?? '');
  if (isObject(place)) {
    const { bucket, database, table } = place;
    if (typeof bucket === 'string' && typeof database === 'string' && typeof table === 'string')
      return { bucket, database, table };
  }
  return undefined;
};
