// What a replay makes of an archived event: whether it is sent, where to, and why not. It asks the settings of now, as
// the consumer will: what they skip or refuse need not be sent.

import type { ParsedSettings } from '../../../lib/config/settings';
import { usableWorkspaces } from '../../../lib/config/settings';
import { labelOf, type Source } from '../../../lib/config/source';
import type { Item } from '../../../lib/delivery/connector';
import { prepareForCustomerIo } from '../../../lib/destinations/customerio/prepare';
import { EVENT_TYPES } from '../../../lib/event/event';
import { clientTime } from '../../../lib/event/event-time';
import { parseTime } from '../../../lib/event/parse-time';
import { isObject } from '../../../lib/json/json-object';
import { parseJson } from '../../../lib/json/parse-json';
import { writeDeepJson } from '../../../lib/json/write-json';
import type { RulesSettings } from '../../../lib/rules/rule';
import { withoutPrivate } from '../../../lib/rules/without-private';
import { usageFailure } from '../failure';
import { startsCampaigns } from '../import/to-events';
import { nextCommand, type Place } from '../next-command';
import { digestOf, EventMarks } from './event-marks';
import type { Forgotten } from './forgotten';
import { type Gone, removalIn } from './gone';
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
  readonly identity: Identity;
  readonly isAlreadyThere: boolean;
}

interface KeptBackFate {
  readonly kind: 'kept_back';
  /** For people. */
  readonly why: string;
  /** Undefined where the event is not known. */
  readonly identity: Identity | undefined;
}

/** What is the same for every line of an event, by workspace: where it is to go, and where this line has it. */
interface Identity {
  readonly there: string;
  readonly here: string;
}

export type Fate =
  /** `isAlreadyThere`: this line is the first to say so of an event that is sent. */
  | { readonly kind: 'not_meant'; readonly isAlreadyThere: boolean }
  | SentFate
  /** Another line of an event. `isAlreadyThere` when it is sent, and this line is the first to say so. */
  | { readonly kind: 'repeated'; readonly isAlreadyThere: boolean }
  | KeptBackFate;

const NOT_MEANT: Fate = { kind: 'not_meant', isAlreadyThere: false };
const REPEATED: Fate = { kind: 'repeated', isAlreadyThere: false };

const keptBack = (why: string, identity?: Identity): KeptBackFate => ({ kind: 'kept_back', why, identity });

const DELETED = 'deleted since';
const REMOVAL = 'itself a deletion or suppression';

/** Of a line that is meant. */
const fateOf = (line: ScannedLine, rules: ReplayRules): SentFate | KeptBackFate => {
  if (line.eventLeftOut === 'consent_refused' || line.reason === 'consent_refused')
    return keptBack('refused consent');
  const { eventText: text } = line;
  if (text === undefined) return keptBack('no event in the archive');
  if (line.eventChanged) return keptBack('mentions somebody forgotten');
  const source = sourceOf(line, rules);
  const identity = identityOf(line, source ?? {}, rules.toWorkspace);
  if (source === undefined) return keptBack(whyNowhere(line, rules), identity);
  const why = whyNot(line, source, rules);
  if (why !== undefined) return keptBack(why, identity);
  const isAlreadyThere = line.outcome === 'delivered' && line.workspace === source.workspace;
  return { kind: 'sent', source, text, identity, isAlreadyThere };
};

/** What is known of an event in a workspace, as bits of its mark. */
const MET = 1;
const SENT = 2;
const ALREADY_THERE = 4;
const KEPT_BACK = 8;
const GONE = 16;

/**
 * Of all readings of the archive by one replay. An event has several lines where several workspaces had it, and where
 * a replay, a retry of its dead letter or an import sent it again: it goes to a workspace once, by the first of them.
 */
export class Fates {
  private readonly marks = new EventMarks();
  private isAnyGone = false;

  constructor(private readonly rules: ReplayRules) {}

  /** Of a line that an earlier run of the same replay has passed: what was sent then is not sent again. */
  notePassed(line: ScannedLine): void {
    if (!isSelected(line, this.rules.selection)) return;
    const fate = this.fateOf(line);
    if (fate.kind === 'sent') this.markSent(fate, MET | SENT);
  }

  /** Before anything is sent. */
  plan(line: ScannedLine): Fate {
    const { selection } = this.rules;
    if (!isSelected(line, selection)) return this.planUnselected(line);
    const fate = this.fateOf(line);
    if (fate.kind === 'kept_back') return this.isFirstKeptBack(fate) ? fate : REPEATED;
    const before = this.markSent(fate, MET);
    if ((before & MET) !== 0) return { kind: 'repeated', isAlreadyThere: isNews(fate, before) };
    return { ...fate, isAlreadyThere: fate.isAlreadyThere || (before & ALREADY_THERE) !== 0 };
  }

  /** Of a line that was planned. */
  send(line: ScannedLine): Fate {
    if (!isSelected(line, this.rules.selection)) return NOT_MEANT;
    const fate = this.fateOf(line);
    if (fate.kind === 'kept_back') return fate;
    return (this.markSent(fate, MET | SENT) & SENT) === 0 ? fate : REPEATED;
  }

  /** What became a dead letter may have been delivered later, by a line of an outcome that is not asked for. */
  private planUnselected(line: ScannedLine): Fate {
    const { outcome, ...selection } = this.rules.selection;
    if (outcome === undefined || line.outcome !== 'delivered' || !isSelected(line, selection))
      return NOT_MEANT;
    const fate = this.fateOf(line);
    if (fate.kind === 'kept_back' || !fate.isAlreadyThere) return NOT_MEANT;
    const before = this.markSent(fate, 0);
    return { kind: 'not_meant', isAlreadyThere: (before & MET) !== 0 && isNews(fate, before) };
  }

  /** Of an event that happened before somebody was deleted no other line goes, though it was received after that. */
  private fateOf(line: ScannedLine): SentFate | KeptBackFate {
    const fate = fateOf(line, this.rules);
    const { identity } = fate;
    if (fate.kind === 'sent') {
      const isGone = this.isAnyGone && (this.marks.of(digestOf(fate.identity.here)) & GONE) !== 0;
      return isGone ? keptBack(DELETED, identity) : fate;
    }
    if (fate.why === DELETED && identity !== undefined) {
      this.isAnyGone = true;
      this.mark(identity.here, GONE);
    }
    return fate;
  }

  private isFirstKeptBack({ identity }: KeptBackFate): boolean {
    return identity === undefined || (this.mark(identity.there, KEPT_BACK) & KEPT_BACK) === 0;
  }

  /** @returns the mark before. */
  private markSent({ identity, isAlreadyThere }: SentFate, bits: number): number {
    return this.mark(identity.there, bits | (isAlreadyThere ? ALREADY_THERE : 0));
  }

  /** @returns the mark before. */
  private mark(identity: string, bits: number): number {
    const event = digestOf(identity);
    const before = this.marks.of(event);
    this.marks.set(event, before | bits);
    return before;
  }
}

/** Whether this line is the first to say that the event is there. What was sent is counted no more. */
const isNews = ({ isAlreadyThere }: SentFate, before: number): boolean =>
  isAlreadyThere && (before & (SENT | ALREADY_THERE)) === 0;

/** Why an event is not sent to this workspace; undefined: it is. */
const whyNot = (line: ScannedLine, source: Source, rules: ReplayRules): string | undefined => {
  const { event } = line;
  if (rules.forgotten.has(event)) return 'forgotten since';
  if (rules.gone.has(line, source.siteId)) return DELETED;
  if (!rules.allowCampaigns && isYoung(event, rules.startedAtMs)) return 'younger than 72 hours';
  const prepared = prepareForCustomerIo(event, source);
  if (prepared.kind !== 'items') return `${prepared.kind}: ${prepared.reason}`;
  return prepared.items.some(isRemoval) ? REMOVAL : undefined;
};

/** One that was delivered is done. One that was not would race with what is sent beside it of the same person. */
const isRemoval = ({ isUnordered, json }: Item): boolean =>
  isUnordered === true && removalIn(parseJson(json.toString())) !== undefined;

/**
 * An event is what is sent of it by the settings of now: privacy may have taken less from it the first time. When it
 * was received is no part of it, for a sender that got no answer sends it again; where its time depends on that, the
 * time is. Nor is how a value is spelled.
 */
const identityOf = (
  { source, workspace, event }: ScannedLine,
  settings: RulesSettings,
  toWorkspace: string | undefined,
): Identity => {
  const kept = withoutPrivate(event, settings);
  const said = writeDeepJson(isObject(kept) ? { ...kept, receivedAt: undefined } : kept);
  const inWorkspace = (name: string | undefined): string => JSON.stringify([source, name]) + said;
  return { here: inWorkspace(workspace), there: inWorkspace(toWorkspace ?? workspace) };
};

const sourceOf = (line: ScannedLine, { settings, toWorkspace }: ReplayRules): Source | undefined =>
  usableWorkspaces(settings).find(
    ({ name, workspace }) => name === line.source && workspace === (toWorkspace ?? line.workspace),
  );

const NOWHERE = { source: 'no such source any more', workspace: 'no such workspace any more' } as const;

const whyNowhere = ({ source }: ScannedLine, { settings }: ReplayRules): string =>
  usableWorkspaces(settings).some(({ name }) => name === source) ? NOWHERE.workspace : NOWHERE.source;

/** What to do about events that are kept back. */
export const waysOut = (
  keptBack: Readonly<Record<string, number>>,
  { settings, toWorkspace }: ReplayRules,
  sources: readonly string[],
  place: Place,
): string[] => {
  const all = usableWorkspaces(settings).filter(({ name }) => sources.includes(name));
  const names = [...new Set(all.flatMap(({ workspace }) => workspace ?? []))];
  const other = `go to another of the same source with --to-workspace: ${names.join(', ')}`;
  const again = 'go once the settings have it again, among the `destinations` of its source';
  return [
    ...(keptBack[NOWHERE.workspace] === undefined || toWorkspace !== undefined
      ? []
      : [`Of a workspace that is gone they ${names.length > 0 ? other : again}.`]),
    ...(keptBack[NOWHERE.source] === undefined
      ? []
      : ['Of a source that is gone they go once the settings have a source of that name again.']),
    ...(keptBack[REMOVAL] === undefined
      ? []
      : [
          `Deletions and suppressions that became dead letters go by:${nextCommand('dead-letters retry', place)}`,
        ]),
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
