// A long list of which only the rows in sight exist. All rows are of one height, so that a place follows from a number;
// the row at the top stays where it is when others come before it.

import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface VirtualRowsProps<T> {
  readonly items: readonly T[];
  readonly rowHeight: number;
  readonly keyOf: (item: T) => number;
  readonly render: (item: T) => ComponentChildren;
  readonly label: string;
  /** Drawn over the rows where there are none. */
  readonly empty: ComponentChildren;
  /** The row that must be in sight. */
  readonly selected: number | undefined;
}

const OVERSCAN = 8;

export const VirtualRows = <T,>(props: VirtualRowsProps<T>) => {
  const { items, rowHeight, keyOf, render, label, empty, selected } = props;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const first = Math.max(0, Math.floor(view.top / rowHeight) - OVERSCAN);
  const last = Math.min(items.length, Math.ceil((view.top + view.height) / rowHeight) + OVERSCAN);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = (): void => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);

  useKeptPlace(box, items, rowHeight, keyOf);
  useInSight(box, items, rowHeight, keyOf, selected);

  return (
    <div ref={box} class="rows">
      <ol class="rows-all" aria-label={label} style={{ height: `${items.length * rowHeight}px` }}>
        {items.slice(first, last).map((item, index) => (
          <li
            key={keyOf(item)}
            aria-setsize={items.length}
            aria-posinset={first + index + 1}
            style={{ transform: `translateY(${(first + index) * rowHeight}px)` }}
          >
            {render(item)}
          </li>
        ))}
      </ol>
      {items.length === 0 && <div class="empty">{empty}</div>}
    </div>
  );
};

type Box = { readonly current: HTMLDivElement | null };

/** At the top the newest rows come in; further down nothing moves. */
const useKeptPlace = <T,>(
  box: Box,
  items: readonly T[],
  rowHeight: number,
  keyOf: (item: T) => number,
): void => {
  const before = useRef<readonly T[]>(items);
  useLayoutEffect(() => {
    const element = box.current;
    const old = before.current;
    before.current = items;
    if (element === null || element.scrollTop < rowHeight || old === items) return;
    const top = old[Math.floor(element.scrollTop / rowHeight)];
    if (top === undefined) return;
    const moved = items.findIndex((item) => keyOf(item) === keyOf(top));
    if (moved === -1) return;
    element.scrollTop = moved * rowHeight + (element.scrollTop % rowHeight);
  }, [items]);
};

const useInSight = <T,>(
  box: Box,
  items: readonly T[],
  rowHeight: number,
  keyOf: (item: T) => number,
  selected: number | undefined,
): void => {
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || selected === undefined) return;
    const at = items.findIndex((item) => keyOf(item) === selected) * rowHeight;
    if (at < 0) return;
    if (at < element.scrollTop) element.scrollTop = at;
    const under = at + rowHeight - element.clientHeight;
    if (under > element.scrollTop) element.scrollTop = under;
  }, [selected]);
};
