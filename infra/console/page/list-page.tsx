// A page with a list that can be searched: what Activity Log, People, Objects and Dead letters have in common.

import type { ComponentChildren } from 'preact';
import { ColumnHeads } from './column-heads';
import { count } from './format';
import { Missing, Panel } from './panel';
import { Problem } from './problem';
import { hrefHere, hrefOf, replaceRoute, route } from './route';

export interface ListPageProps<T> {
  readonly page: string;
  readonly title: string;
  readonly note: string;
  readonly columns: readonly string[];
  readonly items: readonly T[] | undefined;
  /** Where `items` are only some of them: how many there are. */
  readonly total?: number | undefined;
  /** How many there are in some of the items; default: one in each. */
  readonly numberIn?: (items: readonly T[]) => number;
  readonly problem: string;
  readonly keyOf: (item: T) => string;
  readonly cells: (item: T) => readonly ComponentChildren[];
  readonly empty: ComponentChildren;
  readonly detail: (item: T) => ComponentChildren;
  /** Why what the address names may not be there, and what to do. */
  readonly missing: string;
  /** Above the list. */
  readonly children?: ComponentChildren;
}

const matches = (item: unknown, query: string): boolean => {
  const text = JSON.stringify(item).toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
};

const MAX_SHOWN = 500;

export const ListPage = <T,>(props: ListPageProps<T>) => {
  const { page, title, note, columns, problem, keyOf, cells, empty, children } = props;
  const { open, query } = route.value;
  const q = query.get('q') ?? '';
  const items = props.items ?? [];
  const found = items.filter((item) => matches(item, q));
  const opened = items.find((item) => keyOf(item).toWellFormed() === open);
  const kept = { q, workspace: query.get('workspace') ?? '' };
  return (
    <div class={`split ${open === '' || props.items === undefined ? '' : 'is-open'}`}>
      <section class="main-part is-scrolled">
        <header class="bar">
          <div class="bar-line">
            <h1>{title}</h1>
            <span class="quiet">{numberWords(props, q === '' ? undefined : found)}</span>
            <input
              type="search"
              class="search"
              placeholder="Search   ( / )"
              aria-label={`Search ${title}`}
              value={q}
              onInput={({ currentTarget }) => replaceRoute(hrefHere({ q: currentTarget.value }))}
            />
          </div>
          <p class="note">{note}</p>
          {children}
        </header>
        <Problem text={problem} />
        {props.items !== undefined && found.length === 0 ? (
          <div class="empty is-plain">{q === '' ? empty : <p>Nothing is like that.</p>}</div>
        ) : (
          <table class="list">
            <ColumnHeads columns={columns} />
            <tbody>
              {found.slice(0, MAX_SHOWN).map((item) => (
                <tr key={keyOf(item)} class={item === opened ? 'is-selected' : ''}>
                  {cells(item).map((cell, index) => (
                    <td key={columns[index]} data-label={columns[index]}>
                      {index === 0 ? <a href={hrefOf(page, keyOf(item), kept)}>{cell}</a> : cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {found.length > MAX_SHOWN && (
          <p class="note">The first {MAX_SHOWN} are shown; search to find the others.</p>
        )}
      </section>
      <Opened {...props} opened={opened} open={open} closeHref={hrefOf(page, '', kept)} />
    </div>
  );
};

/** @param found undefined where nothing is searched for. */
const numberWords = <T,>(
  { items = [], total, numberIn = ({ length }) => length }: ListPageProps<T>,
  found: readonly T[] | undefined,
): string => {
  const all = count(total ?? numberIn(items));
  return found === undefined ? all : `${count(numberIn(found))} of ${all}`;
};

interface OpenedProps<T> extends ListPageProps<T> {
  readonly opened: T | undefined;
  readonly open: string;
  readonly closeHref: string;
}

const Opened = <T,>({ items, keyOf, detail, missing, opened, open, closeHref }: OpenedProps<T>) => {
  if (open === '' || items === undefined) return null;
  if (opened === undefined) return <Missing name={open} closeHref={closeHref} why={missing} />;
  return (
    <Panel label={keyOf(opened)} closeHref={closeHref}>
      {detail(opened)}
    </Panel>
  );
};
