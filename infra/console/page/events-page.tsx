// Every event that came to any door, newest first, its fate before all else. Search and fate stand in the address.

import { useEffect, useMemo } from 'preact/hooks';
import { type EventSummary, FATES, type Fate, type WorkspaceFate } from '../contract';
import { visible } from '../visible';
import { readId } from './event-id';
import { EventPanel } from './event-panel';
import type { EventSearch } from './event-rows';
import { FATE_WORDS, FateChip } from './fate';
import { clock, count, utc } from './format';
import { info } from './info';
import { isTyping } from './keys';
import { idOf, isConnected, revision, rows, run } from './live-events';
import { Missing } from './panel';
import { hrefOf, replaceRoute, route } from './route';
import { Select } from './select';
import { Text } from './text';
import { useDeepSearch } from './use-deep-search';
import { useMedia } from './use-media';
import { VirtualRows } from './virtual-rows';

const ALL = 'all sources';
const ROW_HEIGHT = 36;
const NARROW_ROW_HEIGHT = 62;

const isFate = (text: string | null): text is Fate => FATES.some((fate) => fate === text);

const searchOf = (query: URLSearchParams): EventSearch => {
  const fate = query.get('fate');
  return {
    q: query.get('q') ?? '',
    fate: isFate(fate) ? fate : undefined,
    source: query.get('source') ?? '',
  };
};

const isAll = ({ q, fate, source }: EventSearch): boolean => q === '' && fate === undefined && source === '';

const hrefFor = ({ q, fate, source }: EventSearch, open = ''): string =>
  hrefOf('events', open, { q, fate: fate ?? '', source });

export const EventsPage = () => {
  const { open, query } = route.value;
  const search = searchOf(query);
  const narrow = useMedia('(max-width: 760px)');
  const { q, fate, source } = search;
  const deep = useDeepSearch(q);
  const found = useMemo(() => rows.find(search, deep), [revision.value, q, fate, source, deep]);
  const id = readId(open);
  const selected = id !== undefined && id.run === run.value ? id.number : undefined;
  useArrows(found, selected, search);
  return (
    <div class={`split ${open === '' ? '' : 'is-open'}`}>
      <section class="main-part">
        <Bar search={search} found={found.length} />
        <div class="row head" aria-hidden="true">
          {['Fate', 'Time', 'Event', 'Person', 'Source', 'Why'].map((title) => (
            <span key={title}>{title}</span>
          ))}
        </div>
        <VirtualRows
          items={found}
          rowHeight={narrow ? NARROW_ROW_HEIGHT : ROW_HEIGHT}
          keyOf={({ number }) => number}
          label="Events, newest first"
          selected={selected}
          empty={<Empty search={search} />}
          render={(row) => <EventRow row={row} search={search} isOpen={row.number === selected} />}
        />
        <footer class="foot">
          <span>{keptWords()}</span>
          <span class="keys">
            <kbd>/</kbd> search <kbd>↑</kbd> <kbd>↓</kbd> open <kbd>Esc</kbd> close
          </span>
        </footer>
      </section>
      {id !== undefined && <EventPanel id={id} closeHref={hrefFor(search)} />}
      {open !== '' && id === undefined && <Missing name={open} closeHref={hrefFor(search)} why={NO_ID} />}
    </div>
  );
};

const NO_ID =
  'The address of an event has the start of the stack that it came in and its number there, as its row links to it. Search for its messageId, person or name.';

const MEGABYTE = 1_024 * 1_024;

const keptWords = (): string => {
  const { events = rows.capacity, bytes = Infinity } = info.value?.keeps ?? {};
  const most = bytes === Infinity ? '' : `, ${count(Math.round(bytes / MEGABYTE))} MB of them at most`;
  return `The newest ${count(events)} are kept, in memory${most}.`;
};

const Bar = ({ search, found }: { readonly search: EventSearch; readonly found: number }) => {
  const counts = rows.counts(search.source);
  const shown = isAll(search) ? '' : `${count(found)} of `;
  const sources = rows.sources();
  return (
    <header class="bar">
      <div class="bar-line">
        <h1>Events</h1>
        <span class="quiet" aria-live="polite">
          {shown}
          {count(rows.size)} {isConnected.value ? '' : '· not connected, trying again'}
        </span>
        <input
          type="search"
          class="search"
          placeholder="Search person, messageId, name, reason, time, text   ( / )"
          aria-label="Search events"
          value={search.q}
          onInput={({ currentTarget }) => replaceRoute(hrefFor({ ...search, q: currentTarget.value }))}
        />
      </div>
      <fieldset class="filters" aria-label="Fate">
        {FATES.map((fate) => (
          <button
            key={fate}
            type="button"
            class={`filter fate-${fate}`}
            aria-pressed={search.fate === fate}
            onClick={() =>
              replaceRoute(hrefFor({ ...search, fate: search.fate === fate ? undefined : fate }))
            }
          >
            {FATE_WORDS[fate]} <b>{count(counts.get(fate) ?? 0)}</b>
          </button>
        ))}
        {sources.length > 1 && (
          <Select
            label="Source"
            value={search.source || ALL}
            of={[ALL, ...sources]}
            onChange={(next) => replaceRoute(hrefFor({ ...search, source: next === ALL ? '' : next }))}
          />
        )}
      </fieldset>
    </header>
  );
};

interface EventRowProps {
  readonly row: EventSummary;
  readonly search: EventSearch;
  readonly isOpen: boolean;
}

const EventRow = ({ row, search, isOpen }: EventRowProps) => {
  const { fate, at, type, name, person, source, reason, detail, number } = row;
  return (
    <a
      class={`row fate-${fate} ${isOpen ? 'is-selected' : ''}`}
      href={isOpen ? hrefFor(search) : hrefFor(search, idOf(number))}
      aria-current={isOpen ? 'true' : undefined}
    >
      <span class="c-fate">
        <FateChip fate={fate} />
      </span>
      <span class="c-time" title={utc(at)}>
        {clock(at)}
      </span>
      <span class="c-event">
        <b>
          <Text of={type || '?'} />
        </b>{' '}
        <Text of={name} />
      </span>
      <span class="c-person">
        <Text of={person} />
      </span>
      <span class="c-source">
        <Text of={source} /> {row.door === 'http' ? '' : `· ${row.door}`}
      </span>
      <span class="c-why" title={visible(detail)}>
        {row.workspaces && <span class="quiet">{fatesOf(row.workspaces)}</span>}{' '}
        {reason && <code>{reason}</code>} <Text of={detail} />
        {fate === 'retried' && row.retryAt !== undefined && (
          <span class="quiet"> · again at {clock(row.retryAt)}</span>
        )}
      </span>
    </a>
  );
};

const fatesOf = (workspaces: readonly WorkspaceFate[]): string =>
  workspaces.map(({ name, fate }) => `${name} ${FATE_WORDS[fate]}`).join(' · ');

const Empty = ({ search }: { readonly search: EventSearch }) => {
  if (!isAll(search)) return <p>No event is like that.</p>;
  return (
    <>
      <p>
        <b>No event has come yet.</b>
      </p>
      <p>
        Send one from <a href="#/try">Try it</a>, or run <code>npm run demo</code>. It appears here at once.
      </p>
    </>
  );
};

/** How far a key moves, in rows. */
const MOVES: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  j: 1,
  ArrowUp: -1,
  k: -1,
  PageDown: 15,
  PageUp: -15,
};

const SCROLLING = /^(Arrow|Page)/;

const useArrows = (
  found: readonly EventSummary[],
  selected: number | undefined,
  search: EventSearch,
): void => {
  useEffect(() => {
    const handle = (event: KeyboardEvent): void => {
      if (isOfTheRows(event)) move(event, found, selected, search);
    };
    document.addEventListener('keydown', handle);
    return () => document.removeEventListener('keydown', handle);
  });
};

/** Keys of the browser's own are left to it, and those that scroll what is open. */
const isOfTheRows = ({ key, target, altKey, ctrlKey, metaKey }: KeyboardEvent): boolean => {
  if (altKey || ctrlKey || metaKey || isTyping(target)) return false;
  const isInPanel = target instanceof Element && target.closest('.panel') !== null;
  return !isInPanel || !SCROLLING.test(key);
};

const move = (
  event: KeyboardEvent,
  found: readonly EventSummary[],
  selected: number | undefined,
  search: EventSearch,
): void => {
  const by = MOVES[event.key];
  if (by === undefined) return;
  event.preventDefault();
  const at = found.findIndex(({ number }) => number === selected);
  const next = found[at === -1 ? 0 : Math.min(Math.max(at + by, 0), found.length - 1)];
  if (next !== undefined) replaceRoute(hrefFor(search, idOf(next.number)));
};
