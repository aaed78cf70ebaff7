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
import { usageFailure } from '../failure';
import { startsCampaigns } from '../import/to-events';
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

export type Fate =
  | { readonly kind: 'not_meant' }
  | {
      readonly kind: 'sent';
      readonly source: Source;
      readonly text: string;
      readonly isAlreadyThere: boolean;
    }
  /** The same event from another workspace of its source. */
  | { readonly kind: 'sent_before'; readonly isAlreadyThere: boolean }
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

/** Of one reading of the archive: what several workspaces had, and goes to one of them, goes there once. */
export class Fates {
  private hour = '';
  /** What is sent, and whether it is there already. */
  private readonly sent = new Map<string, boolean>();

  constructor(private readonly rules: ReplayRules) {}

  of(line: ScannedLine): Fate {
    const fate = fateOf(line, this.rules);
    if (fate.kind !== 'sent' || this.rules.toWorkspace === undefined) return fate;
    const hour = line.source + line.receivedAt.slice(0, 13);
    if (hour !== this.hour) this.sent.clear();
    this.hour = hour;
    const name = JSON.stringify([line.receivedAt, line.messageId, line.type]);
    const before = this.sent.get(name);
    this.sent.set(name, before === true || fate.isAlreadyThere);
    return before === undefined
      ? fate
      : { kind: 'sent_before', isAlreadyThere: fate.isAlreadyThere && !before };
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
  return { kind: 'sent', source, text, isAlreadyThere };
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
