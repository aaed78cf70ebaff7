// Which lines a command is about: the words for it, and whether a line is meant. Every filter that is given must hold.

import { type Command, Option } from 'commander';
import { ENDED, type Ended } from '../../../lib/archive/line';
import { type ParsedSettings, usableSources } from '../../../lib/config/settings';
import { EVENT_TYPES } from '../../../lib/event/event';
import { isObject } from '../../../lib/json/json-object';
import { EVENTS_PREFIX, sourcesIn, type TimeRange } from '../../archive/layout';
import type { ArchiveStore } from '../../archive/store';
import { checkedMoment, momentAt } from '../arguments';
import { usageFailure } from '../failure';
import { isAbout } from '../people';
import type { ScannedLine } from './scan';

export interface RangeOptions {
  readonly from: string;
  readonly to?: string;
  readonly source?: string;
}

export interface SelectionOptions extends RangeOptions {
  readonly type?: string;
  /** Of the event: its `event`, or the name of a page or screen. */
  readonly name?: string;
  readonly person?: string;
  readonly outcome?: Ended;
}

export const inRange = (command: Command): Command =>
  command
    .requiredOption('--from <time>', 'received since: a time, or 2h, 7d ago', checkedMoment)
    .option('--to <time>', 'received before; default: now', checkedMoment)
    .option('--source <name>', 'only of this source; default: of all');

export const selecting = (command: Command): Command =>
  inRange(command)
    .addOption(new Option('--type <type>', 'only events of this type').choices([...EVENT_TYPES]))
    .option('--name <name>', 'only events, pages and screens of this name')
    .option('--person <id>', 'only of this userId, anonymousId or email')
    .addOption(new Option('--outcome <outcome>', 'only what became this').choices([...ENDED]));

export const isSelected = (line: ScannedLine, options: SelectionOptions): boolean =>
  isSame(options.type, line.type) &&
  isSame(options.outcome, line.outcome) &&
  isSame(options.name, nameOf(line.event)) &&
  (options.person === undefined || isAbout(line.event, options.person));

const isSame = (wanted: string | undefined, value: string | undefined): boolean =>
  wanted === undefined || wanted === value;

/** As Customer.io has it: blanks around a name are no part of it. */
export const nameOf = (event: unknown): string | undefined => {
  if (!isObject(event)) return undefined;
  const name = event['event'] ?? event['name'];
  return typeof name === 'string' ? name.trim() : undefined;
};

/** @param nowMs when the command was first given. @throws Failure for a range without an hour in it. */
export const rangeOf = ({ from, to }: Pick<RangeOptions, 'from' | 'to'>, nowMs: number): TimeRange => {
  const fromMs = Math.max(0, momentAt(from, nowMs) ?? nowMs);
  const untilMs = Math.min(nowMs, (to === undefined ? undefined : momentAt(to, nowMs)) ?? nowMs);
  if (fromMs < untilMs) return { fromMs, untilMs };
  throw usageFailure(
    '--from is not before --to, or not in the past.',
    'Give a time that is: --from 7d --to 2d.',
  );
};

/**
 * The names of the one that is given, or of all: the settings may have lost one since, or be unable to use it.
 *
 * @throws Failure for one that neither the settings nor the archive knows.
 */
export const sourcesFor = async (
  settings: ParsedSettings,
  source: string | undefined,
  store: ArchiveStore,
): Promise<string[]> => {
  const archived = sourcesIn(await store.folders(EVENTS_PREFIX));
  const names = [...new Set([...usableSources(settings).map(({ name }) => name), ...archived])];
  if (source === undefined) return names;
  if (names.includes(source)) return [source];
  throw usageFailure(
    `No source "${source}" is in the settings, nor in ${store.name}.`,
    `Choose with --source: ${names.join(', ')}.`,
  );
};
