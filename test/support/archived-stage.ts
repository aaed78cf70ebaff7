// A stage with an archive: the real consumer, Firehose's stand-in before it, and the bucket in the S3 of the in-process
// emulator, with gzip'd objects as Firehose makes them.

import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { partitionOf } from '../../infra/archive/layout';
import { textOf } from '../../infra/archive/read';
import { s3Store } from '../../infra/archive/s3-store';
import type { ArchiveStore } from '../../infra/archive/store';
import { type StandIn, startStandIn, useStandIn } from './archive-stand-in';
import { deliverAll } from './deliver-queue';
import { type Stage, startStage } from './relay-cli';

const BUCKET = 'archive-of-test';
const DAY_MS = 86_400_000;

export interface ArchivedStage {
  readonly stage: Stage;
  readonly standIn: StandIn;
  readonly store: ArchiveStore;
  /** For a process of its own. */
  readonly env: Readonly<Record<string, string>>;
  /** Puts the events on the queue, a message for each forty, and delivers all. */
  deliver(events: readonly object[], sources: readonly object[], giveUpMs?: number): Promise<void>;
  /** All text of all objects. */
  everything(): Promise<string>;
  stop(): Promise<void>;
}

/** The consumer's client of Firehose is made once in a process, and keeps its address. */
let shared: Promise<StandIn> | undefined;
let storing: (prefix: string, lines: readonly string[]) => Promise<void> = async () => {};

const sharedStandIn = (): Promise<StandIn> => {
  shared ??= startStandIn((prefix, lines) => storing(prefix, lines));
  return shared;
};

export interface StoredLine {
  readonly messageId: string;
  /** How long ago it was received, in milliseconds; default: a day. */
  readonly ago?: number;
  /** Text is taken as it is. */
  readonly event?: object | string;
  /** As in the archive, where it is not a delivered one of `shop`. */
  readonly [field: string]: unknown;
}

/** Puts a line into an object of its own, without any consumer. */
export const storeLine = async (
  store: ArchiveStore,
  { ago = DAY_MS, event, ...fields }: StoredLine,
): Promise<void> => {
  const at = (ms: number): string => new Date(Date.now() - ago + ms).toISOString();
  const [receivedAt, endedAt] = [at(0), at(500)];
  const line = { receivedAt, endedAt, source: 'shop', outcome: 'delivered', attempts: 1, ...fields };
  const eventText = typeof event === 'string' ? event : JSON.stringify(event);
  const text = JSON.stringify(line);
  const whole = eventText === undefined ? text : `${text.slice(0, -1)},"event":${eventText}}`;
  await store.write(`${partitionOf(line.source, receivedAt)}${fields.messageId}.gz`, gzipSync(`${whole}\n`));
};

/** After the last test of a file. */
export const stopStandIn = async (): Promise<void> => (await shared)?.close();

export const startArchivedStage = async (): Promise<ArchivedStage> => {
  const stage = await startStage();
  const s3 = new S3Client({
    endpoint: stage.sqs.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
  });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const store = s3Store(s3, BUCKET);
  let objects = 0;
  storing = async (prefix, lines) => {
    objects += 1;
    await store.write(
      `${prefix}archive-${String(objects).padStart(6, '0')}.gz`,
      gzipSync(`${lines.join('\n')}\n`),
    );
  };
  const standIn = await sharedStandIn();
  useStandIn(standIn);
  stage.parameters.versions.set('/cio-relay/test/archive', [
    JSON.stringify({ bucket: BUCKET, database: 'cio-relay-test', table: 'archive' }),
  ]);
  process.env['AWS_ENDPOINT_URL_S3'] = stage.sqs.endpoint;
  const env = { ...stage.env, AWS_ENDPOINT_URL_S3: stage.sqs.endpoint };
  return {
    stage,
    standIn,
    store,
    env,
    deliver: async (events, sources) => {
      process.env['ARCHIVE_STREAM'] = 'cio-relay-test-archive';
      for (let from = 0; from < events.length; from += 40) {
        await stage.put('events', JSON.stringify(events.slice(from, from + 40)));
      }
      await deliverAll(stage, sources);
      delete process.env['ARCHIVE_STREAM'];
    },
    everything: async () => {
      const texts: string[] = [];
      for await (const { key } of store.list('')) {
        const content = await store.read(key);
        texts.push(key, content === undefined ? '' : textOf(content));
      }
      return texts.join('\n');
    },
    stop: async () => {
      delete process.env['AWS_ENDPOINT_URL_S3'];
      s3.destroy();
      await stage.stop();
    },
  };
};
