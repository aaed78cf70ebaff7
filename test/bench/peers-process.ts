// The measuring process of peers.bench.ts, which bundles it and gives it the folder with Segment's packages, or nothing. Each
// path goes from the events' JSON to the body of a request, in turn with the floor.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { takeApart } from '../../lib/delivery/event-in-flight';
import { pack } from '../../lib/delivery/pack';
import { customerIoConnector } from '../../lib/destinations/customerio/destination';
import { readMessage } from '../../lib/queue/message';
import { corpusOf } from '../support/corpus';
import { parseSources } from '../support/sources';
import { recordOf } from '../support/sqs-record';
import { printResult, quiet } from './measure';

const EVENTS = 2_000;
const ROUNDS = 10;
const EVENTS_PER_MESSAGE = 40;
const LIMITS = { maxBatchBytes: 500_000, envelopeBytes: 12, maxItems: Infinity };

type Path = () => unknown;

const LINES = corpusOf(EVENTS).map((event) => JSON.stringify(event));

const inChunks = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );

const floor: Path = () => LINES.map((line) => JSON.stringify(JSON.parse(line)).length);

const relayPath = (): Path => {
  const sources = parseSources(JSON.stringify([{ name: 'bench', writeKey: 'w', siteId: 's', apiKey: 'k' }]));
  const records = inChunks(LINES, EVENTS_PER_MESSAGE).map((lines, index) =>
    recordOf({ messageId: `m${index}`, body: `[${lines.join()}]` }),
  );
  const { prepare } = customerIoConnector(1);
  return () =>
    pack(
      records
        .flatMap((record) => takeApart(readMessage(record), sources, prepare))
        .flatMap(({ items }) => items),
      LIMITS,
    );
};

/** The parts of Segment's packages that are used here. */
interface SegmentCore {
  readonly Destination: new (definition: object) => Destination;
}
interface Destination {
  onBatch(events: readonly unknown[], settings: object): Promise<unknown>;
  onEvent(event: unknown, settings: object): Promise<unknown>;
}
interface Definition {
  readonly presets: readonly { readonly type: string; readonly mapping: object }[];
}
interface Fetch {
  readonly Headers: unknown;
  readonly Request: unknown;
  readonly Response: new (body: string, init: object) => unknown;
}

/** How many requests Segment's packages have made; nothing of them leaves this process. */
let requests = 0;

/** Before anything of theirs is loaded: it takes its own copy of `fetch`. */
const answerInProcess = (load: NodeJS.Require): void => {
  const original = load('cross-fetch') as Fetch;
  const { Headers, Request, Response } = original;
  const answer = async (): Promise<unknown> => {
    requests += 1;
    return new Response('{}', { status: 200, headers: { 'content-type': 'application/json' } });
  };
  const module = load.cache[load.resolve('cross-fetch')];
  if (module === undefined) throw new Error('cross-fetch was not loaded, and must not be used.');
  module.exports = Object.assign(answer, { fetch: answer, default: answer, Headers, Request, Response });
};

const segmentPaths = (folder: string): [name: string, path: Path][] => {
  const load = createRequire(join(folder, 'package.json'));
  answerInProcess(load);
  const { Destination } = load('@segment/actions-core') as SegmentCore;
  const { default: definition } = load('@segment/action-destinations/dist/destinations/customerio') as {
    default: Definition;
  };
  const subscriptions = definition.presets
    .filter(({ type }) => type === 'automatic')
    .map((preset) => ({ ...preset, enabled: true, mapping: { ...preset.mapping, enable_batching: true } }));
  const settings = { siteId: 's', apiKey: 'k', subscriptions };
  // A new one each time: it keeps every response.
  const batched =
    (size: number): Path =>
    async () => {
      const destination = new Destination(definition);
      for (const lines of inChunks(LINES, size))
        await destination.onBatch(
          lines.map((line) => JSON.parse(line)),
          settings,
        );
    };
  const single: Path = async () => {
    const destination = new Destination(definition);
    for (const line of LINES) await destination.onEvent(JSON.parse(line), settings);
  };
  return [
    ['Segment action-destinations, batches of 50', batched(50)],
    ['Segment action-destinations, batches of 100', batched(100)],
    ['Segment, one event at a time', single],
  ];
};

const cpuOf = async (path: Path): Promise<number> => {
  const before = process.cpuUsage();
  await path();
  const { user, system } = process.cpuUsage(before);
  return user + system;
};

const main = async (folder: string | undefined): Promise<void> => {
  const paths: [name: string, path: Path][] = [
    ['cio-relay', relayPath()],
    ...(folder === undefined ? [] : segmentPaths(folder)),
  ];
  const made = new Map<string, number>();
  for (const [name, path] of paths) {
    requests = 0;
    await path();
    made.set(name, requests);
  }
  for (const [name, count] of made) {
    if (name.startsWith('Segment') && count === 0)
      throw new Error(`${name} made no request: nothing was measured.`);
  }
  const times = new Map<string, number[]>([
    ['floor', []],
    ...paths.map(([name]): [string, number[]] => [name, []]),
  ]);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, path] of [['floor', floor] as const, ...paths])
      times.get(name)?.push(await cpuOf(path));
  }
  const quietOf = (name: string): number => quiet(times.get(name) ?? []);
  for (const [name] of paths) printResult({ name, ratio: quietOf('floor') / quietOf(name) });
};

void main(process.argv[2]);
