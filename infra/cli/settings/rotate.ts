// `relay settings rotate`: a new write key for a source, while the old one still works. A source has one key: until
// everybody has the new one, a second source of the same workspace has the old.

import { randomBytes } from 'node:crypto';
import { isObject, type JsonObject } from '../../../lib/json/json-object';
import { toFailure, usageFailure } from '../failure';
import type { Io } from '../io';
import { duration, layOut, plural } from '../layout';
import { nextCommand, type Place } from '../next-command';
import { shellWord } from '../shell-word';
import { openTarget, type Target } from '../target';
import { type Count, type KeyUsage, usageOf } from './key-usage';
import { requireSound, type SettingsOptions, store, tellStored } from './store-settings';

export interface RotateOptions extends SettingsOptions {
  readonly status?: boolean;
  readonly finish?: boolean;
}

/** The name under which the old key goes on. */
const retiringName = (name: string): string => `${name}-retiring`;

export const rotate = async (name: string, options: RotateOptions, io: Io): Promise<void> => {
  const target = await openTarget(options, io);
  const { text, place } = await target.settingsText();
  requireSound(text, place);
  const parsed: unknown = JSON.parse(text);
  const sources = Array.isArray(parsed) ? parsed.filter(isObject) : [];
  if (options.status) return showStatus(name, { target, text, sources }, options, io);
  if (options.finish) return finishRotation(name, { target, text, sources }, options, io);
  const retiring = retiringName(name);
  if (sources.some((source) => source['name'] === retiring)) {
    throw usageFailure(
      `A write key of ${name} is being rotated.`,
      `End that first:${rotation(name, '--finish', options)}`,
    );
  }
  requireSource(sources, name);
  const writeKey = randomBytes(KEY_BYTES).toString('hex');
  const rotated = sources.flatMap((source) =>
    source['name'] === name
      ? [
          { ...source, writeKey },
          { ...source, name: retiring },
        ]
      : [source],
  );
  const after = JSON.stringify(rotated);
  // A name that is too long with its ending would be left out, and the old key refused at once.
  requireSound(after, 'What the rotation makes of the settings');
  if (!(await store(target, text, after, options, io))) return;
  if (options.json) return io.out(JSON.stringify({ source: name, writeKey, retiring }));
  io.out(`The new write key of ${name}: ${writeKey}`);
  io.err(
    `The old one goes on as the source ${retiring}. Whether it is still used:${rotation(name, '--status', options)}\nWhen it is not:${rotation(name, '--finish', options)}`,
  );
};

const KEY_BYTES = 16;

const rotation = (name: string, option: '' | '--status' | '--finish', place: Place): string =>
  nextCommand(['settings rotate', shellWord(name), option].join(' ').trimEnd(), place);

const requireSource = (sources: readonly JsonObject[], name: string): void => {
  if (sources.some((source) => source['name'] === name)) return;
  const names = sources.map((source) => source['name']).join(', ');
  throw usageFailure(`There is no source ${name}.`, `There are: ${names}.`);
};

interface Stored {
  readonly target: Target;
  readonly text: string;
  readonly sources: readonly JsonObject[];
}

const finishRotation = async (
  name: string,
  { target, text, sources }: Stored,
  options: SettingsOptions,
  io: Io,
): Promise<void> => {
  requireSource(sources, name);
  if (!sources.some((source) => source['name'] === retiringName(name))) {
    throw usageFailure(`No write key of ${name} is being rotated.`, `Begin:${rotation(name, '', options)}`);
  }
  const rest = sources.filter((source) => source['name'] !== retiringName(name));
  const note = `\n${await describeOldKey(target, name)}`;
  if (!(await store(target, text, JSON.stringify(rest), options, io, note))) return;
  tellStored(options, io);
  io.err(
    `Requests with the old key are refused from then on. How many:${rotation(name, '--status', options)}`,
  );
};

/** Says so when the metrics cannot be read: that must not keep anybody from ending a rotation. */
const describeOldKey = async (target: Target, name: string): Promise<string> => {
  try {
    const { received } = await usageOf(target, [retiringName(name)]);
    return `The old key brought ${describeCount(received.get(retiringName(name)), 'event')}.`;
  } catch (error) {
    return `There is no telling whether the old key is still used: ${toFailure(error).message}`;
  }
};

const describeCount = (count: Count | undefined, noun: string): string =>
  count === undefined || count.lastAt === undefined
    ? `no ${noun} in 24 hours`
    : `${plural(count.count, noun)} in 24 hours, the last ${duration(Date.now() - count.lastAt)} ago`;

const showStatus = async (
  name: string,
  { target, sources }: Stored,
  options: RotateOptions,
  io: Io,
): Promise<void> => {
  requireSource(sources, name);
  const retiring = retiringName(name);
  const isRotating = sources.some((source) => source['name'] === retiring);
  const names = isRotating ? [name, retiring] : [name];
  const usage = await usageOf(target, names);
  if (options.json) return io.out(JSON.stringify({ ...usage, received: Object.fromEntries(usage.received) }));
  io.out(tableOf(names, usage));
  io.err(isRotating ? `\n${OLD_WORKS}${rotation(name, '--finish', options)}` : `\n${OLD_REFUSED}`);
};

const OLD_WORKS = 'The old key still works. Once it brings nothing more:';
const OLD_REFUSED =
  'No key is being rotated: an old one is refused, and counted with all other keys that no source has.';

const tableOf = (names: readonly string[], { received, refused }: KeyUsage): string =>
  layOut(
    ['in 24 hours', 'what', 'last', 'from'],
    [
      ...names.map((name, index) => {
        return toRow(received.get(name), index === 0 ? 'events' : 'events by the old key', '');
      }),
      toRow(refused, 'requests refused', refused.clients.join(', ')),
    ],
  );

const toRow = (count: Count | undefined, what: string, from: string): string[] => [
  (count?.count ?? 0).toLocaleString('en'),
  what,
  count?.lastAt === undefined ? '' : `${duration(Date.now() - count.lastAt)} ago`,
  from,
];
