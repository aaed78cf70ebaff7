// The settings of this deployment, kept in the process. What cannot be read or used never takes the place of what
// could: the last good settings stay in force. Whoever misses something in them has them read again, which
// costs the whole process one read in a few seconds, however many ask and whatever they ask for.

import { SettingsError } from '../errors';
import { emitMetrics, logger } from '../observability';
import { awsRegion, type Environment, inlineSources, sourcesParameter } from './environment';
import { type Patience, readParameter } from './parameter-store';
import { describeMistakes, parseSettings } from './parse-settings';
import type { ParsedSettings, Settings } from './settings';

/** How long a warm function keeps settings from the parameter store at most before it reads them again. */
export const SETTINGS_MAX_AGE_SECONDS = 300;
/** Up to this part of it earlier, by chance: sandboxes that started together do not read together for ever. */
export const EARLIER_SHARE = 0.2;
/**
 * How long the store is tried for settings that a function has none of yet, before it must send its callers away. The
 * SDKs that call ingest give up after 8 s at the earliest.
 */
export const AT_FIRST: Patience = { attempts: 12, withinMs: 4_000 };
/** The same where there are settings to go on with. */
const LATER: Patience = { attempts: 2, withinMs: 1_500 };
/** How soon they may be read again when something is missing in them, or their text could not be used. */
export const READ_AGAIN_AFTER_MS = 5_000;
/**
 * How soon it is read again after the parameter store itself has failed, where there are settings to go on with:
 * each try takes its time.
 */
const TRY_AGAIN_AFTER_MS = 30_000;

/**
 * The settings in force where nobody has to be asked for them, which a request then does not wait for; undefined when
 * `loadSettings` must see to it.
 */
export const settingsAtHand = (env?: Environment): Settings | undefined => {
  const inline = inlineSources(env);
  if (inline) return inlineSettings(inline);
  const { parameter, settings, freshUntilMs } = kept;
  return parameter === sourcesParameter(env) && Date.now() < freshUntilMs ? settings : undefined;
};

/**
 * The settings in force, from `SOURCES` or the parameter store. When `isEnough` says that something is missing in
 * them, they are read again first, unless that was done a moment ago; what comes back may still lack it.
 *
 * @throws SettingsError when there are none that can be used, and never have been.
 */
export const loadSettings = async (
  isEnough: (settings: Settings) => boolean = () => true,
  env?: Environment,
): Promise<Settings> => {
  const inline = inlineSources(env);
  if (inline) return inlineSettings(inline);
  const parameter = sourcesParameter(env);
  if (!parameter) throw new SettingsError(NOTHING_SET);
  if (kept.parameter !== parameter) kept = nothingReadOf(parameter, awsRegion(env));
  const settings = await settingsInForce(kept);
  if (isEnough(settings) || isTooSoon(kept)) return settings;
  await readOnce(kept);
  return settingsInForce(kept);
};

const NOTHING_SET =
  'Neither SOURCES nor SOURCES_PARAMETER is set. Set SOURCES to a JSON array of sources, or SOURCES_PARAMETER to the name of the parameter that holds it.';

/** What this process knows of the parameter. */
interface Kept {
  readonly parameter: string;
  /** What a message calls it. */
  readonly place: string;
  /** The last text that could be used, and what it says. */
  text: string | undefined;
  settings: Settings | undefined;
  /** Why the last read gave nothing that can be used; undefined when it did. */
  mistake: SettingsError | undefined;
  /** Until then nobody reads it, however much is missing. */
  readableFromMs: number;
  /** From then on the next who asks reads it. */
  freshUntilMs: number;
  /** The read that is under way, for all who ask meanwhile. */
  reading: Promise<void> | undefined;
  /** What was logged of it last, and until when saying it again would tell nothing. */
  told: string | undefined;
  toldUntilMs: number;
}

const nothingReadOf = (parameter: string, region: string): Kept => ({
  parameter,
  place: `The parameter "${parameter}" in ${region}`,
  text: undefined,
  settings: undefined,
  mistake: undefined,
  readableFromMs: 0,
  freshUntilMs: 0,
  reading: undefined,
  told: undefined,
  toldUntilMs: 0,
});

let kept = nothingReadOf('', '');

const settingsInForce = async (of: Kept): Promise<Settings> => {
  if (Date.now() >= of.freshUntilMs) await readOnce(of);
  if (of.settings !== undefined) return of.settings;
  throw of.mistake ?? new SettingsError(`${of.place} could not be read.`);
};

/** A read that is under way is worth waiting for: it costs nothing more. */
const isTooSoon = ({ readableFromMs, reading }: Kept): boolean =>
  reading === undefined && Date.now() < readableFromMs;

const readOnce = async (of: Kept): Promise<void> => {
  of.reading ??= read(of).finally(() => {
    of.reading = undefined;
  });
  await of.reading;
};

const read = async (of: Kept): Promise<void> => {
  const readAtMs = Date.now();
  const result = await readParameter(of.parameter, of.place, of.settings === undefined ? AT_FIRST : LATER);
  if (result.kind === 'failed') {
    const pauseMs = of.settings === undefined ? READ_AGAIN_AFTER_MS : TRY_AGAIN_AFTER_MS;
    return goOn(of, result.mistake, pauseMs);
  }
  try {
    useText(of, result.text, readAtMs);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    goOn(of, error, READ_AGAIN_AFTER_MS);
  }
};

/** The same text is parsed once: a read that brings nothing new changes nothing. */
const useText = (of: Kept, text: string, readAtMs: number): void => {
  const parsed: ParsedSettings =
    of.settings !== undefined && of.text === text ? of.settings : parseSettings(text, of.place);
  const { entries, mistakes } = parsed;
  of.text = text;
  of.settings = { entries, mistakes, readAtMs, mayBeOutdated: false };
  of.mistake = undefined;
  of.readableFromMs = readAtMs + READ_AGAIN_AFTER_MS;
  of.freshUntilMs = readAtMs + SETTINGS_MAX_AGE_SECONDS * 1_000 * (1 - EARLIER_SHARE * Math.random());
  if (mistakes.length === 0) return;
  emitMetrics(undefined, { SettingsMistakes: mistakes.length });
  tell(of, 'error', LEFT_OUT, describeMistakes(mistakes, of.place));
};

const LEFT_OUT = 'The settings have mistakes; the sources that have them are left out';
const STAY_IN_USE = 'The settings could not be read again; the last ones stay in use';

/**
 * Goes on with the last good settings, where there are any. Where there are none, whoever asks is told, and logs
 * it.
 */
const goOn = (of: Kept, mistake: SettingsError, pauseMs: number): void => {
  of.mistake = mistake;
  of.readableFromMs = Date.now() + pauseMs;
  of.freshUntilMs = of.readableFromMs;
  if (mistake.needsOperator) emitMetrics(undefined, { SettingsMistakes: 1 });
  if (of.settings === undefined) return;
  of.settings = { ...of.settings, mayBeOutdated: true };
  tell(of, mistake.needsOperator ? 'error' : 'warn', STAY_IN_USE, mistake.message);
};

/** Logs the mistake when it is new, and again now and then: a text that cannot be used is read every few seconds. */
const tell = (of: Kept, level: 'error' | 'warn', message: string, mistake: string): void => {
  if (of.told === mistake && Date.now() < of.toldUntilMs) return;
  logger[level](message, { mistake });
  of.told = mistake;
  of.toldUntilMs = Date.now() + SETTINGS_MAX_AGE_SECONDS * 1_000;
};

let lastInline: { readonly text: string; readonly settings: Settings } | undefined;

/** Parses anew only when the text has changed: a warm invocation pays one string comparison. */
const inlineSettings = (text: string): Settings => {
  if (lastInline?.text === text) return lastInline.settings;
  const parsed = parseSettings(text, 'SOURCES');
  lastInline = { text, settings: { ...parsed, readAtMs: Infinity, mayBeOutdated: false } };
  const { mistakes } = parsed;
  if (mistakes.length > 0) {
    emitMetrics(undefined, { SettingsMistakes: mistakes.length });
    logger.error(LEFT_OUT, { mistake: describeMistakes(mistakes, 'SOURCES') });
  }
  return lastInline.settings;
};
