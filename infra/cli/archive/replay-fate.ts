// What a replay makes of an archived event: whether it is sent, where to, and why not. It asks the settings of now, as
// the consumer will: what they skip or refuse need not be sent.

import type { ParsedSettings } from '../../../lib/config/settings';
import { usableWorkspaces } from '../../../lib/config/settings';
import { labelOf, type Source } from '../../../lib/config/source';
import { prepareForCustomerIo } from '../../../lib/destinations/customerio/prepare';
import { EVENT_TYPES } from '../../../lib/event/event';
import { clientTime } from '../../../lib/event/event-time';
import { parseTime } from '../../../lib/event/parse-time';
import { isObject } from '../../../lib/json/json-object';
import { textOfChanged } from '../../../lib/json/text-of-changed';
import { asArchived } from '../../../lib/rules/as-archived';
import { usageFailure } from '../failure';
import { startsCampaigns } from '../import/to-events';
import { digestOf, EventMarks } from './event-marks';
import type { Forgotten } from './forgotten';
import type { Gone } from './gone';
import type { ScannedLine } from './scan';
import { isSelected, type SelectionOptions } from './selection';

export interface ReplayRules {
  readonly selection: SelectionOptions;
  readonly settings: ParsedSettings;
  /** One destination of the sources; undefined: each event goes where it went. */
  readonly toWorkspace: string | undefined;
  readonly forgotten: Forgotten;
  readonly gone: Gone;
  readonly allowCampaigns: boolean;
  /** When the replay began. */
  readonly startedAtMs: number;
}

interface SentFate {
  readonly kind: 'sent';
  readonly source: Source;
  readonly text: string;
  /** The same for every line of the event that goes to this workspace. */
  readonly identity: string;
  readonly isAlreadyThere: boolean;
}

export type Fate =
  | { readonly kind: 'not_meant' }
  | SentFate
  /** Another line of an event that is sent. `isAlreadyThere` when this line is the first to say so. */
  | { readonly kind: 'repeated'; readonly isAlreadyThere: boolean }
  /** `why` is for people. */
  | { readonly kind: 'kept_back'; readonly why: string };

const NOT_MEANT: Fate = { kind: 'not_meant' };

const keptBack = (why: string): Fate => ({ kind: 'kept_back', why });

const fateOf = (line: ScannedLine, rules: ReplayRules): Fate => {
  if (!isSelected(line, rules.selection)) return NOT_MEANT;
  if (line.eventLeftOut === 'consent_refused' || line.reason === 'consent_refused')
    return keptBack('refused consent');
  if (line.eventText === undefined) return keptBack('no event in the archive');
  if (line.eventChanged) return keptBack('mentions somebody forgotten');
  const source = sourceOf(line, rules);
  if (source === undefined) return keptBack(whyNowhere(line, rules));
  return fateIn(source, line, line.eventText, rules);
};

/** What is known of an event that is to be sent, as bits of its mark. */
const MET = 1;
const SENT = 2;
const ALREADY_THERE = 4;

/**
 * Of all readings of the archive by one replay. An event has several lines where several workspaces had it, and where
 * a replay, a retry of its dead letter or an import sent it again: it goes to a workspace once, by the first of them.
 */
export class Fates {
  private readonly marks = new EventMarks();

  constructor(private readonly rules: ReplayRules) {}

  /** Of a line that an earlier run of the same replay has passed: what was sent then is not sent again. */
  notePassed(line: ScannedLine): void {
    const fate = fateOf(line, this.rules);
    if (fate.kind === 'sent') this.mark(digestOf(fate.identity), fate, MET | SENT);
  }

  /** Before anything is sent. */
  plan(line: ScannedLine): Fate {
    const fate = fateOf(line, this.rules);
    if (fate.kind !== 'sent') return fate;
    const before = this.mark(digestOf(fate.identity), fate, MET);
    if (before === 0) return fate;
    const isNews = fate.isAlreadyThere && (before & (SENT | ALREADY_THERE)) === 0;
    return { kind: 'repeated', isAlreadyThere: isNews };
  }

  /** Of a line that was planned. */
  send(line: ScannedLine): Fate {
    const fate = fateOf(line, this.rules);
    if (fate.kind !== 'sent') return fate;
    const before = this.mark(digestOf(fate.identity), fate, MET | SENT);
    return (before & SENT) === 0 ? fate : { kind: 'repeated', isAlreadyThere: false };
  }

  /** @returns the mark before. */
  private mark(event: bigint, { isAlreadyThere }: Pick<SentFate, 'isAlreadyThere'>, bits: number): number {
    const before = this.marks.of(event);
    this.marks.set(event, before | bits | (isAlreadyThere ? ALREADY_THERE : 0));
    return before;
  }
}

const fateIn = (source: Source, line: ScannedLine, text: string, rules: ReplayRules): Fate => {
  const { event } = line;
  if (rules.forgotten.has(event)) return keptBack('forgotten since');
  if (rules.gone.has(line, source.siteId)) return keptBack('deleted since');
  if (!rules.allowCampaigns && isYoung(event, rules.startedAtMs)) return keptBack('younger than 72 hours');
  const prepared = prepareForCustomerIo(event, source);
  if (prepared.kind !== 'items') return keptBack(`${prepared.kind}: ${prepared.reason}`);
  const isAlreadyThere = line.outcome === 'delivered' && line.workspace === source.workspace;
  return { kind: 'sent', source, text, identity: identityOf(source, event, text), isAlreadyThere };
};

/**
 * An event is what is sent of it by the settings of now: privacy may have taken less from it the first time. When it
 * was received is no part of it, for a sender that got no answer sends it again; where its time depends on that, the
 * time is.
 */
const identityOf = (source: Source, event: unknown, text: string): string => {
  const kept = asArchived(event, source);
  const said = isObject(kept) ? { ...kept, receivedAt: undefined } : kept;
  return JSON.stringify([source.name, source.workspace, textOfChanged(text, event, said)]);
};

const sourceOf = (line: ScannedLine, { settings, toWorkspace }: ReplayRules): Source | undefined =>
  usableWorkspaces(settings).find(
    ({ name, workspace }) => name === line.source && workspace === (toWorkspace ?? line.workspace),
  );

const GONE = { source: 'no such source any more', workspace: 'no such workspace any more' } as const;

const whyNowhere = ({ source }: ScannedLine, { settings }: ReplayRules): string =>
  usableWorkspaces(settings).some(({ name }) => name === source) ? GONE.workspace : GONE.source;

/** What to do about events that have nowhere to go. */
export const waysOut = (
  keptBack: Readonly<Record<string, number>>,
  { settings, toWorkspace }: ReplayRules,
  sources: readonly string[],
): string[] => {
  const all = usableWorkspaces(settings).filter(({ name }) => sources.includes(name));
  const names = [...new Set(all.flatMap(({ workspace }) => workspace ?? []))];
  const other = `go to another of the same source with --to-workspace: ${names.join(', ')}`;
  const again = 'go once the settings have it again, among the `destinations` of its source';
  return [
    ...(keptBack[GONE.workspace] === undefined || toWorkspace !== undefined
      ? []
      : [`Of a workspace that is gone they ${names.length > 0 ? other : again}.`]),
    ...(keptBack[GONE.source] === undefined
      ? []
      : ['Of a source that is gone they go once the settings have a source of that name again.']),
  ];
};

const isYoung = (event: unknown, nowMs: number): boolean => {
  if (!isObject(event)) return false;
  const type = EVENT_TYPES.find((known) => known === event['type']);
  const said = clientTime(event) ?? event['receivedAt'];
  return type !== undefined && startsCampaigns(type, parseTime(said), nowMs);
};

/** @throws Failure when none of the sources has a destination of that name. */
export const requireWorkspace = (
  settings: ParsedSettings,
  sources: readonly string[],
  wanted?: string,
): void => {
  if (wanted === undefined) return;
  const all = usableWorkspaces(settings).filter(({ name }) => sources.includes(name));
  if (all.some(({ workspace }) => workspace === wanted)) return;
  const known = all.filter(({ workspace }) => workspace !== undefined).map(labelOf);
  throw usageFailure(
    `No source has a workspace "${wanted}".`,
    known.length === 0
      ? 'Give the source `destinations` first: README, Several workspaces.'
      : `There are: ${known.join(', ')}.`,
  );
};
