// `relay rules test`: a sample of events through the rules of a source, as the consumer would run them. Nothing is sent.

import type { Source } from '../../../lib/config/source';
import { isObject } from '../../../lib/json/json-object';
import { batchIn } from '../../../lib/queue/batch';
import { EXIT, Failure, usageFailure } from '../failure';
import { type FileRecord, type Input, openInput } from '../import/input';
import type { Io } from '../io';
import { plural } from '../layout';
import type { TargetOptions } from '../target';
import { type SettingsOptions, workspacesToTry } from './rules-source';
import { describeTrial, INVALID_JSON, type Trial, tryEvent, wouldBeDead } from './trial';
import { WorkspaceResult } from './workspace-result';

export interface TestOptions extends TargetOptions, SettingsOptions {
  readonly events?: boolean;
  readonly json?: boolean;
}

export const testRules = async (path: string, options: TestOptions, io: Io): Promise<void> => {
  const results = (await workspacesToTry(options, io)).map((source) => new WorkspaceResult(source));
  let events = 0;
  for await (const sample of samplesIn(await openInput(path, io.stdin), path)) {
    if (io.signal.aborted) throw new Failure('Interrupted.', 'Nothing was sent.', EXIT.interrupted);
    events += 1;
    for (const result of results) {
      const trial = tryOne(sample, result.source);
      result.add(trial, sample.line);
      if (options.events) show(trial, sample.line, result.source, options, io);
    }
  }
  if (events === 0) throw usageFailure(`${path} holds no event.`, 'Write one a line: {"type":"track",…}.');
  report(path, events, results, options, io);
  requireNoneRejected(results);
};

/** `value` is undefined for a line that is no JSON. */
interface Sample {
  readonly line: number;
  readonly index: number;
  readonly value: unknown;
}

async function* samplesIn({ records }: Input, path: string): AsyncGenerator<Sample> {
  for await (const record of records) {
    for (const [index, value] of valuesOf(record, path).entries()) yield { line: record.line, index, value };
  }
}

/** A line may hold several events, as a message of the queue does. */
const valuesOf = (record: FileRecord, path: string): readonly unknown[] => {
  if ('row' in record) {
    throw usageFailure(
      `${path} is no JSON.`,
      'Give events, one a line. CSV is for: npx relay import --dry-run.',
    );
  }
  const value = 'text' in record ? parse(record.text) : record.value;
  return batchIn(value) ?? [value];
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const tryOne = (sample: Sample, source: Source): Trial =>
  sample.value === undefined ? INVALID_JSON : tryEvent(complete(sample), source);

/** What the door or the queue would fill in. */
const complete = ({ value, line, index }: Sample): unknown =>
  isObject(value)
    ? {
        messageId: `line-${line}-${index}`,
        timestamp: value['receivedAt'] ?? new Date().toISOString(),
        ...value,
      }
    : value;

const show = (trial: Trial, line: number, source: Source, { json }: TestOptions, io: Io): void =>
  io.out(json ? trialToJson(trial, line, source) : describeTrial(`Line ${line}`, trial, source));

const trialToJson = (trial: Trial, line: number, { name, workspace }: Source): string => {
  const { fate, detail, steps, operations } = trial;
  return JSON.stringify({ line, source: name, workspace, fate, detail, steps, operations });
};

/** With --json the last line, whatever stands before it. */
const report = (
  file: string,
  events: number,
  results: readonly WorkspaceResult[],
  { json }: TestOptions,
  io: Io,
): void => {
  const summary = { file, events, results: results.map((result) => result.toJson()) };
  const text = [`${file}: ${plural(events, 'event')}`, ...results.map((result) => result.toText())];
  io.out(json ? JSON.stringify(summary) : text.join('\n\n'));
  io.err('Nothing was sent.');
};

const requireNoneRejected = (results: readonly WorkspaceResult[]): void => {
  const rejected = results.reduce((sum, result) => sum + result.rejected, 0);
  if (rejected > 0) throw wouldBeDead(rejected, 'With --events each is shown with what to mend.');
};
