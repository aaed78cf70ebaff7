// The consumer's steps one by one, against `JSON.parse` + `JSON.stringify` of the same events: where the time goes, and
// which step has become slower.

import { takeApart } from '../../lib/delivery/event-in-flight';
import { toJsonBytes } from '../../lib/delivery/json-bytes';
import { pack } from '../../lib/delivery/pack';
import { customerIoConnector } from '../../lib/destinations/customerio/destination';
import { translateByRules } from '../../lib/mapping/translate-by-rules';
import { readEvents, readMessage } from '../../lib/queue/message';
import { corpusOf } from '../support/corpus';
import { parseSources } from '../support/sources';
import { recordOf } from '../support/sqs-record';
import { cpuMicroseconds, quiet, type Result } from './measure';

/** As ingest packs them into 64 KiB messages. */
const EVENTS_PER_MESSAGE = 40;
const LIMITS = { maxBatchBytes: 500_000, envelopeBytes: 12, maxItems: Infinity };

export type Stages = Readonly<Record<string, () => unknown>>;

const sourceOfBench = () => {
  const sources = parseSources(JSON.stringify([{ name: 'bench', writeKey: 'w', siteId: 's', apiKey: 'k' }]));
  const [source] = sources;
  if (source === undefined) throw new Error('The settings of the bench have no source.');
  return { source, sources };
};

/** Each takes all the events; `floor` is the yardstick. */
export const stagesOf = (count: number): Stages => {
  const events = corpusOf(count);
  const { source, sources } = sourceOfBench();
  const lines = events.map((event) => JSON.stringify(event));
  const messages = Array.from({ length: Math.ceil(count / EVENTS_PER_MESSAGE) }, (_, index) => {
    const body = events.slice(index * EVENTS_PER_MESSAGE, (index + 1) * EVENTS_PER_MESSAGE);
    return readMessage(recordOf({ messageId: `m${index}`, body }));
  });
  const queued = messages.flatMap((message) => readEvents(message));
  const { prepare } = customerIoConnector(1);
  const operations = queued.flatMap(({ event }) => {
    const translation = translateByRules(event, source);
    if (translation.outcome !== 'operations') throw new Error('An event of the corpus was not translated.');
    return translation.parts.flatMap((part) => (part.outcome === 'operations' ? part.operations : []));
  });
  const items = messages
    .flatMap((message) => takeApart(message, sources, prepare))
    .flatMap((one) => one.items);
  return {
    floor: () => lines.map((line) => JSON.stringify(JSON.parse(line)).length),
    reading: () => messages.map((message) => readEvents(message).length),
    translate: () => queued.map(({ event }) => translateByRules(event, source).outcome),
    writing: () => operations.map((operation) => toJsonBytes(JSON.stringify(operation)).length),
    packing: () => pack(items, LIMITS),
  };
};

/** Of each stage, how many times as fast as the floor it is: the quiet rounds of stages that took turns. */
export const ratiosOf = (stages: Stages, rounds: number): Result[] => {
  const names = Object.keys(stages);
  const times = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, stage] of Object.entries(stages)) times.get(name)?.push(cpuMicroseconds(stage));
  }
  const quietOf = (name: string): number => quiet(times.get(name) ?? []);
  return names
    .filter((name) => name !== 'floor')
    .map((name) => ({ name, ratio: quietOf('floor') / quietOf(name) }));
};
