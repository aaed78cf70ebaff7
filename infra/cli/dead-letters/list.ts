// `relay dead-letters list`, `show` and `export`: looking, and taking a copy. None of them changes the queue.

import type { FileHandle } from 'node:fs/promises';
import { Failure } from '../failure';
import type { Io } from '../io';
import { duration, fold, layOut, plural } from '../layout';
import { OWNER_ALONE, writeNewFile } from '../new-file';
import { nextCommand } from '../next-command';
import { shellWord } from '../shell-word';
import { type DeadLetterOptions, openDeadLetters } from './context';
import { toLine } from './export-file';
import { isSelective, matches } from './filter';
import type { Letter } from './letter';
import { type LetterGroup, Summary } from './summary';
import { describeSample, type Sample, sample } from './walk';

const NONE_TAKEN: readonly Letter[] = [];

interface Looked extends Sample {
  readonly place: string;
}

/** Hands over each letter that the filters leave. Says so where it has seen a part of them only. */
const forEach = async (
  options: DeadLetterOptions,
  io: Io,
  visit: (letter: Letter) => Promise<void> | void,
): Promise<Looked> => {
  const { deadLetters, target } = await openDeadLetters(options, io);
  const seen = await sample(deadLetters, io.signal, async (letters) => {
    for (const letter of letters) if (matches(letter, options)) await visit(letter);
    return NONE_TAKEN;
  });
  const part = describeSample(seen);
  if (part !== undefined) io.err(part);
  return { ...seen, place: `${deadLetters.name}, ${target.name}` };
};

export const listDeadLetters = async (options: DeadLetterOptions, io: Io): Promise<void> => {
  const summary = new Summary();
  const { looked, whole, place } = await forEach(options, io, (letter) => summary.add(letter));
  if (options.json)
    return io.out(JSON.stringify({ count: summary.count, looked, whole, groups: summary.all().map(toJson) }));
  if (summary.count === 0) {
    return io.out(
      isSelective(options) && looked > 0
        ? `None of ${plural(looked, 'dead letter')} matches (${place}).`
        : `No dead letters (${place}).`,
    );
  }
  io.out(`${plural(summary.count, 'dead letter')} (${place})\n`);
  io.out(layOut(['count', 'reason', 'source', 'oldest', 'sample'], summary.all().map(toRow)));
  io.err(`\nSee them whole:${nextCommand('dead-letters show --reason <reason>', options)}`);
};

const toRow = ({ count, reason, source, workspace, oldestMs, sample }: LetterGroup): string[] => [
  String(count),
  reason,
  [source, workspace].filter((name) => name !== undefined).join('/'),
  duration(Date.now() - oldestMs),
  sample.detail ?? sample.sqsMessageId,
];

const toJson = ({ oldestMs, newestMs, ...group }: LetterGroup) => ({
  ...group,
  oldest: new Date(oldestMs).toISOString(),
  newest: new Date(newestMs).toISOString(),
});

export interface ShowOptions extends DeadLetterOptions {
  readonly limit: number;
}

export const showDeadLetters = async (options: ShowOptions, io: Io): Promise<void> => {
  let shown = 0;
  let matching = 0;
  await forEach(options, io, (letter) => {
    matching += 1;
    if (shown === options.limit) return;
    shown += 1;
    io.out(options.json ? toLine(letter) : describe(letter));
  });
  if (matching === 0) {
    throw new Failure(
      'No dead letter matches.',
      `See what there is:${nextCommand('dead-letters list', options)}`,
    );
  }
  if (matching > shown) io.err(`${shown} of ${matching} shown; --limit shows more.`);
};

const describe = (letter: Letter): string =>
  [
    `${letter.sqsMessageId}  ${letter.reason}`,
    `  detail     ${letter.detail ?? 'none'}`,
    `  source     ${letter.source ?? 'none named'}`,
    `  messageId  ${letter.messageId ?? 'none'}`,
    `  failed     ${new Date(letter.failedAtMs).toISOString()}`,
    `  body       ${letter.body}`,
    '',
  ].join('\n');

/** Into a new file, which is whole and on the disk before this is done; `-` is standard output. */
export const exportDeadLetters = async (path: string, options: DeadLetterOptions, io: Io): Promise<void> => {
  if (path === '-') {
    await forEach(options, io, (letter) => io.out(toLine(letter)));
    return;
  }
  let count = 0;
  const fill = async (file: FileHandle): Promise<void> => {
    await forEach(options, io, async (letter) => {
      await file.appendFile(`${toLine(letter)}\n`);
      count += 1;
    });
  };
  await writeNewFile(path, fill, OWNER_ALONE);
  if (options.json) return io.out(JSON.stringify({ exported: count, file: path }));
  io.out(fold(`${plural(count, 'dead letter')} written to ${path}. They are still on the queue.`));
  io.err(`Give them up with:${nextCommand(`dead-letters discard --exported ${shellWord(path)}`, options)}`);
};
